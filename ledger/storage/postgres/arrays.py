"""Arrays of a batch in PostgreSQL's binary form, made without asking each value what it is.

The driver looks at every element; a batch of thirty commands has two thousand. Here a column is
texts, blobs or numbers because the statement says so. The form (array_recv in the server's source):
dimensions, whether there are NULLs, the element's type, then length and lower bound of the one
dimension, then each element after its length in bytes, -1 for NULL. Big-endian throughout.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any, Final

from psycopg import pq
from psycopg.adapt import AdaptersMap, Dumper

_TEXT, _BYTEA, _BIGINT, _INTEGER = 25, 17, 20, 23  # pg_type.dat
_HEAD: Final = struct.Struct(">iiIii")
_NONE: Final = struct.Struct(">iiI")
_NULL: Final = b"\xff\xff\xff\xff"


class Texts(bytes):
    """A `text[]`."""


class Blobs(bytes):
    """A `bytea[]`."""


class Bigints(bytes):
    """A `bigint[]`."""


class Integers(bytes):
    """An `integer[]`."""


def texts(values: Iterable[str | None]) -> Texts:
    """Return texts as one parameter."""
    raws = [None if value is None else value.encode() for value in values]
    return Texts(_varied(_TEXT, raws))


def blobs(values: Iterable[bytes]) -> Blobs:
    """Return byte strings as one parameter."""
    return Blobs(_varied(_BYTEA, list(values)))


def bigints(values: Iterable[int]) -> Bigints:
    """Return integers of 64 bits as one parameter."""
    return Bigints(_fixed(_BIGINT, "q", 8, list(values)))


def integers(values: Iterable[int]) -> Integers:
    """Return integers of 32 bits as one parameter."""
    return Integers(_fixed(_INTEGER, "i", 4, list(values)))


def register(adapters: AdaptersMap) -> None:
    """Let a connection send such parameters."""
    for dumper in (_TextsDumper, _BlobsDumper, _BigintsDumper, _IntegersDumper):
        adapters.register_dumper(dumper.kind, dumper)


class _PackedDumper(Dumper):
    format = pq.Format.BINARY
    kind: type[bytes]

    def dump(self, obj: Any) -> bytes:
        return bytes(obj)


class _TextsDumper(_PackedDumper):
    oid, kind = 1009, Texts


class _BlobsDumper(_PackedDumper):
    oid, kind = 1001, Blobs


class _BigintsDumper(_PackedDumper):
    oid, kind = 1016, Bigints


class _IntegersDumper(_PackedDumper):
    oid, kind = 1007, Integers


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


def _fixed(oid: int, code: str, width: int, values: Sequence[int]) -> bytes:
    if not values:
        return _NONE.pack(0, 0, oid)
    head = _HEAD.pack(1, 0, oid, len(values), 1)
    cells = chain.from_iterable(zip(repeat(width), values, strict=False))
    return head + struct.pack(f">{f'i{code}' * len(values)}", *cells)
