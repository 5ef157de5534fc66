"""Countries that cannot be told apart: what is asked in one of them is answered for all.

A request may name two hundred countries, consents and shares seldom distinguish more than a few
groups of them; asking group by group keeps a decision short and its answer the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.rights.clearance_consents import PERFORMANCE, standings
from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_sides import Sides, share_countries
from ledger.rights.states.base import countries
from ledger.rights.states.recordings import RecordingState

Place = tuple[str, ...]
"""Countries, at least one, for which every share and every consent of a recording says the same."""


def places_of(
    facts: Facts, recording: RecordingState, sides: Sides, asked: Sequence[str]
) -> tuple[Place, ...]:
    """Divide the countries asked into places, in the order of their first country."""
    if len(asked) == 1:
        return (tuple(asked),)
    told_apart = share_countries(sides.assets, facts) | _consent_countries(facts, recording, sides)
    found: dict[tuple[bool, ...], list[str]] = {}
    for country in asked:
        found.setdefault(tuple(country in each for each in told_apart), []).append(country)
    return tuple(tuple(place) for place in found.values())


def _consent_countries(
    facts: Facts, recording: RecordingState, sides: Sides
) -> set[frozenset[str]]:
    spoken = [
        standing
        for asked in sides.assets
        for party in sorted({share.party for share in asked.asset.shares.values()})
        for standing in standings(facts, party, asked.asset, asked.capacities)
    ]
    spoken += [
        standing
        for performer in _performers(recording)
        for standing in standings(facts, performer, recording, PERFORMANCE)
    ]
    return {
        countries(row.words.consent.territories, row.words.territories_version) for row in spoken
    }


def _performers(recording: RecordingState) -> Iterable[str]:
    return [row.party for row in recording.vocals.performers] if recording.vocals else []
