"""One number for all rows of a projection: equal tables, equal digest, on any database.

Each table has a statement `digest_<table>` that selects its rows in the order of their keys.
Columns that hold opened private values are not selected: erasing an opening changes no digest
(rules, X12). Hashed are the lines in which PostgreSQL writes these rows; they come from the server
as they are, and a file's are written the same.
"""

from __future__ import annotations

import hashlib

from projections.tables import Tables


def digest(tables: Tables) -> str:
    """Return SHA-256 over all rows of a projection, its tables in the order of the schema.

    As 64 hexadecimal digits.
    """
    whole = hashlib.sha256()
    for table in tables.statements.tables:
        # No row is written so: names have no backslash, and a line never begins with this one.
        whole.update(b"\\. " + table.encode() + b"\n")
        for lines in tables.connection.lines(tables.statements[f"digest_{table}"]):
            whole.update(lines)
    return whole.hexdigest()
