from fractions import Fraction

import pytest
from pydantic import ValidationError

from schemas.money import (
    CURRENCIES,
    MICRO,
    Currency,
    Money,
    Price,
    SignedMoney,
    ceil_to_minor_micro,
    decimals_of,
    floor_to_minor,
    format_amount,
    parse_amount,
)
from schemas.refusals import Malformed
from schemas.values import Value, parse


class Tariff(Value):
    price: Price
    paid_in: Currency = "EUR"


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("EUR", 2),
        ("USD", 2),
        ("JPY", 0),
        ("ISK", 0),
        ("KRW", 0),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
    ],
)
def test_minor_units_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert decimals_of(currency) == decimals


def test_what_is_no_money_is_no_currency() -> None:
    assert len(CURRENCIES) > 150
    assert not {"XXX", "XTS", "XAU", "XDR"} & CURRENCIES
    with pytest.raises(Malformed) as caught:
        parse(Tariff, {"price": {"amount": "1", "currency": "EUR"}, "paid_in": "XTS"})
    assert (caught.value.code, caught.value.pointer) == ("value_unknown", "/paid_in")


def test_money_accrues_with_six_decimals_and_is_paid_with_its_own() -> None:
    assert Money.accrued(490_000, "EUR").amount == "0.490000"
    assert Money.accrued(0, "JPY").amount == "0.000000"
    assert Money.payable(239, "EUR").amount == "2.39"
    assert Money.payable(5, "EUR").amount == "0.05"
    assert Money.payable(500, "JPY").amount == "500"
    assert Money.payable(1234, "KWD").amount == "1.234"
    assert SignedMoney.payable(-4000, "EUR").amount == "-40.00"
    assert SignedMoney.accrued(-1, "EUR").amount == "-0.000001"


def test_money_is_not_negative_unless_it_may_be() -> None:
    with pytest.raises(ValidationError, match="not negative"):
        Money.accrued(-1, "EUR")
    assert parse(SignedMoney, {"amount": "-1.50", "currency": "EUR"}).micro() == -1_500_000
    assert parse_amount("-1.50", signed=True) == -1_500_000
    with pytest.raises(Malformed, match="sign"):
        parse_amount("-0.00", signed=True)
    assert not isinstance(SignedMoney.accrued(-1, "EUR"), Money)


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "EUR"), ("0.5", "JPY")])
def test_a_price_is_in_whole_minor_units(amount: str, currency: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(Tariff, {"price": {"amount": amount, "currency": currency}})
    assert (caught.value.code, caught.value.pointer) == ("amount_not_exact", "/price")


def test_a_fault_inside_money_has_its_place() -> None:
    with pytest.raises(Malformed) as caught:
        parse(Tariff, {"price": {"amount": "x", "currency": "EUR"}})
    assert (caught.value.code, caught.value.pointer) == ("number_invalid", "/price")


def test_scenario_10_the_least_pool_is_raised_to_a_whole_cent() -> None:
    least_fee = Fraction(1_666_667, 1) / Fraction(7, 10)
    assert ceil_to_minor_micro(least_fee, "EUR") == 2_390_000


def test_scenario_31_what_is_not_a_whole_cent_is_carried() -> None:
    micro = 1_000 * MICRO * 10_000 // 10_850
    assert Money.accrued(micro, "EUR").amount == "921.658986"
    assert Money.payable(floor_to_minor(micro, "EUR"), "EUR").amount == "921.65"


def test_rounding_never_passes_a_whole_unit() -> None:
    assert ceil_to_minor_micro(0, "EUR") == 0
    assert ceil_to_minor_micro(1, "EUR") == 10_000
    assert ceil_to_minor_micro(10_000, "EUR") == 10_000
    assert ceil_to_minor_micro(10_001, "EUR") == 20_000
    assert ceil_to_minor_micro(1, "JPY") == 1_000_000
    assert floor_to_minor(9_999, "EUR") == 0
    assert floor_to_minor(-1, "EUR") == -1


def test_writing_what_is_not_exact_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="10001"):
        format_amount(10_001, 2)
    with pytest.raises(AssertionError):
        format_amount(2**63)
