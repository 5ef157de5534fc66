"""Confirmed shares of one side of one asset, in every country and at every instant.

A share is a set of slices: so much, in these countries, in this half-open window. A confirmation
that reduces another share cuts its slices where the two meet, so no history is written over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

from ledger.rights.memo import Moment
from ledger.rights.states.base import changed, countries, put
from ledger.rights.view import Recorded
from schemas.events.shares import ShareConfirmed, ShareWithdrawn
from schemas.fractions import lowest_fraction
from schemas.period import LocalInstant
from schemas.territory import Territories

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
"""Where no beginning is named: shares may reach back (contracts, section 2)."""

END: Final = datetime.max.replace(tzinfo=UTC)
"""Where no end is named."""


@dataclass(frozen=True, slots=True)
class Slice:
    """So much of a side, in these countries, in [since, until)."""

    fraction: Fraction
    countries: frozenset[str]
    since: datetime = BEGINNING
    until: datetime = END

    def holds(self, country: str, moment: Moment) -> bool:
        """Tell whether the slice speaks about a country at an instant."""
        return self.since <= moment < self.until and country in self.countries

    def meets(self, other: Slice) -> bool:
        """Tell whether two slices have a country and an instant in common."""
        in_time = max(self.since, other.since) < min(self.until, other.until)
        return in_time and not self.countries.isdisjoint(other.countries)

    def less(self, other: Slice) -> Iterator[Slice]:
        """Yield what is left of this slice when the other's fraction is taken where they meet."""
        if not self.meets(other):
            yield self
            return
        since, until = max(self.since, other.since), min(self.until, other.until)
        if self.since < since:
            yield changed(self, until=since)
        if until < self.until:
            yield changed(self, since=until)
        inside = changed(self, since=since, until=until)
        if outside := self.countries - other.countries:
            yield changed(inside, countries=outside)
        both = self.countries & other.countries
        if left := self.fraction - other.fraction:
            yield changed(inside, countries=both, fraction=left)


@dataclass(frozen=True, slots=True)
class ShareHeld:
    """One confirmed share: whose, since which position, and its slices (never empty ones)."""

    share: str
    party: str
    position: int
    slices: tuple[Slice, ...]

    def covers_after(self, moment: datetime) -> bool:
        """Tell whether the share counts anywhere at an instant or later."""
        return any(part.until > moment for part in self.slices)


Shares = Mapping[str, ShareHeld]
"""The confirmed shares of one asset by share id."""


def slice_of(
    fraction: Fraction,
    territories: Territories,
    since: LocalInstant | None,
    until: LocalInstant | None,
) -> Slice:
    """Make the slice that a claim names."""
    return Slice(
        fraction,
        countries(territories),
        since.moment if since else BEGINNING,
        until.moment if until else END,
    )


def confirm(shares: Shares, recorded: Recorded, event: ShareConfirmed) -> Shares:
    """Add a confirmed share, and cut it out of the share that it reduces."""
    whole = slice_of(
        lowest_fraction(event.fraction),
        event.territories,
        event.effective_from,
        event.effective_until,
    )
    if event.reduced is not None:
        held = shares[event.reduced.share]
        left = tuple(part for old in held.slices for part in old.less(whole))
        shares = put(shares, held.share, changed(held, slices=left))
    held = ShareHeld(event.share, event.party, recorded.position, (whole,))
    return put(shares, event.share, held)


def withdraw(shares: Shares, recorded: Recorded, event: ShareWithdrawn) -> Shares:
    """End a confirmed share at the time of the withdrawal; what was before stays."""
    held = shares.get(event.share)
    if held is None:
        return shares
    ended = (changed(part, until=min(part.until, recorded.time)) for part in held.slices)
    left = tuple(part for part in ended if part.since < part.until)
    return put(shares, event.share, changed(held, slices=left))


def fractions_at(shares: Shares, country: str, moment: Moment) -> dict[str, Fraction]:
    """Return what each party holds in a country at an instant, in the order of party ids."""
    held: dict[str, Fraction] = {}
    for share in shares.values():
        for part in share.slices:
            if part.holds(country, moment):
                known = held.get(share.party)
                held[share.party] = part.fraction if known is None else known + part.fraction
    return dict(sorted(held.items())) if len(held) > 1 else held


def controllers_at(shares: Shares, moment: datetime) -> tuple[str, ...]:
    """Return who holds a confirmed share anywhere at an instant, in the order of party ids."""
    found = {
        share.party
        for share in shares.values()
        if any(part.since <= moment < part.until for part in share.slices)
    }
    return tuple(sorted(found))


def holds_share(shares: Shares, party: str, moment: datetime) -> bool:
    """Tell whether a party holds a confirmed share anywhere, at an instant or later."""
    return any(share.party == party and share.covers_after(moment) for share in shares.values())
