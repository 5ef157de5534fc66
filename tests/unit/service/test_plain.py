"""Rows as plain JSON: exact, and without a way for a float."""

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from schemas.money import Money
from service.api.plain import plain


@dataclass(frozen=True)
class Row:
    party: str
    currency: str | None
    owed_micro: int
    at: datetime
    part: Fraction
    countries: frozenset[str]
    price: Money | None


MOMENT = datetime(2026, 11, 22, 8, 11, 2, 512_345, tzinfo=UTC)
PRICE = Money(amount="0.60", currency="EUR")


def test_a_row_is_written_in_the_forms_of_the_contract() -> None:
    row = Row("pty", "EUR", 490_000, MOMENT, Fraction(2, 6), frozenset({"FR", "DE"}), PRICE)
    assert plain(row) == {
        "party": "pty",
        "currency": "EUR",
        "owed": {"amount": "0.490000", "currency": "EUR"},
        "at": "2026-11-22T08:11:02.512345Z",
        "part": "1/3",
        "countries": ["DE", "FR"],
        "price": {"amount": "0.60", "currency": "EUR"},
    }


def test_micro_units_without_a_currency_stay_what_they_are() -> None:
    row = Row("pty", None, 7, MOMENT, Fraction(1), frozenset(), None)
    assert plain(row)["owed_micro"] == 7


def test_a_debt_is_negative() -> None:
    row = Row("pty", "EUR", -1, MOMENT, Fraction(1), frozenset(), None)
    assert plain(row)["owed"]["amount"] == "-0.000001"


@pytest.mark.parametrize("value", [1.5, b"x", object(), [1.5], {"a": 2.5}])
def test_a_float_has_no_plain_form(value: object) -> None:
    with pytest.raises(TypeError):
        plain(value)
