"""The two sides of a recording: its assets, who controls them where, and what part each has.

A side clears in a country only if its confirmed shares there sum to exactly 1; claims neither
count nor lower (clearance, 7, 8, 20).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from ledger.rights.clearance_consents import MASTER, PUBLISHING, Asset
from ledger.rights.clearance_facts import Facts
from ledger.rights.states.recordings import LinkHeld, RecordingState
from ledger.rights.states.shares import fractions_at
from ledger.rights.states.works import WorkState
from schemas.lists import Capacity, Side

_HALF = Fraction(1, 2)
_WHOLE = Fraction(1)


class AssetAsked(NamedTuple):
    """One asset that must say yes. `part` is its exact part of what its recording earns."""

    side: Side
    asset: Asset
    part: Fraction

    @property
    def capacities(self) -> frozenset[Capacity]:
        """The capacities in which a controller speaks for it."""
        return MASTER if self.side == "master" else PUBLISHING


class Sides(NamedTuple):
    """The assets of a recording. `gap` says why its publishing side cannot clear, if it cannot.

    `works` are all that are linked, also those in the public domain, in the order of their ids.
    """

    assets: tuple[AssetAsked, ...]
    works: tuple[WorkState, ...]
    gap: str | None


def sides_of(facts: Facts, recording: RecordingState) -> Sides:
    """Return the assets that a recording's use asks, with the part of each.

    Half each, unless every linked work is in the public domain: then all goes to the master.
    """
    links = [recording.links[work] for work in sorted(recording.links)]
    states = {link.work: facts.work(link.work) for link in links}
    protected = [link for link in links if not states[link.work].public_domain]
    gap = None if links else "works"
    parts = _divided(_HALF, protected)
    publishing = tuple(
        [AssetAsked("publishing", states[work], part) for work, part in parts.items()]
    )
    master = AssetAsked("master", recording, _HALF if protected or gap else _WHOLE)
    return Sides((master, *publishing), tuple(states.values()), gap)


def controllers(asked: AssetAsked, country: str, facts: Facts) -> Mapping[str, Fraction]:
    """Return each controller's confirmed share of an asset in a country, by party id."""
    return fractions_at(asked.asset.shares, country, facts.at)


def is_whole(held: Mapping[str, Fraction]) -> bool:
    """Tell whether confirmed shares sum to exactly 1."""
    if len(held) == 1:  # as a rule: nothing is added
        return 1 in held.values()
    return sum(held.values(), Fraction(0)) == 1


def share_countries(assets: Iterable[AssetAsked], facts: Facts) -> set[frozenset[str]]:
    """Return the sets of countries in which confirmed shares are held now."""
    return {
        part.countries
        for asked in assets
        for share in asked.asset.shares.values()
        for part in share.slices
        if part.since <= facts.at < part.until
    }


def _divided(side: Fraction, protected: list[LinkHeld]) -> Mapping[str, Fraction]:
    """Return each protected work's part of what the publishing side earns.

    Links carry fractions all or none of them (then equal; who confirms them sees to it), divided
    by the sum over those whose work is protected.
    """
    if len(protected) == 1:  # as a rule: nothing is divided
        return {protected[0].work: side}
    weights = {link.work: link.fraction or _WHOLE for link in protected}
    total = sum(weights.values(), Fraction(0))
    return {work: side * weight / total for work, weight in weights.items()}
