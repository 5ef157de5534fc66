"""From the one text of our statements to what PostgreSQL and its driver read."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from projections.sql import NAMED

_KEY: Final = re.compile(r",\s*PRIMARY KEY \(([^()]*)\)")
_KEY_OF_COLUMN: Final = re.compile(r"^(\s*)(\w+)([^,\n]*?) PRIMARY KEY", re.MULTILINE)
_COMMENT: Final = re.compile(r"--.*")


@cache
def translated(statement: str) -> str:
    """Return a statement with its values as the driver wants them: `:name` becomes `%(name)s`."""
    return NAMED.sub(r"%(\1)s", _COMMENT.sub("", statement).replace("%", "%%"))


def made(statement: str) -> str:
    """Return what makes a table, its texts sorted by their bytes: a digest is the same anywhere."""
    return re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', _COMMENT.sub("", statement))


def selected(statement: str) -> str:
    """Return a statement that takes no values as what stands in the parentheses of a COPY."""
    return _COMMENT.sub("", statement).strip().removesuffix(";")


def without_key(statement: str) -> tuple[str, str | None]:
    """Return what makes a table without its primary key, and the key's columns, if it has one."""
    if found := _KEY.search(statement):
        return _KEY.sub("", statement), found[1]
    if found := _KEY_OF_COLUMN.search(statement):
        return _KEY_OF_COLUMN.sub(r"\1\2\3", statement), found[2]
    return statement, None
