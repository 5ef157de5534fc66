"""Whether the words of one consent permit the whole use of one row for one asset in one country.

A consent either permits all that a row asks of an asset, or it brings every clause that fails, in
the order of refusals: clauses of different consents never combine (contracts, section 6;
clearance, 1, 12, 13).
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.rights.memo import Moment, Weight
from ledger.rights.states.base import countries
from schemas.fractions import parse_fraction
from schemas.lists import Channel, Module, Parameter, Purpose, Tier, Use
from schemas.money import Money
from schemas.refusals import REFUSALS
from schemas.terms import Consent

RANK = {code: rank for rank, code in enumerate(REFUSALS)}
"""The place of each code in the order of refusals; smaller comes first."""


class WholeUse(NamedTuple):
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
    weight: Weight
    at: Moment

    def of_performer(self) -> WholeUse:
        """Return the same as it is asked of a performer: of parameters, voice alone."""
        return self._replace(parameters=("voice",))


class Failing(NamedTuple):
    """A clause that fails: the code, the consent's field, and of a list the values at fault."""

    code: str
    clause: str
    values: tuple[str, ...] = ()


def failing(words: Consent, asked: WholeUse, *, territories_version: str) -> tuple[Failing, ...]:
    """Return all clauses of a consent that do not permit the use; none means it permits.

    `territories_version` is the table recorded with the consent: later tables change no consent.
    In the order of refusals, and of one code in that of the clauses' names.
    """
    found = [
        _models(words, asked),
        _modules(words, asked),
        _uses(words, asked),
        _parameters(words, asked),
        _reproduction(words, asked),
        _purposes(words, asked),
        _tiers(words, asked),
        _channels(words, asked),
        _territories(words, asked, territories_version),
        _effective_from(words, asked),
        _effective_until(words, asked),
        _minimum_weight(words, asked),
    ]
    return tuple([clause for clause in found if clause is not None])


def floor_of(words: Consent, tier: Tier) -> Money | None:
    """Return the least that the grantor's own part must bring at this tier, if it is above zero."""
    floor = words.floors.get(tier)
    return floor if floor is not None and floor.micro() > 0 else None


def _models(words: Consent, asked: WholeUse) -> Failing | None:
    if words.models == "all" or asked.model in words.models:
        return None
    return Failing("model_not_permitted", "models", (asked.model,))


def _modules(words: Consent, asked: WholeUse) -> Failing | None:
    missing = tuple([module for module in asked.modules if module not in words.modules])
    return Failing("model_not_permitted", "modules", missing) if missing else None


def _uses(words: Consent, asked: WholeUse) -> Failing | None:
    if asked.use in words.uses:
        return None
    return Failing("level_not_permitted", "uses", (asked.use,))


def _parameters(words: Consent, asked: WholeUse) -> Failing | None:
    granted = words.parameters
    if granted == "all" or not asked.parameters:
        return None
    missing = tuple(parameter for parameter in asked.parameters if parameter not in granted)
    return Failing("parameter_not_permitted", "parameters", missing) if missing else None


def _reproduction(words: Consent, asked: WholeUse) -> Failing | None:
    if words.reproduction or not asked.copied:
        return None
    return Failing("reproduction_not_permitted", "reproduction")


def _purposes(words: Consent, asked: WholeUse) -> Failing | None:
    if words.purposes == "all" or asked.purpose in words.purposes:
        return None
    return Failing("purpose_not_permitted", "purposes", (asked.purpose,))


def _tiers(words: Consent, asked: WholeUse) -> Failing | None:
    if asked.tier in words.tiers:
        return None
    return Failing("tier_not_permitted", "tiers", (asked.tier,))


def _channels(words: Consent, asked: WholeUse) -> Failing | None:
    if words.channels == "all" or asked.channel in words.channels:
        return None
    return Failing("channel_not_permitted", "channels", (asked.channel,))


def _territories(words: Consent, asked: WholeUse, version: str) -> Failing | None:
    if asked.country in countries(words.territories, version):
        return None
    return Failing("territory_not_cleared", "territories", (asked.country,))


def _effective_from(words: Consent, asked: WholeUse) -> Failing | None:
    if words.effective_from is None or asked.at >= words.effective_from.moment:
        return None
    return Failing("outside_window", "effective_from")


def _effective_until(words: Consent, asked: WholeUse) -> Failing | None:
    if words.effective_until is None or asked.at < words.effective_until.moment:
        return None
    return Failing("outside_window", "effective_until")


def _minimum_weight(words: Consent, asked: WholeUse) -> Failing | None:
    least = words.minimum_weight
    if least is None or asked.weight >= parse_fraction(least):
        return None
    return Failing("weight_below_minimum", "minimum_weight")
