"""Rows of one table as two values, so that all rows of a batch are inserted in one step.

A blob cannot stand in JSON: blobs lie one after the other in a value of their own, and in the rows
stands where each begins (from 1, as SQL counts) and how long it is.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder()


def pack(rows: Iterable[Iterable[object]]) -> tuple[str, bytes]:
    """Return `rows` as a JSON list of lists, and the blobs that they point into."""
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
    return to_json(packed), b"".join(blobs)


def to_json(value: object) -> str:
    """Return `value` as JSON text, for SQL to take apart."""
    return _ENCODER.encode(value).decode()
