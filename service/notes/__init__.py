"""Proofs for people: one HTML page per output or royalty statement, which verifies itself offline.

A page holds the entries of the log that it speaks of, what it takes to check them, and the second
implementation (`service.verify`) that checks them in the reader's browser. It is opened from disk
and asks nobody anything. What it shows is drawn from the checked entries, never from beside them.
"""

from service.notes.pages import generation_page, output_page, statement_page

__all__ = ["generation_page", "output_page", "statement_page"]
