"""Canonical JSON: one value, one byte string (RFC 8785), read and written strictly.

What is signed is bytes, so there must be no second way to write the same value. `parse` decodes,
encodes again and compares: duplicate keys, blanks, `1e2`, `-0`, escapes where none are needed and
text after the value all fail that one comparison, and nobody has to list them. On top of RFC 8785
floats are refused altogether (money and shares are strings), and integers beyond the safe range
of RFC 7493, section 2.2.

Nearly everything goes through msgspec (C), which writes strings exactly as RFC 8785, section
3.2.2.2, asks, and keys by code point. It need not be trusted with what is rare: text beyond U+CFFF,
whose keys the order of section 3.2.3 (UTF-16) might sort elsewhere, numbers of sixteen digits and
more take the slower way, as does whatever is not canonical, to be told why.
"""

import binascii
import json
import marshal
from typing import Any, Final, NoReturn

import msgspec
import rfc8785

from schemas.refusals import Malformed

INTEGER_MAX: Final = 2**53 - 1
"""Greatest magnitude of an integer: what every JSON reader holds exactly (RFC 7493, 2.2)."""

DEPTH_MAX: Final = 32
"""Containers inside one another. Our deepest command has eight; the rest is room."""

BYTES_MAX: Final = 262_144
"""Bytes of one value, unless the caller names another limit: four times the greatest entry."""

_DIGITS_MAX: Final = 17  # "-9007199254740991"; longer ones never reach int(), which is quadratic
_encode_fast = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,  # _check has bounded the depth before
    allow_nan=False,
    sort_keys=True,
    separators=(",", ":"),
).encode


def encode(value: object) -> bytes:
    """Return the canonical bytes of `value` (RFC 8785).

    `value` is made of dict (str keys), list, str, int, bool and None; anything else, a float or a
    lone surrogate included, raises `Malformed("not_canonical")`.
    """
    raw = _encode_plain(value)
    if raw is not None:
        return raw
    if not _check(value, 0):
        return _write(value)
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # _check has seen every type
    except (UnicodeEncodeError, rfc8785.CanonicalizationError) as error:
        raise Malformed("not_canonical", "text with a lone surrogate") from error


def encode_json(value: object) -> bytes:
    """Return what `encode` does for a value that is JSON by its making, in a third of the time.

    Of exact types, without a float: as a typed event writes itself. Not for what came from outside.
    A typed value inside stands for its fields, and `msgspec.Raw` for what it holds.
    """
    try:
        raw = _write_made(value)
    except UnicodeEncodeError as error:
        raise Malformed("not_canonical", "text with a lone surrogate") from error
    except RecursionError as error:
        raise Malformed("not_canonical", f"nested deeper than {DEPTH_MAX} levels") from error
    if _is_plain(raw) and (_has_few(raw) or _is_shallow(value)):
        return raw
    return encode(_read_fast(raw))


def encode_json_inside(value: object) -> bytes:
    """Return the same for a value that is to stand inside an object, one level deep."""
    return encode_json({"": value})[len(b'{"":') : -len(b"}")]


def parse(raw: bytes, *, bytes_max: int = BYTES_MAX) -> Any:
    """Return the value whose canonical form is exactly `raw`.

    Anything else raises `Malformed("not_canonical")`: invalid UTF-8, a byte order mark, duplicate
    keys, floats, integers beyond `INTEGER_MAX`, blanks, another key order, text after the value,
    more than `DEPTH_MAX` levels, more than `bytes_max` bytes.
    """
    if len(raw) > bytes_max:
        raise Malformed("not_canonical", f"longer than {bytes_max} bytes [{len(raw)}]")
    value = _parse_plain(raw)
    if value is not _NOTHING:
        return value
    try:
        value = _decode(raw.decode())
    except UnicodeDecodeError as error:
        raise Malformed("not_canonical", "not UTF-8") from error
    except RecursionError as error:
        raise Malformed("not_canonical", f"nested deeper than {DEPTH_MAX} levels") from error
    except json.JSONDecodeError as error:
        raise Malformed("not_canonical", f"not JSON [{error.msg}, {error.pos}]") from error
    _check(value, 0)
    if encode(value) != raw:
        raise Malformed("not_canonical", "not in canonical form (RFC 8785)")
    return value


def reread(raw: bytes) -> Any:
    """Return the value of bytes that `parse` has let pass before; nothing is compared again."""
    return _read_fast(raw)


def b64u(raw: bytes) -> str:
    """Return base64url without padding (RFC 4648, section 5), as everywhere in our JSON."""
    return binascii.b2a_base64(raw, newline=False).translate(_TO_URL, b"=").decode()


def reread_b64u(text: str) -> bytes:
    """Return the bytes of a text that `b64u` has written; nothing is compared again."""
    return binascii.a2b_base64(text.encode().translate(_FROM_URL) + b"==")


def unb64u(text: str) -> bytes:
    """Return the bytes that `b64u` writes as exactly `text`, else `Malformed("not_canonical")`.

    Python's decoder skips foreign characters and ignores stray low bits; writing again and
    comparing notices both, and the padding.
    """
    try:
        given = text.encode().translate(_FROM_URL)
        raw = binascii.a2b_base64(given + b"=" * (-len(given) % 4))
    except ValueError as error:
        raise Malformed("not_canonical", "not base64url") from error
    if b64u(raw) != text:
        raise Malformed("not_canonical", "not base64url without padding")
    return raw


def _write(value: object) -> bytes:
    try:
        return _encode_fast(value).encode()
    except UnicodeEncodeError as error:
        raise Malformed("not_canonical", "text with a lone surrogate") from error


def _refuse_float(literal: str) -> NoReturn:
    raise Malformed("not_canonical", f"floats are refused [{literal[:32]}]")


def _integer(literal: str) -> int:
    number = int(literal) if len(literal) <= _DIGITS_MAX else INTEGER_MAX + 1
    if not -INTEGER_MAX <= number <= INTEGER_MAX:
        raise Malformed("not_canonical", "integer beyond 2**53 - 1")
    return number


_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")
_NOTHING: Final = object()
_LONG: Final = (b":" + b"0" * 16, b":-" + b"0" * 16)
_ALIKE: Final = bytes.maketrans(b"123456789,[", b"000000000::")  # digits, and what they follow
_NO_OPENING: Final = bytes(set(range(256)) - set(b"{["))
_BEYOND_PLAIN: Final = bytes(range(0xED))  # UTF-8 of text up to U+CFFF has no other bytes
_decode = json.JSONDecoder(
    parse_float=_refuse_float, parse_int=_integer, parse_constant=_refuse_float
).decode
_read_fast = msgspec.json.Decoder(float_hook=_refuse_float).decode
_write_fast = msgspec.json.Encoder(order="sorted").encode
_write_made = msgspec.json.Encoder(order="sorted", enc_hook=vars).encode


def _parse_plain(raw: bytes) -> Any:
    """Return the value if it is canonical and has nothing rare in it, else `_NOTHING`."""
    if not _is_plain(raw):
        return _NOTHING
    try:
        value = _read_fast(raw)
        return value if _write_fast(value) == raw and _is_flat(raw, value) else _NOTHING
    except (msgspec.MsgspecError, ValueError, RecursionError, Malformed):
        return _NOTHING


def _encode_plain(value: object) -> bytes | None:
    """Return the canonical bytes of a value that reads back as itself, with nothing rare in it.

    What is no JSON does not read back as what it was; what looks like it (a member of an
    enumeration of texts, say) is told apart by `marshal`, which takes the exact types alone.
    """
    try:
        marshal.dumps(value)  # type: ignore[arg-type]  # that is what is asked
        raw = _write_fast(value)
        if _is_plain(raw) and _is_flat(raw, value) and _read_fast(raw) == value:
            return raw
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError, Malformed):
        pass
    return None


def _is_plain(raw: bytes) -> bool:
    """Tell whether there is no number of as many digits, and no text as far.

    Digits of a hash, as many as they are, follow a quotation mark or a letter, and are no number.
    """
    if not raw.isascii() and raw.translate(None, _BEYOND_PLAIN):
        return False
    alike = (b":" + raw).translate(_ALIKE)
    return not (_LONG[0] in alike or _LONG[1] in alike)


def _is_flat(raw: bytes, value: object) -> bool:
    """Tell whether a value has no more than `DEPTH_MAX` levels; few containers cannot have.

    What is empty holds no other, so all of it is at most one level more, the innermost.
    """
    if _has_few(raw) or _openings(raw) - raw.count(b"[]") - raw.count(b"{}") < DEPTH_MAX:
        return True
    return _is_shallow(value)


def _has_few(raw: bytes) -> bool:
    """Tell whether there are so few containers that all may stand inside one another."""
    return _openings(raw) <= DEPTH_MAX


def _openings(raw: bytes) -> int:
    """Count what begins a container. Such marks inside a text, which begin none, make it more."""
    return len(raw.translate(None, _NO_OPENING))


def _is_shallow(value: object) -> bool:
    """Tell the same of all dictionaries and lists, level by level; typed values are shallow."""
    level = [value]
    for _ in range(DEPTH_MAX + 1):
        holders = [item for item in level if isinstance(item, (dict, list))]
        if not holders:
            return True
        level = []
        for holder in holders:
            level += holder.values() if isinstance(holder, dict) else holder
    return False


def _check(value: object, depth: int) -> bool:
    """Refuse what has no canonical form here; say whether keys need the UTF-16 order."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return False
    if kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:  # type: ignore[operator]  # kind is int
            raise Malformed("not_canonical", "integer beyond 2**53 - 1")
        return False
    if depth >= DEPTH_MAX:
        raise Malformed("not_canonical", f"nested deeper than {DEPTH_MAX} levels")
    if isinstance(value, dict) and kind is dict:
        return _check_object(value, depth)
    if isinstance(value, list) and kind is list:
        special = False
        for item in value:
            special |= _check(item, depth + 1)
        return special
    raise Malformed("not_canonical", f"{kind.__name__} has no canonical form")


def _check_object(value: dict[object, object], depth: int) -> bool:
    special = False
    for key, item in value.items():
        if type(key) is not str:
            raise Malformed("not_canonical", "object keys must be text")
        special |= not key.isascii()
        special |= _check(item, depth + 1)
    return special
