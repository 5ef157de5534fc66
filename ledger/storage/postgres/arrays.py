"""Values of a batch in PostgreSQL's binary form, made without asking each what it is.

The driver looks at every element; a batch of thirty commands has two thousand. Here a column is
texts, blobs or numbers because the statement says so. An array (array_recv in the server's source)
is dimensions, whether there are NULLs, the element's type, then length and lower bound of the one
dimension, then each element after its length in bytes, -1 for NULL. Big-endian throughout.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

_TEXT, _BYTEA, _BIGINT, _INTEGER = 25, 17, 20, 23  # pg_type.dat
_HEAD: Final = struct.Struct(">iiIii")
_NONE: Final = struct.Struct(">iiI")
_ONE: Final = struct.Struct(">q")
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_WORD: Final = array("I").itemsize
_NULL: Final = b"\xff\xff\xff\xff"

FEW: Final = 8
"""Numbers of a column that are written one after the other, which is faster up to some fifteen.

A lone command has ten columns of numbers, most of them with one.
"""


def texts(values: Iterable[str | None]) -> bytes:
    """Return texts as one parameter."""
    raws = [None if value is None else value.encode() for value in values]
    return _varied(_TEXT, raws)


def blobs(values: Iterable[bytes | None]) -> bytes:
    """Return byte strings as one parameter."""
    return _varied(_BYTEA, list(values))


def bigints(values: Collection[int]) -> bytes:
    """Return integers of 64 bits as one parameter."""
    return _few(_BIGINT, "q", values) if len(values) <= FEW else _many(_BIGINT, array("q", values))


def integers(values: Collection[int]) -> bytes:
    """Return integers of 32 bits as one parameter."""
    return (
        _few(_INTEGER, "i", values) if len(values) <= FEW else _many(_INTEGER, array("i", values))
    )


def bigint(value: int) -> bytes:
    """Return one integer of 64 bits."""
    return _ONE.pack(value)


def instant(value: datetime) -> bytes:
    """Return a `timestamptz`: microseconds since the year 2000, leap seconds not counted."""
    return _ONE.pack((value - _EPOCH) // _MICROSECOND)


def _varied(oid: int, raws: Sequence[bytes | None]) -> bytes:
    if not raws:
        return _NONE.pack(0, 0, oid)
    parts = [_HEAD.pack(1, None in raws, oid, len(raws), 1)]
    for raw in raws:
        if raw is None:
            parts.append(_NULL)
        else:
            parts.append(len(raw).to_bytes(4, "big"))
            parts.append(raw)
    return b"".join(parts)


def _few(oid: int, code: str, values: Collection[int]) -> bytes:
    """Write one number after the other; `code` is their type to `struct`."""
    if not values:
        return _NONE.pack(0, 0, oid)
    line, width = _line(code, len(values))
    cells = [cell for value in values for cell in (width, value)]
    return line.pack(1, 0, oid, len(values), 1, *cells)


@cache
def _line(code: str, count: int) -> tuple[struct.Struct, int]:
    """Return what writes a column of so many numbers, and how wide each is."""
    return struct.Struct(f"{_HEAD.format}{count * f'i{code}'}"), struct.calcsize(f">{code}")


def _many(oid: int, values: array[int]) -> bytes:
    """Set the length before each number, four bytes at a time, a column of all at once."""
    if sys.byteorder == "little":
        values.byteswap()
    words, width = array("I", values.tobytes()), values.itemsize
    each = width // _WORD
    cells = array("I", bytes(len(values) * (_WORD + width)))
    cells[:: each + 1] = array("I", width.to_bytes(_WORD, "big")) * len(values)
    for at in range(each):
        cells[at + 1 :: each + 1] = words[at::each]
    return _HEAD.pack(1, 0, oid, len(values), 1) + cells.tobytes()
