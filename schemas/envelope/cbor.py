"""The part of CBOR that COSE headers need, read and written in one form only (RFC 8949, 4.2.1).

Integers, byte and text strings, arrays, maps, tags, false, true, null. The reader takes only
definite lengths and shortest heads, so that whatever it accepts encodes to the same bytes again;
duplicate keys, floats, bignums, indefinite lengths and trailing bytes have no way in. A general
decoder understands far more than we sign (shared references, dates, decimals), and more than two
readers agree on; this one is small enough to be read whole. Map order is kept as received: order
alone never makes a foreign statement invalid.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from schemas.refusals import Malformed

DEPTH_MAX: Final = 16
"""Containers inside one another; a receipt's headers need four."""

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_SIMPLE_VALUES: Final[dict[int, bool | None]] = {20: False, 21: True, 22: None}
_SHORTEST: Final = {24: (1, 24), 25: (2, 1 << 8), 26: (4, 1 << 16), 27: (8, 1 << 32)}


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under a tag (RFC 8949, section 3.4)."""

    tag: int
    value: Any


@lru_cache(maxsize=4096)  # the lengths of what is signed are few
def head(major: int, argument: int) -> bytes:
    """Return the shortest head of `major` type with `argument`, 0 to 2**64 - 1 (RFC 8949, 3)."""
    lead = major << 5
    if argument < 24:  # noqa: PLR2004 - RFC 8949, section 3: values below 24 sit in the first byte
        return bytes((lead | argument,))
    for additional, (width, least) in reversed(_SHORTEST.items()):
        if argument >= least:
            return bytes((lead | additional,)) + argument.to_bytes(width, "big")
    raise AssertionError(argument)


def encode(value: object) -> bytes:
    """Return the deterministic encoding of `value`, map keys in bytewise order (RFC 8949, 4.2.1).

    Not `cbor2.dumps(..., canonical=True)`, which sorts the shorter key first (RFC 7049).
    """
    write = _WRITERS.get(type(value))
    if write is None:
        raise TypeError(f"{type(value).__name__} is not written here")
    return write(value)


def _encode_text(value: str) -> bytes:
    raw = value.encode()
    return head(_TEXT, len(raw)) + raw


def _encode_array(value: Sequence[object]) -> bytes:
    return head(_ARRAY, len(value)) + b"".join(map(encode, value))


def _encode_map(value: dict[object, object]) -> bytes:
    pairs = sorted((encode(key), encode(item)) for key, item in value.items())
    return head(_MAP, len(pairs)) + b"".join(key + item for key, item in pairs)


_WRITERS: Final[dict[type, Callable[[Any], bytes]]] = {
    type(None): lambda _: b"\xf6",
    bool: lambda value: b"\xf5" if value else b"\xf4",
    int: lambda value: head(_UINT, value) if value >= 0 else head(_NINT, -1 - value),
    bytes: lambda value: head(_BYTES, len(value)) + value,
    str: _encode_text,
    list: _encode_array,
    tuple: _encode_array,
    dict: _encode_map,
    Tagged: lambda value: head(_TAG, value.tag) + encode(value.value),
}


def decode(raw: bytes) -> Any:
    """Return the one value that `raw` encodes, else raise `Malformed("not_canonical")`."""
    value, end = _read(raw, 0, 0)
    if end != len(raw):
        raise Malformed("not_canonical", f"bytes after the CBOR value [{len(raw) - end}]")
    return value


def _read_head(raw: bytes, at: int) -> tuple[int, int, int]:
    """Return major type, argument and the place after the head."""
    if at >= len(raw):
        raise Malformed("not_canonical", "CBOR ends early")
    major, additional = raw[at] >> 5, raw[at] & 31
    at += 1
    if additional < 24:  # noqa: PLR2004 - as in head()
        return major, additional, at
    if additional not in _SHORTEST:
        raise Malformed("not_canonical", "indefinite length or reserved head in CBOR")
    width, least = _SHORTEST[additional]
    argument = int.from_bytes(raw[at : at + width], "big")
    if at + width > len(raw):
        raise Malformed("not_canonical", "CBOR ends early")
    if major == _SIMPLE:
        raise Malformed("not_canonical", "floats and other simple values are refused in CBOR")
    if argument < least:
        raise Malformed("not_canonical", "a CBOR head is longer than it needs to be")
    return major, argument, at + width


def _read(raw: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Read the value at `at`; return it and the place after it."""
    major, argument, at = _read_head(raw, at)
    if major in {_UINT, _NINT}:
        return (argument if major == _UINT else -1 - argument), at
    if major in {_BYTES, _TEXT}:
        return _read_string(raw, at, argument, is_text=major == _TEXT)
    if major == _SIMPLE:
        if argument not in _SIMPLE_VALUES:
            raise Malformed("not_canonical", "floats and other simple values are refused in CBOR")
        return _SIMPLE_VALUES[argument], at
    if depth >= DEPTH_MAX:
        raise Malformed("not_canonical", f"CBOR nested deeper than {DEPTH_MAX} levels")
    if major == _ARRAY:
        return _read_array(raw, at, argument, depth)
    if major == _MAP:
        return _read_map(raw, at, argument, depth)
    value, at = _read(raw, at, depth + 1)
    return Tagged(argument, value), at


def _read_array(raw: bytes, at: int, length: int, depth: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(length):  # ends at the end of raw, whatever the head promised
        item, at = _read(raw, at, depth + 1)
        items.append(item)
    return items, at


def _read_string(raw: bytes, at: int, length: int, *, is_text: bool) -> tuple[bytes | str, int]:
    end = at + length
    if end > len(raw):
        raise Malformed("not_canonical", "CBOR ends early")
    if not is_text:
        return raw[at:end], end
    try:
        return raw[at:end].decode(), end
    except UnicodeDecodeError as error:
        raise Malformed("not_canonical", "CBOR text is not UTF-8") from error


def _read_map(raw: bytes, at: int, length: int, depth: int) -> tuple[dict[Any, Any], int]:
    items: dict[Any, Any] = {}
    for _ in range(length):
        key, at = _read(raw, at, depth + 1)
        if type(key) not in {int, str}:  # COSE labels (RFC 9052, 1.5); also: True == 1 in a dict
            raise Malformed("not_canonical", "a CBOR label is an integer or text")
        if key in items:
            raise Malformed("not_canonical", f"duplicate CBOR label [{key}]")
        items[key], at = _read(raw, at, depth + 1)
    return items, at
