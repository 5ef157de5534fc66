"""The generated part of the documentation: what the code says about itself, written down.

`make reference` writes JSON Schemas of everything on the wire and pages about commands, events,
their types and refusals; a test compares the committed files with what the code says today.
"""
