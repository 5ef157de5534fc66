"""How C2SP formats write bytes and numbers (padded base64, plain decimals), and JSON."""

import base64
import binascii
from typing import Any

from ledger.evidence.errors import EvidenceError


def encode(raw: bytes) -> str:
    """Return the base64 text of `raw`."""
    return binascii.b2a_base64(raw, newline=False).decode()


def decode(text: str, length: int | None = None) -> bytes:
    """Return the bytes that `encode` writes as exactly `text`, `length` of them where given.

    Python's decoder skips foreign characters unless told, and stray low bits always; writing
    again and comparing notices both.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise EvidenceError(f"not base64 [{text[:80]!r}]") from error
    if encode(raw) != text:
        raise EvidenceError(f"not the one form of base64 [{text[:80]!r}]")
    if length is not None and len(raw) != length:
        raise EvidenceError(f"{len(raw)} bytes instead of {length} [{text[:80]!r}]")
    return raw


def decimal(text: str) -> int:
    """Return a count written in ASCII decimal: no sign, no leading zero, below 2**63."""
    # int() alone would take "+1", "0_1", " 1" and the digits of other scripts.
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(2**63 - 1)):
        raise EvidenceError(f"not a decimal number [{text[:80]!r}]")
    number = int(text)
    if str(number) != text or number >= 2**63:
        raise EvidenceError(f"not a decimal number without leading zero [{text[:80]!r}]")
    return number


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members; one that has a name twice says two things to two readers."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise EvidenceError("an object has a key twice")
    return found
