"""From the one text of our statements to what PostgreSQL and its driver read."""

from __future__ import annotations

import re
from functools import cache

from projections.sql import NAMED, bare


@cache
def translated(statement: str) -> str:
    """Return a statement with its values as the driver wants them: `:name` becomes `%(name)s`."""
    return NAMED.sub(r"%(\1)s", bare(statement).replace("%", "%%"))


def made(statement: str) -> str:
    """Return what makes a table, its texts sorted by their bytes: a digest is the same anywhere."""
    return re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', bare(statement))


def selected(statement: str) -> str:
    """Return a statement that takes no values as what stands in the parentheses of a COPY."""
    return bare(statement).removesuffix(";")
