r"""Rows as lines of PostgreSQL's text format (its manual, COPY), without the line's end.

Tabs stand between the values, `\N` for nothing, a backslash before what a line cannot hold. A rule
that adds rows by the thousand writes them so itself: the server takes them as they are.
"""

from __future__ import annotations

import re
from typing import Final

NULL: Final = "\\N"
"""A value that is not there."""

_ESCAPED: Final = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
)
_MEANT: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


def written(value: object) -> str:
    """Return a value as it stands in a line. Raises `TypeError` unless a table can hold it."""
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if value is None:
        return NULL
    if type(value) is int:
        return str(value)
    raise TypeError(f"a table holds texts and integers alone [{type(value).__name__}]")


def values_in(line: str) -> list[str | None]:
    """Return the values in a line; numbers are texts still: the table knows which they are."""
    values: list[str | None] = list(line.split("\t"))
    if "\\" in line:
        values = [None if one == NULL else _meant(one or "") for one in values]
    return values


def _meant(text: str) -> str:
    return _ESCAPE.sub(lambda found: _MEANT.get(found[1], found[1]), text)
