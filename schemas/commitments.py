"""Salted commitments: what a signed text says about a private value without saying it.

A *commitment* is `{"commit": base64url(SHA-256(salt16 || canonical JSON value))}` and stands in
the signed bytes; its *opening* (pointer, salt, value) lies beside the log and can be erased
(contracts.md, section 1). Without the 16 random bytes of salt a short value could be guessed.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from schemas import canonical
from schemas.refusals import Malformed

SALT_BYTES: Final = 16
"""Bytes of salt: 128 bits, so that the value cannot be found by trying (contracts.md, 1)."""

# base64url of 32 bytes without padding: of the last digit two bits are over, and zero
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment: where it stands, its salt, its value.

    `pointer` (RFC 6901) begins at what was given as a whole: for a statement's openings its `data`,
    for an entry's its payload (`/data/prompt`, `/actor`).
    """

    pointer: str
    salt: bytes
    value: Any


def new_salt() -> bytes:
    """Return fresh random salt. For callers at the edge; nothing pure may ask for it."""
    return secrets.token_bytes(SALT_BYTES)


def commit(value: object, salt: bytes) -> dict[str, str]:
    """Return the commitment to `value` under `salt` (16 bytes)."""
    if len(salt) != SALT_BYTES:
        raise Malformed("value_unknown", f"a salt has {SALT_BYTES} bytes [{len(salt)}]")
    digest = hashlib.sha256(salt + canonical.encode(value)).digest()
    return {"commit": canonical.b64u(digest)}


def is_commit(value: object) -> TypeGuard[dict[str, str]]:
    """Tell whether `value` has the form of a commitment. An object with more members has not."""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and isinstance(text := value.get("commit"), str)
        and _DIGEST.fullmatch(text) is not None
    )


def open_commitment(commitment: object, opening: Opening) -> None:
    """Raise `Malformed("value_unknown")` unless `opening` opens `commitment`."""
    if not is_commit(commitment):
        raise Malformed("value_unknown", "there is no commitment", pointer=opening.pointer)
    expected = commit(opening.value, opening.salt)["commit"]
    if not hmac.compare_digest(expected.encode(), commitment["commit"].encode()):
        raise Malformed(
            "value_unknown", "salt and value give another hash", pointer=opening.pointer
        )


def find_commits(data: object) -> dict[str, str]:
    """Return all commitments within `data`: JSON pointer to base64url digest, in document order."""
    return dict(_walk(data, ""))


def check_openings(data: object, openings: Iterable[Opening]) -> None:
    """Raise unless every opening opens the commitment that stands at its pointer, each one once."""
    seen: set[str] = set()
    commits = find_commits(data)
    for opening in openings:
        if opening.pointer in seen:
            raise Malformed("value_unknown", "opened twice", pointer=opening.pointer)
        seen.add(opening.pointer)
        found = commits.get(opening.pointer)
        open_commitment({"commit": found}, opening)


def opened(data: Any, openings: Iterable[Opening]) -> Any:
    """Return a copy of `data` with the values in place of the commitments that are opened.

    Raises like `check_openings`. What nobody opened stays a commitment.
    """
    openings = tuple(openings)
    check_openings(data, openings)
    return _replace(data, "", {opening.pointer: opening.value for opening in openings})


def escape(token: str) -> str:
    """Return one reference token of a JSON pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def _children(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{pointer}/{escape(key)}", item
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield f"{pointer}/{number}", item


def _walk(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if is_commit(value):
        yield pointer, value["commit"]
        return
    for child, item in _children(value, pointer):
        yield from _walk(item, child)


def _replace(value: Any, pointer: str, values: dict[str, Any]) -> Any:
    if is_commit(value):
        return values.get(pointer, value)
    if isinstance(value, dict):
        return {k: _replace(v, f"{pointer}/{escape(k)}", values) for k, v in value.items()}
    if isinstance(value, list):
        return [_replace(v, f"{pointer}/{n}", values) for n, v in enumerate(value)]
    return value
