"""Ids: a prefix that says what, `_`, and a UUIDv7 in 26 lowercase Crockford base32 digits.

Source: RFC 9562 section 5.7 (UUIDv7); Crockford base32 (no i, l, o, u). 26 digits hold 130 bits,
so the first digit is 0 to 7.
"""

import os
import re
import secrets
import time
import uuid
from datetime import datetime
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator

from schemas.refusals import Malformed
from schemas.values import TriedFirst, coded

PREFIXES = MappingProxyType(
    {
        "pty": "party",
        "rec": "recording",
        "wrk": "work",
        "rel": "release",
        "cns": "consent",
        "mnd": "mandate",
        "shr": "share",
        "trn": "transfer",
        "tar": "tariff",
        "dea": "deal",
        "mod": "model",
        "key": "key",
        "ses": "session",
        "ver": "verification",
        "gen": "generation",
        "out": "output",
        "cmd": "command",
        "evt": "event",
        "rst": "royalty statement",
        "pay": "payout",
        "dsp": "dispute",
        "lnk": "link of a recording to a work",
        "crd": "credit of a contributor",
    }
)
"""Every prefix and what it names."""

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {digit: value for value, digit in enumerate(_DIGITS)}
_PAIRS = tuple(first + second for first in _DIGITS for second in _DIGITS)
_SHIFTS = tuple(range(120, -1, -10))
_BODY = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_VERSION_7 = 7
_BYTE_DIGITS = (_DIGITS * 8).encode()
"""A digit for each byte: five random bits of eight."""
_CHANCE_BYTES = 13
_CHANCES = 256
_chances: list[str] = []
# A child would go on to give what its parent gives.
os.register_at_fork(after_in_child=_chances.clear)

# The same in one pattern: of a UUIDv7 in 26 digits the version 0111 fills the eleventh but for one
# bit, and the variant 10 stands inside the fourteenth (RFC 9562, section 5.7).
_DIGIT = "[0-9a-hjkmnp-tv-z]"
_UUID_7 = f"[0-7]{_DIGIT}{{9}}[ef]{_DIGIT}{{2}}[89abrstv]{_DIGIT}{{12}}"
_SHAPES = MappingProxyType({prefix: re.compile(f"{prefix}_{_UUID_7}") for prefix in PREFIXES})


def new_id(prefix: str) -> str:
    """Make an id from the clock and fresh randomness: at the edge only, never in a decision."""
    if prefix not in PREFIXES:
        raise AssertionError(f"no such prefix [{prefix}]")
    ms, ns = divmod(time.time_ns(), 1_000_000)
    # The 12 bits after the version hold the fraction of the millisecond (RFC 9562, 6.2 method 3),
    # so ids made by one process sort as they were made, as far as its clock allows.
    fraction = ns * 4096 // 1_000_000
    try:
        chance = _chances.pop()
    except IndexError:
        # Many at once: each question lets go of the interpreter, and waits to have it back.
        fresh = secrets.token_bytes(_CHANCE_BYTES * _CHANCES).translate(_BYTE_DIGITS).decode()
        chance, *more = (
            fresh[at : at + _CHANCE_BYTES] for at in range(0, len(fresh), _CHANCE_BYTES)
        )
        _chances.extend(more)
    # Straight to digits; see `_UUID_7` for what stands where. Of the first random one two bits.
    version = _VERSION_7 << 1 | fraction >> 11
    variant = (fraction & 1) << 4 | 0b10 << 2 | _VALUE[chance[0]] & 0b11
    middle = f"{_DIGITS[version]}{_PAIRS[fraction >> 1 & 1023]}{_DIGITS[variant]}"
    return f"{prefix}_{_time_digits(ms)}{middle}{chance[1:]}"


@lru_cache(maxsize=16)  # many are made within a millisecond
def _time_digits(ms: int) -> str:
    """Return the first ten of 26 digits: two bits of padding and the 48 bits of the millisecond."""
    return "".join([_PAIRS[ms >> shift & 1023] for shift in (40, 30, 20, 10, 0)])


def id_of(prefix: str, value: uuid.UUID) -> str:
    """Write a UUIDv7 as an id."""
    number = value.int
    pairs = "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
    return check_id(f"{prefix}_{pairs}", prefix)


def digits_at(instant: datetime) -> str:
    """Return how the digits of ids begin that are made at an instant: they sort as they are made.

    As `new_id` writes the millisecond.
    """
    return _time_digits(int(instant.timestamp() * 1000))


def uuid_of(id: str) -> uuid.UUID:  # noqa: A002  # an id is what it is
    """Give the UUID inside an id, whatever its prefix. Raises `Malformed("identifier_invalid")`."""
    prefix, _, body = id.partition("_")
    if prefix not in PREFIXES or not _BODY.fullmatch(body):
        raise Malformed("identifier_invalid", f"not an id: {id[:64]!r}")
    number = 0
    for digit in body:
        number = number * 32 + _VALUE[digit]
    value = uuid.UUID(int=number)
    if value.version != _VERSION_7 or value.variant != uuid.RFC_4122:
        raise Malformed("identifier_invalid", f"not a UUIDv7 inside: {id!r}")
    return value


def check_id(value: str, prefix: str) -> str:
    """Return the id if it is well formed and of this kind; `identifier_invalid` otherwise."""
    shape = _SHAPES.get(prefix)
    if shape is None:
        raise AssertionError(f"no such prefix [{prefix}]")
    if shape.fullmatch(value):
        return value
    uuid_of(value)  # says what is wrong with it
    if not value.startswith(prefix + "_"):
        raise Malformed(
            "identifier_invalid", f"the id of a {PREFIXES[prefix]} was expected: {value!r}"
        )
    return value


def _kind(prefix: str) -> AfterValidator:
    """Make the validator of one kind of id."""
    return coded(
        partial(check_id, prefix=prefix),
        rf"^{prefix}_{_BODY.pattern}$",
        exact=rf"^{_SHAPES[prefix].pattern}$",
    )


# One type for each kind of id; `PREFIXES` says what each names.
PartyId = Annotated[str, _kind("pty")]
RecordingId = Annotated[str, _kind("rec")]
WorkId = Annotated[str, _kind("wrk")]
ReleaseId = Annotated[str, _kind("rel")]
ConsentId = Annotated[str, _kind("cns")]
MandateId = Annotated[str, _kind("mnd")]
ShareId = Annotated[str, _kind("shr")]
TransferId = Annotated[str, _kind("trn")]
TariffId = Annotated[str, _kind("tar")]
DealId = Annotated[str, _kind("dea")]
ModelId = Annotated[str, _kind("mod")]
KeyId = Annotated[str, _kind("key")]
SessionId = Annotated[str, _kind("ses")]
VerificationId = Annotated[str, _kind("ver")]
GenerationId = Annotated[str, _kind("gen")]
OutputId = Annotated[str, _kind("out")]
CommandId = Annotated[str, _kind("cmd")]
EventId = Annotated[str, _kind("evt")]
StatementId = Annotated[str, _kind("rst")]
PayoutId = Annotated[str, _kind("pay")]
DisputeId = Annotated[str, _kind("dsp")]
LinkId = Annotated[str, _kind("lnk")]
CreditId = Annotated[str, _kind("crd")]
RecordingOrWork = Annotated[RecordingId | WorkId, TriedFirst(rf"^(?:rec|wrk)_{_UUID_7}$")]
