"""Tariffs and model versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.decision import Accepted, Asked
from ledger.rights.lookup import fields
from ledger.rights.states import MODEL, TARIFF, TARIFFS, TARIFFS_KEY
from ledger.rights.states.base import countries
from ledger.rights.states.shares import BEGINNING, END
from ledger.rights.view import View
from schemas.commands.terms import PublishTariff, RegisterModel, RetireModel, WithdrawTariff
from schemas.events.terms import (
    ModelRegistered,
    ModelVersionRetired,
    TariffPublished,
    TariffWithdrawn,
)
from schemas.fractions import format_fraction, parse_fraction
from schemas.lists import CHANNELS
from schemas.refusals import Malformed
from schemas.terms import TariffRow


@dataclass(frozen=True, slots=True)
class _Priced:
    """What one row of a tariff sets a price for."""

    tier: str
    channels: frozenset[str]
    countries: frozenset[str]
    since: datetime
    until: datetime

    def meets(self, other: _Priced) -> bool:
        """Tell whether two rows price the same tier in one channel, country and instant."""
        return (
            self.tier == other.tier
            and max(self.since, other.since) < min(self.until, other.until)
            and not self.channels.isdisjoint(other.channels)
            and not self.countries.isdisjoint(other.countries)
        )


def _priced(tariff: PublishTariff | TariffPublished) -> list[_Priced]:
    since, until = tariff.effective_from, tariff.effective_until
    return [
        _Priced(
            row.tier,
            frozenset(CHANNELS if row.channels == "all" else row.channels),
            countries(row.territories),
            since.moment if since else BEGINNING,
            until.moment if until else END,
        )
        for row in tariff.rows
    ]


def _check_rows(rows: Iterable[TariffRow]) -> None:
    for number, row in enumerate(rows):
        try:
            row.price.minor()
        except Malformed as error:
            pointer = f"/rows/{number}/price/amount"
            raise Malformed(error.code, error.message, pointer=pointer) from error
        if not row.channels or not countries(row.territories):
            text = "a price for no channel or no country"
            raise Malformed("value_unknown", text, pointer=f"/rows/{number}")


def publish(view: View, _asked: Asked, command: PublishTariff) -> Accepted:
    """Publish a tariff. No two rows in force may price the same (clearance, 17)."""
    taken = view.ask(TARIFF, command.tariff).published is not None
    lookup.fresh(taken=taken, name=command.tariff, pointer="/tariff")
    _check_rows(command.rows)
    window = (command.effective_from, command.effective_until)
    lookup.check_window("value_unknown", *window, "/effective_until")
    rate = parse_fraction(command.pool_rate)
    if rate > 1:
        raise Malformed("number_invalid", "a pool is at most the fee", pointer="/pool_rate")
    taken_rows = [
        row
        for held in view.ask(TARIFFS, TARIFFS_KEY).tariffs.values()
        for row in (_priced(held.published) if held.published else ())
    ]
    for number, row in enumerate(_priced(command)):
        if any(row.meets(other) for other in taken_rows):
            raise Malformed("tariff_overlap", pointer=f"/rows/{number}")
        taken_rows.append(row)
    given = {**fields(command), "pool_rate": format_fraction(rate)}
    return Accepted((TariffPublished(**given),))


def withdraw(view: View, _asked: Asked, command: WithdrawTariff) -> Accepted:
    """Withdraw a tariff; what cites it keeps it."""
    state = view.ask(TARIFF, command.tariff)
    if state.published is None or state.withdrawn:
        raise Malformed("unknown_id", "there is no such tariff in force", pointer="/tariff")
    return Accepted((TariffWithdrawn(**fields(command)),))


def register_model(view: View, _asked: Asked, command: RegisterModel) -> Accepted:
    """Register a model version once; what it copies is among what it does."""
    taken = view.ask(MODEL, command.model).registered is not None
    lookup.fresh(taken=taken, name=command.model, pointer="/model")
    able = command.capabilities
    if not set(able.copying_roles) <= set(able.roles):
        pointer = "/capabilities/copying_roles"
        raise Malformed("value_unknown", "it copies in roles that it has not", pointer=pointer)
    if "generator" not in able.fed_modules:
        text = "references feed at least the generator"
        raise Malformed("disclosure_incomplete", text, pointer="/capabilities/fed_modules")
    return Accepted((ModelRegistered(**fields(command)),))


def retire_model(view: View, _asked: Asked, command: RetireModel) -> Accepted:
    """Retire a model version: it takes no new generations."""
    if lookup.model(view, command.model).retired:
        raise Malformed("unknown_id", "it is retired already", pointer="/model")
    return Accepted((ModelVersionRetired(**fields(command)),))


DECIDES: Final[dict[Any, Any]] = {
    PublishTariff: publish,
    WithdrawTariff: withdraw,
    RegisterModel: register_model,
    RetireModel: retire_model,
}
"""The rules of this module, by command."""
