"""Fee and pool: floors first, one rounding up, one rounding down, and what has no price."""

from fractions import Fraction
from typing import Any

import pytest

from ledger.rights.pricing import (
    FloorHeld,
    ListPrice,
    NoPrice,
    Tariff,
    least_pool,
    list_price,
    price,
)
from schemas.events.terms import TariffPublished
from schemas.money import Money
from tests.kit.log import name_id
from tests.kit.words import tariff


def published(name: str = "v1", rate: str = "7/10", **more: Any) -> Tariff:
    said = TariffPublished.read(tariff(name_id("tar", name), name, pool_rate=rate, **more))
    return Tariff(
        said.tariff, said.rows, Fraction(said.pool_rate), said.credit_prior_fee, "2024-12"
    )


def listed(
    *tariffs: Tariff, tier: Any = "commercial", territory: tuple[str, ...] = ("DE",)
) -> ListPrice:
    return list_price(tariffs, tier=tier, channel="download", territory=territory)


def floor(amount: str, part: str, currency: str = "EUR", consent: str = "c") -> FloorHeld:
    money = Money(amount=amount, currency=currency)
    return FloorHeld("S1", consent, money, Fraction(part))


def only(*places: str) -> dict[str, list[str]]:
    return {"include": list(places), "exclude": []}


def test_the_tariffs_price_and_its_pool() -> None:
    found = price(listed(published()), [], prior_micro=0)
    assert (found.fee_micro, found.pool_micro) == (2_000_000, 1_400_000)
    assert found.commission_micro == 600_000


def test_the_pool_is_rounded_down_once() -> None:
    found = price(listed(published(rate="1/3")), [], prior_micro=0)
    assert (found.pool_micro, found.commission_micro) == (666_666, 1_333_334)


def test_the_highest_floor_of_a_part_decides() -> None:
    floors = [floor("0.60", "1/2"), floor("0.50", "3/10"), floor("0.20", "1/5")]
    assert least_pool(floors) == 1_666_667
    found = price(listed(published()), floors, prior_micro=0)
    assert (found.fee_micro, found.pool_micro) == (2_390_000, 1_673_000)


def test_a_floor_that_is_met_raises_nothing() -> None:
    found = price(listed(published()), [floor("0.70", "1/2")], prior_micro=0)
    assert found.fee_micro == 2_000_000
    found = price(listed(published()), [floor("0.700001", "1/2")], prior_micro=0)
    assert found.fee_micro == 2_010_000


def test_a_currency_without_cents_is_rounded_up_to_its_own_unit() -> None:
    prices = {"commercial": "300"}
    found = price(
        listed(published(prices=prices, currency="JPY")),
        [floor("111", "1/2", "JPY")],
        prior_micro=0,
    )
    assert (found.fee_micro, found.pool_micro) == (318_000_000, 222_600_000)


def test_a_floor_in_another_currency_has_no_price() -> None:
    with pytest.raises(NoPrice) as caught:
        price(listed(published()), [floor("0.10", "1/2", "USD")], prior_micro=0)
    assert caught.value.clause == "currency"


def test_no_fee_meets_a_floor_where_nothing_goes_to_the_pool() -> None:
    with pytest.raises(NoPrice) as caught:
        price(listed(published(rate="0")), [floor("0.10", "1/2")], prior_micro=0)
    assert caught.value.clause == "pool_rate"
    assert price(listed(published(rate="0")), [], prior_micro=0).pool_micro == 0


def test_an_upgrade_costs_the_difference_and_never_less_than_nothing() -> None:
    found = price(listed(published()), [], prior_micro=100_000)
    assert (found.fee_micro, found.credited_micro, found.pool_micro) == (
        1_900_000,
        100_000,
        1_330_000,
    )
    found = price(listed(published()), [], prior_micro=3_000_000)
    assert (found.fee_micro, found.credited_micro, found.pool_micro) == (0, 3_000_000, 0)


def test_a_tariff_may_switch_the_credit_off() -> None:
    found = price(listed(published(credit_prior_fee=False)), [], prior_micro=100_000)
    assert (found.fee_micro, found.credited_micro) == (2_000_000, 0)


def test_every_country_needs_a_row() -> None:
    europe = published(territories=only("DE", "FR"))
    assert listed(europe, territory=("DE", "FR")).micro == 2_000_000
    with pytest.raises(NoPrice) as caught:
        listed(europe, territory=("DE", "US", "JP"))
    assert (caught.value.clause, caught.value.values) == ("rows", ("JP", "US"))
    with pytest.raises(NoPrice):
        listed()


def test_the_highest_price_of_the_countries_is_taken_once() -> None:
    cheap = published("cheap", territories=only("DE"))
    dear = published("dear", territories=only("FR"), prices={"commercial": "3.00"})
    found = listed(cheap, dear, territory=("DE", "FR"))
    assert (found.micro, found.tariff) == (3_000_000, dear.tariff)
    assert found.tariffs == tuple(sorted((cheap.tariff, dear.tariff)))


def test_of_equal_prices_the_smallest_id_is_named() -> None:
    one = published("one", territories=only("DE"))
    two = published("two", territories=only("FR"))
    assert listed(one, two, territory=("DE", "FR")).tariff == min(one.tariff, two.tariff)
    assert listed(two, one, territory=("FR", "DE")).tariff == min(one.tariff, two.tariff)


@pytest.mark.parametrize(
    ("other", "clause"), [({"currency": "USD"}, "currency"), ({"rate": "1/2"}, "pool_rate")]
)
def test_one_fee_has_one_currency_and_one_rate(other: dict[str, Any], clause: str) -> None:
    here = published("here", territories=only("DE"))
    there = published("there", territories=only("US"), **other)
    with pytest.raises(NoPrice) as caught:
        listed(here, there, territory=("DE", "US"))
    assert caught.value.clause == clause


def test_a_row_prices_its_channels_alone() -> None:
    with pytest.raises(NoPrice):
        listed(published(channels=["streaming"]))
