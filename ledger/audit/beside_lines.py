"""The lines of an export that say what lies beside its entries: position, statement, openings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from ledger.evidence.errors import EvidenceError
from schemas import canonical
from schemas.commitments import Opening
from schemas.refusals import Malformed

BESIDE: Final = "beside.jsonl"
"""The file of these lines."""

Beside = tuple[bytes | None, tuple[Opening, ...]]
"""The statement of an entry's command, if it is there, and the openings of the entry."""

NOTHING: Final[Beside] = (None, ())
"""What lies beside an entry of which there is no line."""


class _Opened(msgspec.Struct, forbid_unknown_fields=True):
    pointer: str
    salt: str
    value: Any


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    position: int
    statement: str | None
    openings: list[_Opened]


def read_beside(raw: bytes) -> dict[int, Beside]:
    """Return what some lines say, by position. Raises `EvidenceError` where one says nothing."""
    return dict(_each(raw.split(b"\n")))


def parse_line(text: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object of a line of a file."""
    try:
        found = msgspec.json.decode(text)
    except ValueError as error:
        raise EvidenceError(f"{name} holds no JSON where it must") from error
    if not isinstance(found, dict):
        raise EvidenceError(f"{name} holds no JSON object where it must")
    return found


def bytes_of(text: str) -> bytes:
    """Return what `canonical.unb64u` does, of kilobytes in a third of the time.

    Here msgspec decodes, which takes no other digit than those of its alphabet (RFC 4648, section
    4); so all that is left to compare is the last group, of which some bits may be over.
    """
    digits = text.encode().translate(_TO_STANDARD)
    try:
        raw = _BASE64.decode(b'"' + digits + b"=" * (-len(digits) % 4) + b'"')
    except ValueError:
        return canonical.unb64u(text)  # says why it is none
    left = len(raw) % 3
    if left and canonical.b64u(raw[-left:]) != text[-left - 1 :]:
        return canonical.unb64u(text)
    return raw


_LINE: Final = msgspec.json.Decoder(_Line)
_BASE64: Final = msgspec.json.Decoder(bytes)
# "-" to "+" and "_" to "/"; whatever is no digit becomes "!", which is none either
_TO_STANDARD: Final = bytearray(b"!" * 256)
for _url, _standard in zip(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    strict=True,
):
    _TO_STANDARD[_url] = _standard


def _each(lines: list[bytes]) -> Iterator[tuple[int, Beside]]:
    text, statement = None, None
    for line in lines:
        if not line:
            continue
        try:
            row = _LINE.decode(line)
            # The entries of one command come with the same statement, one after the other.
            if row.statement != text:
                statement = None if row.statement is None else bytes_of(row.statement)
                text = row.statement
            found = tuple(
                [
                    Opening(each.pointer, canonical.unb64u(each.salt), each.value)
                    for each in row.openings
                ]
            )
        except (ValueError, Malformed):
            told = parse_line(line, BESIDE)
            yield told["position"], _read(told)
        else:
            yield row.position, (statement, found)


def _read(row: dict[str, Any]) -> Beside:
    """Return what a line says that was written in another way, or say that it says nothing."""
    try:
        held = row["statement"]
        statement = None if held is None else canonical.unb64u(held)
        return statement, tuple(
            Opening(str(each["pointer"]), canonical.unb64u(each["salt"]), each["value"])
            for each in row["openings"]
        )
    except (KeyError, TypeError, AttributeError, Malformed) as error:
        raise EvidenceError(f"{BESIDE} holds what is neither statement nor opening") from error
