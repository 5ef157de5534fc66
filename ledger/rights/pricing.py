"""What a generation costs and what of it goes to the rights pool.

Fee = tariff price, raised until every floor is met, then rounded up to the currency's unit, once.
Pool = floor(fee x rate) in micro units; the rest is commission. Source: contracts, section 7;
clearance, 20, 21.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ledger.rights.states.base import countries
from schemas.lists import Channel, Tier
from schemas.money import Money, ceil_to_minor_micro
from schemas.terms import TariffRow

RAISED_MICRO_MAX: Final = 10**15
"""The most to which floors raise a fee: a thousand million units of a currency. A weight next to
nothing would raise it without end, and what is owed to one account must fit in 63 bits."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """A published tariff, as pricing reads it; `territories_version` is the table of its groups."""

    tariff: str
    rows: tuple[TariffRow, ...]
    pool_rate: Fraction
    credit_prior_fee: bool
    territories_version: str


@dataclass(frozen=True, slots=True)
class ListPrice:
    """The price of the tariffs before floors: the highest of the countries asked, taken once.

    `tariffs` names every tariff that prices one of the countries, `tariff` the one whose price was
    taken (of several the smallest id); its switch says whether an upgrade credits prior fees.
    """

    tariff: str
    tariffs: tuple[str, ...]
    micro: int
    currency: str
    rate: Fraction
    credit_prior_fee: bool


@dataclass(frozen=True, slots=True)
class FloorHeld:
    """A floor of one cited consent for one recording, and the exact part that it clears there."""

    recording: str
    consent: str
    floor: Money
    part: Fraction


@dataclass(frozen=True, slots=True)
class Price:
    """What is agreed, in micro units. `fee + credited` is the price without any upgrade."""

    fee_micro: int
    credited_micro: int
    pool_micro: int
    commission_micro: int
    currency: str


class NoPrice(Exception):  # noqa: N818  # it becomes the refusal `no_tariff`, no error
    """The tariffs do not price this: `clause` says why, `values` where."""

    def __init__(self, clause: str, values: Iterable[str] = ()) -> None:
        super().__init__(clause)
        self.clause = clause
        self.values = tuple(sorted(values))


def list_price(
    tariffs: Sequence[Tariff], *, tier: Tier, channel: Channel, territory: Sequence[str]
) -> ListPrice:
    """Find the price in the tariffs given; raise `NoPrice` if a country has none, or they differ.

    Every country needs a row, and all rows one currency and one rate: a fee is one amount.
    """
    found = {country: _row(tariffs, tier, channel, country) for country in territory}
    if missing := [country for country, row in found.items() if row is None]:
        raise NoPrice("rows", missing)
    rows = [row for row in found.values() if row is not None]
    if len({row.price.currency for _, row in rows}) > 1:
        raise NoPrice("currency")
    if len({tariff.pool_rate for tariff, _ in rows}) > 1:
        raise NoPrice("pool_rate")
    dearest, row = min(rows, key=lambda pair: (-pair[1].price.micro(), pair[0].tariff))
    return ListPrice(
        tariff=dearest.tariff,
        tariffs=tuple(sorted({tariff.tariff for tariff, _ in rows})),
        micro=row.price.micro(),
        currency=row.price.currency,
        rate=dearest.pool_rate,
        credit_prior_fee=dearest.credit_prior_fee,
    )


def price(listed: ListPrice, floors: Iterable[FloorHeld], *, prior_micro: int) -> Price:
    """Agree the fee; `prior_micro` is what was agreed before for the output that is upgraded.

    Raises `NoPrice` where no fee can meet a floor: another currency, a pool without a rate, or more
    than `RAISED_MICRO_MAX`.
    """
    full = _full_fee(listed, tuple(floors))
    credited = prior_micro if listed.credit_prior_fee else 0
    fee = max(0, full - credited)
    pool = _share(fee, listed.rate)
    return Price(
        fee_micro=fee,
        credited_micro=credited,
        pool_micro=pool,
        commission_micro=fee - pool,
        currency=listed.currency,
    )


def least_pool(floors: Iterable[FloorHeld]) -> int:
    """Return the least pool, in micro units, in which every floor's own part reaches its floor."""
    return max([_whole_of(row.floor.micro(), row.part) for row in floors], default=0)


def _full_fee(listed: ListPrice, floors: tuple[FloorHeld, ...]) -> int:
    if any(row.floor.currency != listed.currency for row in floors):
        raise NoPrice("currency")
    least = least_pool(floors)
    if _share(listed.micro, listed.rate) >= least:
        return ceil_to_minor_micro(listed.micro, listed.currency)
    if listed.rate == 0:
        raise NoPrice("pool_rate")
    # The smallest fee whose pool reaches `least`; rounding up afterwards never lowers the pool.
    raised = ceil_to_minor_micro(least / listed.rate, listed.currency)
    if raised > RAISED_MICRO_MAX:
        raise NoPrice("floors")
    return raised


def _row(
    tariffs: Sequence[Tariff], tier: Tier, channel: Channel, country: str
) -> tuple[Tariff, TariffRow] | None:
    """Return the row that prices a country; rows in force never overlap (clearance, 17)."""
    for tariff in sorted(tariffs, key=lambda tariff: tariff.tariff):
        for row in tariff.rows:
            if row.tier != tier or (row.channels != "all" and channel not in row.channels):
                continue
            if country in countries(row.territories, tariff.territories_version):
                return tariff, row
    return None


def _share(micro: int, rate: Fraction) -> int:
    """Return what a rate takes of an amount, rounded down."""
    return micro * rate.numerator // rate.denominator


def _whole_of(micro: int, part: Fraction) -> int:
    """Return the least amount of which a part is at least `micro`."""
    return -(-micro * part.denominator // part.numerator)
