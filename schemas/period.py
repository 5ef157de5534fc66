"""Time: UTC instants, and what a person meant by a local time (contracts section 2).

An instant is RFC 3339 text in UTC ending in `Z`, with none or six decimals of the second. Texts do
not sort; compare the datetimes. All intervals are half-open.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Final

from pydantic import ValidationInfo, model_validator

from schemas.refusals import Malformed
from schemas.values import Value, coded, fault, parse
from schemas.zones import candidates, first_moment, zone_of

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z")
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?")
_OFFSET = re.compile(r".*T.*[+-][0-9]{2}:?[0-9]{2}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])")
_MONTHS_A_YEAR: Final = 12


def parse_instant(text: str) -> datetime:
    """Read an instant as an aware datetime in UTC.

    Raises `Malformed`: `timezone_required` where UTC's `Z` is missing, else `value_unknown`.
    """
    if not _INSTANT.fullmatch(text):
        if _LOCAL.fullmatch(text) or _OFFSET.fullmatch(text):
            raise Malformed(
                "timezone_required", f"an instant is in UTC and ends in Z: {text[:40]!r}"
            )
        raise Malformed("value_unknown", f"not an instant: {text[:40]!r}")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("value_unknown", f"no such day or time: {text!r}") from error


def format_instant(moment: datetime) -> str:
    """Write an aware datetime: six decimals of the second, or none where they are zero."""
    if moment.tzinfo is None:
        raise AssertionError(f"an instant has a zone [{moment}]")
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return text + "Z"


def _instant(text: str) -> str:
    parse_instant(text)
    return text


Instant = Annotated[str, coded(_instant, f"^{_INSTANT.pattern}$")]
"""RFC 3339 in UTC with `Z`; `parse_instant` gives the datetime."""


def parse_local(text: str) -> datetime:
    """Read a local time without a zone. Raises `Malformed("value_unknown")`."""
    try:
        if _LOCAL.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise Malformed("value_unknown", f"not a local time: {text[:40]!r}")


class LocalInstant(Value):
    """An instant with the local time and the zone in which somebody meant it.

    The instant binds. On arrival it must be what the zone says: `local_time_nonexistent` in a gap,
    `local_time_ambiguous` in a fold without an instant, `instant_mismatch` otherwise. What comes
    from the log (`parse(..., recorded=True)`) is not asked again: zone rules change, history not.
    """

    ON_ARRIVAL: ClassVar[bool] = True

    instant: Instant
    local: str
    zone: str

    @model_validator(mode="before")
    @classmethod
    def _on_arrival(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict):
            return data
        given, local, zone = data.get("instant"), data.get("local"), data.get("zone")
        if (info.context or {}).get("recorded") and given is not None:
            return data
        # What is neither text nor absent is left to the field types to name.
        if not isinstance(local, str) or not all(
            each is None or isinstance(each, str) for each in (given, zone)
        ):
            return data
        try:
            return data | {"instant": _settle(local, zone, given)}
        except Malformed as error:
            raise fault(error) from error

    @property
    def moment(self) -> datetime:
        """The instant as a datetime: what all comparisons use."""
        return parse_instant(self.instant)


def _settle(local: str, zone: str | None, given: str | None) -> str:
    """Give the instant that a local time means, which must be the one given, if one is."""
    if not zone:
        raise Malformed("timezone_required", f"{local[:40]!r} needs its time zone")
    found = candidates(parse_local(local), zone)
    if not found:
        raise Malformed("local_time_nonexistent", f"the clocks in {zone} skip {local}")
    if given is None:
        if len(found) > 1:
            either = " or ".join(format_instant(moment) for moment in found)
            raise Malformed("local_time_ambiguous", f"{local} in {zone} is {either}")
        return format_instant(found[0])
    if parse_instant(given) not in found:
        raise Malformed("instant_mismatch", f"{local} in {zone} is not {given}")
    return given


def local_instant(local: str, zone: str | None, instant: str | None = None) -> LocalInstant:
    """Make a local instant as it is checked on arrival; the instant may be left out."""
    return parse(LocalInstant, {"instant": instant, "local": local, "zone": zone})


def at_zone(moment: datetime, zone: str) -> LocalInstant:
    """Say an instant in the local time of a zone."""
    try:
        local = moment.astimezone(zone_of(zone)).replace(tzinfo=None)
    except OverflowError as error:
        raise Malformed("value_unknown", f"too far away [{moment}]") from error
    return local_instant(local.isoformat(), zone, format_instant(moment))


def from_date_begin(day: str, zone: str) -> LocalInstant:
    """Read a date where a beginning is meant: that day's first moment in the zone."""
    return at_zone(first_moment(_day(day), zone), zone)


def from_date_end(day: str, zone: str) -> LocalInstant:
    """Read a date where an end is meant: the first moment of the day after, exclusive."""
    return at_zone(first_moment(_day(day, plus_days=1), zone), zone)


def _day(text: str, *, plus_days: int = 0) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text) + timedelta(days=plus_days)
    except (ValueError, OverflowError):
        pass
    raise Malformed("value_unknown", f"not a date: {text[:40]!r}")


def _month(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise Malformed("value_unknown", f"not a month: {text[:40]!r}")
    return text


Month = Annotated[str, coded(_month, f"^{_MONTH.pattern}$")]
"""A month of royalty statements, `"2026-11"`, in UTC."""


def month_of(moment: datetime) -> str:
    """Name the month in which an instant lies, in UTC."""
    moment = moment.astimezone(UTC)
    return f"{moment.year:04}-{moment.month:02}"


def month_begin(month: str) -> datetime:
    """Give the first instant of a month in UTC."""
    return datetime.fromisoformat(f"{_month(month)}-01T00:00:00+00:00")


def month_end(month: str) -> datetime:
    """Give the first instant after a month in UTC."""
    return add_months(month_begin(month), 1)


def add_months(moment: datetime, count: int) -> datetime:
    """Give the same day and time so many calendar months later, at most that month's last day."""
    index = moment.year * _MONTHS_A_YEAR + moment.month - 1 + count
    first = moment.replace(year=index // _MONTHS_A_YEAR, month=index % _MONTHS_A_YEAR + 1, day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first.replace(day=min(moment.day, (following - timedelta(days=1)).day))


def months(first: str, last: str) -> tuple[str, ...]:
    """List the months from the first to the last, both included; none if they are reversed."""
    found, month = [], month_begin(first)
    while month <= month_begin(last):
        found.append(month_of(month))
        month = add_months(month, 1)
    return tuple(found)
