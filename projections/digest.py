"""One number for all rows of a projection: equal tables, equal digest, on any database.

Each table has a statement `digest_<table>` that selects its rows in the order of their keys.
Columns that hold opened private values are not selected: erasing an opening changes no digest
(rules, X12).
"""

from __future__ import annotations

import hashlib

from projections.tables import Tables
from schemas import canonical


def digest(tables: Tables) -> str:
    """Return SHA-256 over all rows of a projection, as 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for table in tables.statements.tables:
        whole.update(canonical.encode([table]) + b"\n")
        for row in tables.connection.stream(tables.statements[f"digest_{table}"]):
            # Integers as text: amounts may be beyond what JSON readers keep exact.
            whole.update(canonical.encode([_text(value) for value in row]) + b"\n")
    return whole.hexdigest()


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"a table holds texts and integers alone [{type(value).__name__}]")
