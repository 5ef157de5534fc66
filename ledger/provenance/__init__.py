"""Provenance: what a file says about itself, compared with what was authorized, as a verdict.

`prescan` and `reading` open files (c2pa in a guarded process of its own); `match` and `verdict` are
pure and open nothing.
"""
