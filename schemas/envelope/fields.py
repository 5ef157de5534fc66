"""The checks that payloads of statements and entries share. Each raises `Malformed`."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from schemas.refusals import Malformed

NAME_CHARACTERS_MAX: Final = 256
"""Characters of an id, an issuer or a ledger's origin: ten times what ours have."""

Check = Callable[[Any], bool]
"""Tells whether one member of a payload has its form."""

_ORIGIN: Final = re.compile(r"[!-*,-~]+(?<!/)")  # ASCII without blank, control and "+"
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
_INSTANT_MICRO: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")
_TYPE_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]{2,63}")
_UUID_BASE32: Final = r"_[0-7][0-9a-hjkmnp-tv-z]{25}"


def is_origin(value: object) -> bool:
    """Tell a C2SP origin: a URL's prefix without scheme, blank, "+" or final slash."""
    return is_name(value) and _ORIGIN.fullmatch(str(value)) is not None and "://" not in str(value)


def is_name(value: object) -> bool:
    """Tell text of 1 to `NAME_CHARACTERS_MAX` printable characters."""
    return isinstance(value, str) and 0 < len(value) <= NAME_CHARACTERS_MAX and value.isprintable()


def is_name_or_null(value: object) -> bool:
    """Tell the same, or null."""
    return value is None or is_name(value)


def is_id(prefix: str) -> Check:
    """Make the check for one kind of id: prefix and a UUID in 26 Crockford digits."""
    pattern = re.compile(prefix + _UUID_BASE32)
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def is_count(value: object) -> bool:
    """Tell an integer of at least zero that is no truth value."""
    return type(value) is int and value >= 0


def is_ordinal(value: object) -> bool:
    """Tell an integer of at least one."""
    return type(value) is int and value >= 1


def is_ordinal_or_null(value: object) -> bool:
    """Tell the same, or null."""
    return value is None or is_ordinal(value)


def is_object(value: object) -> bool:
    """Tell a JSON object."""
    return isinstance(value, dict)


def is_type_name(value: object) -> bool:
    """Tell the name of a command or an event."""
    return isinstance(value, str) and _TYPE_NAME.fullmatch(value) is not None


def is_sha256_hex(value: object) -> bool:
    """Tell a SHA-256 in lowercase hexadecimal digits."""
    return isinstance(value, str) and _SHA256_HEX.fullmatch(value) is not None


def is_instant(value: object) -> bool:
    """Tell an instant in UTC (RFC 3339), written with Z and up to six digits of a second."""
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None and _exists(value)


def is_instant_micro(value: object) -> bool:
    """Tell the same with exactly six digits: what the ledger writes."""
    return isinstance(value, str) and _INSTANT_MICRO.fullmatch(value) is not None and _exists(value)


def instant(text: str) -> datetime:
    """Return the instant that `is_instant` has accepted, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def check(payload: object, fields: Mapping[str, Check]) -> dict[str, Any]:
    """Return `payload` if it has exactly the members of `fields`, each in its form.

    Raises `Malformed("value_unknown")` with a pointer to the first that has not.
    """
    if not isinstance(payload, dict):
        raise Malformed("value_unknown", "the payload is not an object")
    for name in payload:
        if name not in fields:
            raise Malformed("value_unknown", "no such field", pointer=f"/{name}")
    for name, is_valid in fields.items():
        if name not in payload:
            raise Malformed("value_unknown", "the field is missing", pointer=f"/{name}")
        if not is_valid(payload[name]):
            raise Malformed("value_unknown", "the field has not its form", pointer=f"/{name}")
    return payload


def _exists(text: str) -> bool:
    """Tell whether there is such a day and time; 30 February and second 60 are none."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
