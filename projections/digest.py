"""One number for all rows of a projection: equal tables, equal digest, on any database.

Each table has a statement `digest_<table>` that selects its rows in the order of their keys.
Columns that hold opened private values are not selected: erasing an opening changes no digest
(rules, X12). Hashed are the lines in which PostgreSQL writes these rows; they come from the server
as they are, and a file's are written the same.
"""

from __future__ import annotations

import hashlib

from projections.tables import Tables


class Digest:
    """SHA-256 over the rows of tables, in the order in which they are added."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()

    def add(self, tables: Tables, table: str) -> None:
        """Add the rows of one table, named without its prefix."""
        # No row is written so: names have no backslash, and a line never begins with this one.
        self._whole.update(b"\\. " + table.encode() + b"\n")
        for lines in tables.connection.lines(tables.statements[f"digest_{table}"]):
            self._whole.update(lines)

    def hexdigest(self) -> str:
        """Return the digest of what was added, as 64 hexadecimal digits."""
        return self._whole.hexdigest()


def digest(tables: Tables) -> str:
    """Return the digest of all rows of a projection, its tables in the order of the schema."""
    found = Digest()
    for table in tables.statements.tables:
        found.add(tables, table)
    return found.hexdigest()
