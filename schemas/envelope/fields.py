"""The checks that payloads of statements and entries share. Each raises `Malformed`.

They repeat in a few patterns what `schemas.ids` and `schemas.period` say at length (tests compare
them), because every statement and every entry passes here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from schemas.refusals import Malformed

NAME_CHARACTERS_MAX: Final = 256
"""Characters of an id, an issuer or a ledger's origin: ten times what ours have."""

Check = Callable[[Any], None]
"""Raises `Malformed` where one member of a payload has not its form; its pointer is added later."""

_ORIGIN: Final = re.compile(r"[!-*,-~]+(?<!/)")  # ASCII without blank, control and "+"
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z")
_SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")
_TYPE_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]{2,63}")
_DIGIT: Final = "[0-9a-hjkmnp-tv-z]"
# A UUIDv7 in 26 Crockford digits: two bits of padding first; the version 0111 fills the eleventh
# digit but for one bit, the variant 10 stands inside the fourteenth (RFC 9562, section 5.7).
UUID7: Final = f"[0-7]{_DIGIT}{{9}}[ef]{_DIGIT}{{2}}[89abrstv]{_DIGIT}{{12}}"
"""What follows the prefix of an id, as a pattern."""

_MICRO_DIGITS: Final = len(".000000Z")


def check_name(value: object) -> None:
    """Require text of 1 to `NAME_CHARACTERS_MAX` printable characters."""
    if not (isinstance(value, str) and 0 < len(value) <= NAME_CHARACTERS_MAX):
        raise Malformed("value_unknown", f"text of 1 to {NAME_CHARACTERS_MAX} characters is due")
    if not value.isprintable():
        raise Malformed("value_unknown", "text with characters that cannot be printed")


def check_origin(value: object) -> None:
    """Require a C2SP origin: a URL's prefix without scheme, blank, "+" or final slash."""
    check_name(value)
    if _ORIGIN.fullmatch(str(value)) is None or "://" in str(value):
        raise Malformed("value_unknown", "not the origin of a ledger (C2SP tlog-checkpoint)")


def check_count(value: object) -> None:
    """Require an integer of at least zero that is no truth value."""
    if type(value) is not int or value < 0:
        raise Malformed("value_unknown", "an integer of at least 0 is due")


def check_ordinal(value: object) -> None:
    """Require an integer of at least one."""
    if type(value) is not int or value < 1:
        raise Malformed("value_unknown", "an integer of at least 1 is due")


def check_object(value: object) -> None:
    """Require a JSON object."""
    if not isinstance(value, dict):
        raise Malformed("value_unknown", "an object is due")


def check_type_name(value: object) -> None:
    """Require the name of a command or an event."""
    if not isinstance(value, str) or _TYPE_NAME.fullmatch(value) is None:
        raise Malformed("value_unknown", "not the name of a command or an event")


def check_sha256_hex(value: object) -> None:
    """Require a SHA-256 in lowercase hexadecimal digits."""
    if not isinstance(value, str) or _SHA256_HEX.fullmatch(value) is None:
        raise Malformed("value_unknown", "not a SHA-256 in hexadecimal digits")


def check_instant(value: object) -> None:
    """Require an instant in UTC, written with Z and none or six digits of the second (RFC 3339)."""
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        is_local = isinstance(value, str) and "T" in value and not value.endswith("Z")
        code = "timezone_required" if is_local else "value_unknown"
        raise Malformed(code, "an instant in UTC is due, as 2026-11-22T08:11:02Z")
    try:
        datetime.fromisoformat(value)
    except ValueError as error:  # 30 February, second 60
        raise Malformed("value_unknown", "there is no such day or time") from error


def is_instant(text: str) -> bool:
    """Tell whether there is such a day and time; the form was looked at before."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def check_instant_micro(value: object) -> None:
    """Require the same with six digits of the second: what the ledger writes."""
    check_instant(value)
    if "." not in str(value)[-_MICRO_DIGITS:]:
        raise Malformed("value_unknown", "an instant in microseconds is due")


def instant(text: str) -> datetime:
    """Return the instant that `check_instant` has let pass, in UTC."""
    return datetime.fromisoformat(text)  # of a Z it makes UTC


def check_id(prefix: str) -> Check:
    """Make the check for one kind of id: prefix and a UUIDv7 in 26 Crockford digits."""
    pattern = re.compile(f"{prefix}_{UUID7}")

    def check_one(value: object) -> None:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise Malformed("identifier_invalid", f"an id {prefix}_… is due")

    return check_one


def or_null(check_value: Check) -> Check:
    """Make the check that also takes null."""

    def check_one(value: object) -> None:
        if value is not None:
            check_value(value)

    return check_one


def check(payload: object, fields: Mapping[str, Check], *, pointer: str = "") -> dict[str, Any]:
    """Return `payload` if it has exactly the members of `fields`, each in its form.

    Raises `Malformed` with a pointer to the first that has not; `pointer` leads to `payload`.
    """
    if not isinstance(payload, dict):
        raise Malformed("value_unknown", "an object is due", pointer=pointer)
    if payload.keys() != fields.keys():
        for name in payload:
            if name not in fields:
                raise Malformed("value_unknown", "no such field", pointer=f"{pointer}/{name}")
    name = ""
    try:
        for name, check_value in fields.items():
            check_value(payload[name])
    except KeyError as error:
        where = f"{pointer}/{name}"
        raise Malformed("value_unknown", "the field is missing", pointer=where) from error
    except Malformed as error:
        raise Malformed(error.code, error.message, pointer=f"{pointer}/{name}") from error
    return payload
