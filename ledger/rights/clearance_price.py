"""What a request costs that everybody permits, and over which leaves its pool is divided.

The tariffs are those in force, or those to which an earlier verification is bound; floors are those
of the consents that are cited (clearance, 17, 19-21).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ledger.rights.allotment import Leaf, merge
from ledger.rights.clearance_request import Row, Wish
from ledger.rights.clearance_rows import RowCleared
from ledger.rights.memo import Moment
from ledger.rights.pricing import FloorHeld, ListPrice, NoPrice, Price, Tariff, list_price, price
from ledger.rights.states.base import TABLE
from ledger.rights.states.terms import TARIFF, TARIFFS, TARIFFS_KEY, TariffState
from ledger.rights.view import View
from schemas.lists import Channel, Tier
from schemas.money import Money

CheckedRows = tuple[tuple[Row, RowCleared], ...]
"""Every row, and what clearing it found."""


class Agreed(NamedTuple):
    """What a cleared request costs, and among whom its pool is divided."""

    listed: ListPrice
    price: Price
    rows: CheckedRows

    def leaves(self) -> tuple[Leaf, ...]:
        """Return the leaves of the pool: each controller's exact part of it."""
        return merge(
            Leaf(row.reference.recording, side, asset, party, row.weight.value * part)
            for row, found in self.rows
            for side, asset, party, part in found.parts
        )


class PriceAsked(NamedTuple):
    """What decides the price before floors. `bound`: the tariffs that a verification binds."""

    tier: Tier
    channel: Channel
    countries: tuple[str, ...]
    bound: tuple[str, ...] | None


def listed(view: View, wish: Wish, *, bound: tuple[str, ...] | None, at: Moment) -> ListPrice:
    """Return the price before floors; raise `NoPrice` where there is none."""
    asked = PriceAsked(wish.tier, wish.channel, wish.countries, bound)
    found = view.answer(_priced, asked, at)
    if isinstance(found, _Unpriced):
        raise NoPrice(found.clause, found.values)
    return found


def agree(listed: ListPrice, rows: CheckedRows, prior: Money | None) -> Agreed:
    """Agree the price of cleared rows; raise `NoPrice` where no fee can meet their floors.

    `prior` is what was agreed before for the output that is upgraded.
    """
    credited = _credited(listed, prior)
    return Agreed(listed, price(listed, _floors(rows), prior_micro=credited), rows)


class _Unpriced(NamedTuple):
    """`NoPrice` as an answer."""

    clause: str
    values: tuple[str, ...]


def _priced(view: View, asked: PriceAsked, at: Moment) -> ListPrice | _Unpriced:
    if asked.bound is None:
        found: Sequence[TariffState] = view.ask(TARIFFS, TARIFFS_KEY).in_force(at)
    else:
        # Bound, a tariff prices whether it was withdrawn since or not.
        found = [view.ask(TARIFF, tariff) for tariff in asked.bound]
    try:
        return list_price(
            [_tariff(state) for state in found],
            tier=asked.tier,
            channel=asked.channel,
            territory=asked.countries,
        )
    except NoPrice as missing:
        return _Unpriced(missing.clause, missing.values)


def _tariff(state: TariffState) -> Tariff:
    published = state.published
    if published is None:
        raise AssertionError(f"a verification is bound to a tariff that nobody knows [{state}]")
    return Tariff(
        tariff=published.tariff,
        rows=published.rows,
        pool_rate=state.pool_rate,
        credit_prior_fee=published.credit_prior_fee,
        territories_version=TABLE,
    )


def _credited(listed: ListPrice, prior: Money | None) -> int:
    """Return what was agreed before in micro units; nobody converts it into another currency."""
    if prior is None or not listed.credit_prior_fee or prior.micro() == 0:
        return 0
    if prior.currency != listed.currency:
        raise NoPrice("currency")
    return prior.micro()


def _floors(rows: CheckedRows) -> tuple[FloorHeld, ...]:
    """Add up the parts that one consent clears of one recording (clearance, 21)."""
    parts: dict[tuple[str, str], Fraction] = {}
    money: dict[tuple[str, str], Money] = {}
    for row, found in rows:
        for consent, floor, part in found.floors:
            key = (row.reference.recording, consent)
            added, known = row.weight.value * part, parts.get(key)
            parts[key] = added if known is None else known + added
            money[key] = floor
    return tuple(FloorHeld(*key, money[key], part) for key, part in sorted(parts.items()))
