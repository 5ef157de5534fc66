"""What the clocks of a zone say, from the pinned IANA rules and from nothing else.

The rules come from the `tzdata` package and not from the machine, so every machine that runs one
release gives one answer. Source: IANA Time Zone Database, RFC 9557 for the names.
"""

import functools
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from importlib.metadata import version
from typing import Final
from zoneinfo import ZoneInfo

from schemas.refusals import Malformed

ZONES_VERSION: Final = version("tzdata")
"""Which rules are in use."""

_DAY = timedelta(days=1)


@functools.cache
def zone_names() -> frozenset[str]:
    """List every name of a zone."""
    text = resources.files("tzdata").joinpath("zones").read_text("ascii")
    return frozenset(text.split())


@functools.cache
def zone_of(name: str) -> ZoneInfo:
    """Load a zone. Raises `Malformed("value_unknown")` for a name that there is not."""
    if name not in zone_names():
        raise Malformed("value_unknown", f"not a time zone of the IANA database: {name[:40]!r}")
    path = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


def candidates(local: datetime, zone: str) -> tuple[datetime, ...]:
    """List the instants (UTC) at which clocks show this: one, none in a gap, two in a fold."""
    rules = zone_of(zone)
    try:
        both = {local.replace(tzinfo=rules, fold=fold).astimezone(UTC) for fold in (0, 1)}
        shown = (m for m in both if m.astimezone(rules).replace(tzinfo=None, fold=0) == local)
        return tuple(sorted(shown))
    except OverflowError as error:
        raise Malformed("value_unknown", f"too far away [{local}]") from error


def first_moment(day: date, zone: str) -> datetime:
    """Give the instant (UTC) at which a day begins in a zone.

    Midnight, or the end of the gap where clocks skip midnight (Beirut, Santiago), or the first of
    two midnights (Havana).
    """
    midnight = datetime.combine(day, time())
    if found := candidates(midnight, zone):
        return found[0]
    rules = zone_of(zone)
    # Local time only grows around a gap, so the first instant past midnight is found by halving.
    before = int((midnight.replace(tzinfo=UTC) - _DAY).timestamp())
    after = int((midnight.replace(tzinfo=UTC) + _DAY).timestamp())
    while after - before > 1:
        middle = (before + after) // 2
        shown = datetime.fromtimestamp(middle, rules).replace(tzinfo=None)
        before, after = (before, middle) if shown >= midnight else (middle, after)
    return datetime.fromtimestamp(after, UTC)
