"""Salted commitments: what a signed text says about a private value without saying it.

A *commitment* is `{"commit": base64url(SHA-256(salt16 || canonical JSON value))}` and stands in
the signed bytes; its *opening* (pointer, salt, value) lies beside the log and can be erased
(contracts.md, section 1). Without the 16 random bytes of salt a short value could be guessed.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, TypeGuard

from schemas import canonical
from schemas.refusals import Malformed

SALT_BYTES: Final = 16
"""Bytes of salt: 128 bits, so that the value cannot be found by trying (contracts.md, 1)."""

# base64url of 32 bytes without padding: of the last digit two bits are over, and zero
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
# what stands in canonical JSON as it is: names, nearly always
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]*")
_PLACE: Final = re.compile(r"0|[1-9][0-9]{0,8}")  # an index of an array, as pointers write it


class Opening(NamedTuple):
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
    return {"commit": _digest(value, salt)}


def is_commit(value: object) -> TypeGuard[dict[str, str]]:
    """Tell whether `value` has the form of a commitment. An object with more members has not."""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and isinstance(text := value.get("commit"), str)
        and _DIGEST.fullmatch(text) is not None
    )


def opens(commitment: bytes | None, opening: Opening) -> bool:
    """Tell whether `opening` opens the commitment whose canonical bytes these are, at one look.

    Where it does not, or its value cannot be committed to, `check_openings` says why.
    """
    try:
        return commitment == b'{"commit":"%b"}' % _digest(opening.value, opening.salt).encode()
    except Malformed:
        return False


def open_commitment(commitment: object, opening: Opening) -> None:
    """Raise `Malformed("value_unknown")` unless `opening` opens `commitment`."""
    if not is_commit(commitment):
        raise Malformed("value_unknown", "there is no commitment", pointer=opening.pointer)
    expected = _digest(opening.value, opening.salt)
    if not hmac.compare_digest(expected.encode(), commitment["commit"].encode()):
        raise Malformed(
            "value_unknown", "salt and value give another hash", pointer=opening.pointer
        )


def find_commits(data: object) -> dict[str, str]:
    """Return all commitments within `data`: JSON pointer to base64url digest, in document order."""
    if is_commit(data):
        return {"": data["commit"]}
    found: dict[str, str] = {}
    _collect(data, [], found)
    return found


def check_openings(data: object, openings: Iterable[Opening]) -> None:
    """Raise unless every opening opens the commitment that stands at its pointer, each one once."""
    seen: set[str] = set()
    for opening in openings:
        if opening.pointer in seen:
            raise Malformed("value_unknown", "opened twice", pointer=opening.pointer)
        seen.add(opening.pointer)
        open_commitment(_resolve(data, opening.pointer), opening)


def opened(data: Any, openings: Iterable[Opening]) -> Any:
    """Return `data` with the values in place of the commitments that are opened.

    Raises like `check_openings`. What nobody opened stays a commitment. `data` is left as it is;
    what holds no opened commitment is shared with it, not copied.
    """
    openings = tuple(openings)
    check_openings(data, openings)
    return placed(data, openings)


def placed(data: Any, openings: Iterable[Opening]) -> Any:
    """Return the same where `check_openings` has let these openings pass: nothing is hashed."""
    places: dict[str, Any] = {}
    for opening in openings:
        if opening.pointer == "":
            return opening.value
        *way, last = opening.pointer[1:].split("/")
        place = places
        for token in way:
            place = place.setdefault(token, {})
        place[last] = opening
    return _graft(data, places) if places else data


def escape(token: str) -> str:
    """Return one reference token of a JSON pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def _digest(value: object, salt: bytes) -> str:
    if len(salt) != SALT_BYTES:
        raise Malformed("value_unknown", f"a salt has {SALT_BYTES} bytes [{len(salt)}]")
    if type(value) is str and _PLAIN.fullmatch(value):
        content = b'"%b"' % value.encode()
    else:
        content = canonical.encode(value)
    return canonical.b64u(hashlib.sha256(salt + content).digest())


def _unescape(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def _collect(value: object, way: list[str], found: dict[str, str]) -> None:
    """Add the commitments inside a container; a pointer is written only where one stands."""
    pairs: Iterable[tuple[object, object]] = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, item in pairs:
        if not isinstance(item, (dict, list)):
            continue
        way.append(str(key))
        if is_commit(item):
            found["".join(f"/{escape(token)}" for token in way)] = item["commit"]
        else:
            _collect(item, way, found)
        way.pop()


def _resolve(data: object, pointer: str) -> object:
    """Return what stands at a pointer written in its one form, or None where nothing does.

    What is inside a commitment is not reached: a commitment has no members.
    """
    value = data
    head, *tokens = pointer.split("/")
    if head:
        return None
    for token in tokens:
        if is_commit(value):
            return None
        if isinstance(value, dict):
            key = _unescape(token)
            value = value.get(key) if escape(key) == token else None
        elif isinstance(value, list):
            is_place = _PLACE.fullmatch(token) is not None and int(token) < len(value)
            value = value[int(token)] if is_place else None
        else:
            return None
    return value


def _graft(value: Any, places: dict[str, Any]) -> Any:
    """Return a container with the values of openings in their places, by reference token."""
    copy = dict(value) if isinstance(value, dict) else list(value)
    for token, inside in places.items():
        key: Any = _unescape(token) if isinstance(value, dict) else int(token)
        copy[key] = inside.value if isinstance(inside, Opening) else _graft(copy[key], inside)
    return copy
