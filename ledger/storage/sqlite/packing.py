"""Rows of a batch as two values: one step of the database for all of them.

A blob cannot stand in JSON: blobs lie one after the other in a value of their own, and in the rows
stands where each begins (from 1, as SQL counts) and how long it is.
"""

import json
from collections.abc import Iterable


def pack(rows: Iterable[Iterable[object]]) -> dict[str, object]:
    """Return `rows` and `blobs` for a statement of `queries.sql`."""
    blobs: list[bytes] = []
    begin = 1
    packed = []
    for row in rows:
        cells: list[object] = []
        for value in row:
            if isinstance(value, bytes):
                blobs.append(value)
                cells.append((begin, len(value)))
                begin += len(value)
            else:
                cells.append(value)
        packed.append(cells)
    return {"rows": json.dumps(packed), "blobs": b"".join(blobs)}
