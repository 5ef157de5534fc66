"""One number for all rows of a projection: equal tables, equal digest, on any database.

Each table has a statement `digest_<table>` that selects its rows in the order of their keys.
Columns that hold opened private values are not selected: erasing an opening changes no digest
(rules, X12).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from projections.tables import Tables
from schemas import canonical

AT_ONCE: Final = 1_000
"""Rows that are hashed at once."""

_line: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Writes a list of texts and nulls as `canonical.encode` does, which looks at each again."""


def digest(tables: Tables) -> str:
    """Return SHA-256 over all rows of a projection, as 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for table in tables.statements.tables:
        whole.update(canonical.encode([table]) + b"\n")
        for lines in _lines(tables, table):
            whole.update("".join(lines).encode())
    return whole.hexdigest()


def _lines(tables: Tables, table: str) -> Iterator[list[str]]:
    """Yield the rows of a table as lines of JSON, so many at once."""
    lines: list[str] = []
    for row in tables.connection.stream(tables.statements[f"digest_{table}"]):
        # Integers as text: amounts may be beyond what JSON readers keep exact.
        lines.append(_line([_text(value) for value in row]) + "\n")
        if len(lines) == AT_ONCE:
            yield lines
            lines = []
    yield lines


def _text(value: object) -> str | None:
    kind = type(value)
    if kind is str or value is None:
        return value  # type: ignore[return-value]  # kind is str
    if kind is int:
        return str(value)
    raise TypeError(f"a table holds texts and integers alone [{kind.__name__}]")
