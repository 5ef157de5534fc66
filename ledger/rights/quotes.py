"""A quote: may I, and what would it cost? A read, never logged (contracts, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.rights.allotment import allot_open
from ledger.rights.clearance import Cleared
from ledger.rights.clearance_verdict import judge
from ledger.rights.generations_money import leg_of, minor_money
from ledger.rights.view import View
from schemas.money import Money
from schemas.refusals import Reason
from schemas.terms import Alternative, AuthorizedReference, Leg, Request, Touched


@dataclass(frozen=True, slots=True)
class QuotedLeg:
    """What one party would earn. `open`: it is tied for a last micro unit with others."""

    leg: Leg
    open: bool


@dataclass(frozen=True, slots=True)
class QuotedPrice:
    """What it would cost. `open_units` micro units go to as many of the legs that are open."""

    tariff: str
    fee: Money
    credited: Money
    pool: Money
    commission: Money
    legs: tuple[QuotedLeg, ...]
    open_units: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer at an instant: a price, or the reasons and what would be permitted instead."""

    at: datetime
    price: QuotedPrice | None
    references: tuple[AuthorizedReference, ...]
    touched: tuple[Touched, ...]
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def quote(view: View, request: Request, *, creator: str, at: datetime) -> Quote:
    """Answer a creator what a verification would say now. Raises `Malformed` where it would."""
    verdict = judge(view, request, creator=creator, at=at)
    outcome = verdict.outcome
    if not isinstance(outcome, Cleared):
        return Quote(at, None, (), outcome.touched, outcome.reasons, verdict.alternatives)
    return Quote(at, _price(outcome), outcome.references, outcome.touched)


def _price(cleared: Cleared) -> QuotedPrice:
    price, listed = cleared.agreed.price, cleared.agreed.listed
    currency = price.currency
    divided = allot_open(price.pool_micro, cleared.agreed.leaves())
    legs = tuple(
        QuotedLeg(leg_of(row, currency), number in divided.tied)
        for number, row in enumerate(divided.sure)
    )
    return QuotedPrice(
        tariff=listed.tariff,
        fee=minor_money(price.fee_micro, currency),
        credited=minor_money(price.credited_micro, currency),
        pool=Money.accrued(price.pool_micro, currency),
        commission=Money.accrued(price.commission_micro, currency),
        legs=legs,
        open_units=divided.units,
    )
