"""From rows and records to plain JSON: instants as text, fractions in lowest terms, money exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from pydantic import BaseModel

from schemas.fractions import format_fraction
from schemas.money import MICRO_DECIMALS, decimals_of, format_amount
from schemas.period import format_instant

MICRO: Final = "_micro"
"""How fields end that hold micro units of the currency beside them."""

PAID: Final[Mapping[str, frozenset[str]]] = {
    "Balance": frozenset({"available", "in_flight", "paid"}),
    "StatementRow": frozenset({"payable"}),
    "PayoutRow": frozenset({"amount"}),
}
"""Amounts that are payable, by the record's name: whole minor units, in the currency's decimals."""


def plain(value: Any) -> Any:
    """Return the JSON value of a record.

    Instants, fractions and sets have one form each. A field `fee_micro` beside `currency` becomes
    `fee`, with amount and currency as contracts, section 3, write them. A float has no way through.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return _record(value)
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"{type(value).__name__} has no plain form")


_WRITERS: Final[Mapping[type, Callable[[Any], Any]]] = {
    BaseModel: lambda value: value.model_dump(mode="json", by_alias=True),
    datetime: format_instant,
    Fraction: format_fraction,
    Mapping: lambda value: {str(name): plain(item) for name, item in value.items()},
    frozenset: lambda value: sorted(map(plain, value)),
    tuple: lambda value: list(map(plain, value)),
    list: lambda value: list(map(plain, value)),
}


def _record(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    currency = getattr(value, "currency", None)
    for each in fields(value):
        item = getattr(value, each.name)
        if each.name.endswith(MICRO) and isinstance(item, int) and isinstance(currency, str):
            name = each.name.removesuffix(MICRO)
            is_paid = name in PAID.get(type(value).__name__, ())
            decimals = decimals_of(currency) if is_paid else MICRO_DECIMALS
            found[name] = {"amount": format_amount(item, decimals), "currency": currency}
        else:
            found[each.name] = plain(item)
    return found
