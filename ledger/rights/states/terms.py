"""Tariffs and model versions (`terms:`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from ledger.rights.memo import Moment
from ledger.rights.states.base import changed, folding, put, without
from ledger.rights.view import Recorded, Scope
from schemas.events.terms import (
    ModelRegistered,
    ModelVersionRetired,
    TariffPublished,
    TariffWithdrawn,
)
from schemas.fractions import lowest_fraction

TARIFFS_KEY: Final = "tariffs"
"""The one key of the scope that lists the tariffs."""


@dataclass(frozen=True, slots=True)
class TariffState:
    """One tariff. What cites it keeps it, also when it is withdrawn."""

    tariff: str
    published: TariffPublished | None = None
    position: int = 0
    withdrawn: bool = False

    @property
    def pool_rate(self) -> Fraction:
        """The fraction of the fee that goes into the rights pool."""
        assert self.published is not None
        return lowest_fraction(self.published.pool_rate)

    def in_window(self, moment: Moment) -> bool:
        """Tell whether an instant lies in its window; the end is exclusive."""
        if self.published is None:
            return False
        since, until = self.published.effective_from, self.published.effective_until
        begun = since is None or since.moment <= moment
        return begun and (until is None or moment < until.moment)


@dataclass(frozen=True, slots=True)
class TariffsState:
    """Every tariff that is published and not withdrawn, by id, with its rows."""

    key: str = TARIFFS_KEY
    tariffs: Mapping[str, TariffState] = field(default_factory=dict)

    def in_force(self, moment: Moment) -> tuple[TariffState, ...]:
        """Return the tariffs whose window holds an instant, in the order of their ids."""
        held = sorted(self.tariffs.items())
        return tuple(tariff for _, tariff in held if tariff.in_window(moment))


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model version; `registered` is None where nobody registered it."""

    model: str
    registered: ModelRegistered | None = None
    position: int = 0
    retired: bool = False


def _published(state: TariffState, recorded: Recorded, event: TariffPublished) -> TariffState:
    return changed(state, published=event, position=recorded.position)


def _withdrawn(state: TariffState, _recorded: Recorded, _event: TariffWithdrawn) -> TariffState:
    return changed(state, withdrawn=True)


def _listed(state: TariffsState, recorded: Recorded, event: TariffPublished) -> TariffsState:
    one = _published(TariffState(event.tariff), recorded, event)
    return changed(state, tariffs=put(state.tariffs, event.tariff, one))


def _unlisted(state: TariffsState, _recorded: Recorded, event: TariffWithdrawn) -> TariffsState:
    return changed(state, tariffs=without(state.tariffs, event.tariff))


def _registered(state: ModelState, recorded: Recorded, event: ModelRegistered) -> ModelState:
    return changed(state, registered=event, position=recorded.position)


def _retired(state: ModelState, _recorded: Recorded, _event: ModelVersionRetired) -> ModelState:
    return changed(state, retired=True)


TARIFF: Scope[TariffState] = Scope(
    "terms", TariffState, folding({TariffPublished: _published, TariffWithdrawn: _withdrawn})
)
"""A tariff, by its id."""

TARIFFS: Scope[TariffsState] = Scope(
    "terms", TariffsState, folding({TariffPublished: _listed, TariffWithdrawn: _unlisted})
)
"""The list of tariffs: ask it with `TARIFFS_KEY`."""

MODEL: Scope[ModelState] = Scope(
    "terms", ModelState, folding({ModelRegistered: _registered, ModelVersionRetired: _retired})
)
"""A model version, by its id."""
