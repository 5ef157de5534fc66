"""The examples of the API: a story told over HTTP, its bodies recorded and made comparable.

`python -m service.examples` writes them; a test tells the story again and compares.
"""
