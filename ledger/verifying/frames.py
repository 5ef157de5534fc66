"""What goes to the process that verifies, and what comes back.

A list is its number, how many rows it has, and how many bytes follow; each row three lengths, then
key, signature and message. An answer is the number of the list, and a byte for each row: 1 where
its signature verifies, else 0. Numbers and lengths have four bytes, big-endian; after the greatest
number comes 0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from schemas.envelope.keys import Signed

READY: Final = b"r"
"""What the process says when it can be asked."""

_NUMBERS: Final = 1 << 32
_THREE: Final = struct.Struct(">III")
_ONE: Final = struct.Struct(">I")


def asked(number: int, signed: Sequence[Signed]) -> bytes:
    """Return a list as it is sent."""
    parts: list[bytes] = []
    for public, signature, message in signed:
        lengths = _THREE.pack(len(public), len(signature), len(message))
        parts += (lengths, public, signature, message)
    body = b"".join(parts)
    return _THREE.pack(number % _NUMBERS, len(signed), len(body)) + body


def lists(stream: BinaryIO) -> Iterator[tuple[int, list[Signed]]]:
    """Yield the lists that come, each with its number, until the other end is closed."""
    while len(head := stream.read(_THREE.size)) == _THREE.size:
        number, rows, length = _THREE.unpack(head)
        body = stream.read(length)
        if len(body) < length:
            return  # whoever asked has gone
        yield number, list(_rows(rows, body))


def _rows(rows: int, body: bytes) -> Iterator[Signed]:
    at = 0
    for _ in range(rows):
        ends = []
        at, lengths = at + _THREE.size, _THREE.unpack_from(body, at)
        for length in lengths:
            ends.append(body[at : at + length])
            at += length
        yield Signed(*ends)


def answer(number: int, found: Iterable[bool]) -> bytes:
    """Return the answer to a list as it is sent."""
    return _ONE.pack(number % _NUMBERS) + bytes(found)


def answer_bytes(rows: int) -> int:
    """Return how many bytes the answer to a list has."""
    return _ONE.size + rows


def read_answer(said: bytes, number: int, rows: int) -> list[bool] | None:
    """Return an answer to this list; None where it is none, or one to another."""
    found = said[_ONE.size :]
    if (
        said[: _ONE.size] != _ONE.pack(number % _NUMBERS)
        or len(found) != rows
        or set(found) - {0, 1}
    ):
        return None
    return [one == 1 for one in found]
