"""Whether the words of one consent permit the whole use of one row for one asset in one country.

A consent either permits all that a row asks of an asset, or it brings every clause that fails, in
the order of refusals: clauses of different consents never combine (contracts, section 6;
clearance, 1, 12, 13).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from ledger.rights.states.base import countries
from schemas.fractions import parse_fraction
from schemas.lists import Channel, Module, Parameter, Purpose, Tier, Use
from schemas.money import Money
from schemas.refusals import REFUSALS
from schemas.terms import Consent

RANK = {code: rank for rank, code in enumerate(REFUSALS)}
"""The place of each code in the order of refusals; smaller comes first."""


@dataclass(frozen=True, slots=True)
class WholeUse:
    """What one row asks of one asset in one country: all of it together, of one consent.

    `copied`: the row's role reproduces the sound itself. `modules`: what the model feeds with
    references, at least the generator. `weight`: of the whole recording, its rows added.
    """

    use: Use
    parameters: tuple[Parameter, ...]
    copied: bool
    model: str
    modules: tuple[Module, ...]
    tier: Tier
    purpose: Purpose
    channel: Channel
    country: str
    weight: Fraction
    at: datetime

    def of_performer(self) -> WholeUse:
        """Return the same as it is asked of a performer: of parameters, voice alone."""
        return replace(self, parameters=("voice",))


@dataclass(frozen=True, slots=True)
class Failing:
    """A clause that fails: the code, the consent's field, and of a list the values at fault."""

    code: str
    clause: str
    values: tuple[str, ...] = ()


def failing(words: Consent, asked: WholeUse, *, territories_version: str) -> tuple[Failing, ...]:
    """Return all clauses of a consent that do not permit the use; none means it permits.

    `territories_version` is the table recorded with the consent: later tables change no consent.
    """
    found = (
        *_of_model(words, asked),
        *_of_use(words, asked),
        *_of_output(words, asked),
        *_of_place_and_time(words, asked, territories_version),
        *_of_weight(words, asked),
    )
    return tuple(sorted(found, key=lambda row: (RANK[row.code], row.clause)))


def floor_of(words: Consent, tier: Tier) -> Money | None:
    """Return the least that the grantor's own part must bring at this tier, if it is above zero."""
    floor = words.floors.get(tier)
    return floor if floor is not None and floor.micro() > 0 else None


def _of_model(words: Consent, asked: WholeUse) -> Iterator[Failing]:
    if words.models != "all" and asked.model not in words.models:
        yield Failing("model_not_permitted", "models", (asked.model,))
    if missing := tuple(module for module in asked.modules if module not in words.modules):
        yield Failing("model_not_permitted", "modules", missing)


def _of_use(words: Consent, asked: WholeUse) -> Iterator[Failing]:
    if asked.use not in words.uses:
        yield Failing("level_not_permitted", "uses", (asked.use,))
    granted = words.parameters
    if granted != "all" and (missing := tuple(p for p in asked.parameters if p not in granted)):
        yield Failing("parameter_not_permitted", "parameters", missing)
    if asked.copied and not words.reproduction:
        yield Failing("reproduction_not_permitted", "reproduction")


def _of_output(words: Consent, asked: WholeUse) -> Iterator[Failing]:
    if words.purposes != "all" and asked.purpose not in words.purposes:
        yield Failing("purpose_not_permitted", "purposes", (asked.purpose,))
    if asked.tier not in words.tiers:
        yield Failing("tier_not_permitted", "tiers", (asked.tier,))
    if words.channels != "all" and asked.channel not in words.channels:
        yield Failing("channel_not_permitted", "channels", (asked.channel,))


def _of_place_and_time(words: Consent, asked: WholeUse, version: str) -> Iterator[Failing]:
    if asked.country not in countries(words.territories, version):
        yield Failing("territory_not_cleared", "territories", (asked.country,))
    if words.effective_from is not None and asked.at < words.effective_from.moment:
        yield Failing("outside_window", "effective_from")
    if words.effective_until is not None and asked.at >= words.effective_until.moment:
        yield Failing("outside_window", "effective_until")


def _of_weight(words: Consent, asked: WholeUse) -> Iterator[Failing]:
    least = words.minimum_weight
    if least is not None and asked.weight < parse_fraction(least):
        yield Failing("weight_below_minimum", "minimum_weight")
