"""The scope `money:<pty>`: how a party is paid, what it may be paid, and what stands in the way.

Accruals are `about:` the payee and never move this scope, so a busy payee is no hot spot: what has
accrued becomes payable only when a royalty statement is closed (contracts, section 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ledger.rights.states.base import changed, folding, put, without
from ledger.rights.view import Recorded, Scope
from schemas.events.parties import PartyDeceased, PartyScreened, PayeeDetailsReplaced
from schemas.events.royalties import (
    HoldPlaced,
    HoldReleased,
    PayoutFailed,
    PayoutInstructed,
    PayoutReturned,
    PayoutSettled,
    RoyaltyStatementClosed,
)
from schemas.model import Commitment
from schemas.money import Money
from schemas.period import month_of, parse_instant

Actor = str | Commitment
"""A party id, or its commitment where the reader may not see it."""


@dataclass(frozen=True, slots=True)
class Details:
    """Where a party is paid: a commitment to name, IBAN, BIC and country, and who replaced it."""

    commitment: Commitment
    currency: str
    cool_off_until: datetime
    replaced_by: Actor


@dataclass(frozen=True, slots=True)
class Screening:
    """The newest result of screening a party against sanctions lists."""

    outcome: Literal["clear", "hit"]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Purse:
    """What a party has in one currency once its statements are closed.

    `payable_minor` is what closed statements made payable and no payout took; `carry_micro` is the
    sub-minor remainder that the next statement takes in; `in_flight` is the payout under way.
    """

    payable_minor: int = 0
    carry_micro: int = 0
    in_flight: str | None = None


@dataclass(frozen=True, slots=True)
class ClosedStatement:
    """A closed royalty statement as a payout needs to know it."""

    month: str
    currency: str


@dataclass(frozen=True, slots=True)
class Payee:
    """The state of `money:<pty>`.

    `holds` maps each reason to who placed it. `settled` maps the month in which statements were
    closed to the greatest `through` of them: nothing at or before it is of a later month.
    """

    party: str
    details: Details | None = None
    screening: Screening | None = None
    holds: Mapping[str, Actor] = field(default_factory=dict)
    purses: Mapping[str, Purse] = field(default_factory=dict)
    statements: Mapping[str, ClosedStatement] = field(default_factory=dict)
    settled: Mapping[str, int] = field(default_factory=dict)

    def purse(self, currency: str) -> Purse:
        """Return what the party has in a currency; nothing, where it never had any."""
        return self.purses.get(currency, Purse())

    @property
    def in_flight(self) -> str | None:
        """The payout under way in any currency, or None."""
        return next((row.in_flight for row in self.purses.values() if row.in_flight), None)

    def settled_before(self, month: str) -> int:
        """Return a position at or before which nothing of `month` can lie; 0 if none is known.

        A statement closed in an earlier month covers positions of that month or before it, since
        the time of a position never falls. So a year's history is not read again every month.
        """
        return max((at for closed, at in self.settled.items() if closed < month), default=0)


def _replaced(state: Payee, recorded: Recorded, event: PayeeDetailsReplaced) -> Payee:
    until = parse_instant(event.cool_off_until)
    details = Details(event.details, event.currency, until, recorded.actor)
    return changed(state, details=details)


def _screened(state: Payee, _recorded: Recorded, event: PartyScreened) -> Payee:
    return changed(state, screening=Screening(event.outcome, parse_instant(event.expires_at)))


def _deceased(state: Payee, recorded: Recorded, _event: PartyDeceased) -> Payee:
    return _held(state, "deceased", recorded.actor)


def _placed(state: Payee, _recorded: Recorded, event: HoldPlaced) -> Payee:
    return _held(state, event.reason, event.officer)


def _released(state: Payee, _recorded: Recorded, event: HoldReleased) -> Payee:
    return changed(state, holds=without(state.holds, event.reason))


def _held(state: Payee, reason: str, by: Actor) -> Payee:
    """Place a hold; one that stands already stays whose it was."""
    return changed(state, holds=put(state.holds, reason, state.holds.get(reason, by)))


def _closed(state: Payee, recorded: Recorded, event: RoyaltyStatementClosed) -> Payee:
    currency = event.payable.currency
    purse = state.purse(currency)
    payable_minor = purse.payable_minor + event.payable.minor()
    purse = changed(purse, payable_minor=payable_minor, carry_micro=event.carried_out.micro())
    month = month_of(recorded.time)
    return changed(
        state,
        purses=put(state.purses, currency, purse),
        statements=put(state.statements, event.statement, ClosedStatement(event.month, currency)),
        settled=put(state.settled, month, max(event.through, state.settled.get(month, 0))),
    )


def _instructed(state: Payee, _recorded: Recorded, event: PayoutInstructed) -> Payee:
    return _moved(state, event.amount, back=False, in_flight=event.payout)


def _settled(state: Payee, _recorded: Recorded, event: PayoutSettled) -> Payee:
    purse = changed(state.purse(event.amount.currency), in_flight=None)
    return changed(state, purses=put(state.purses, event.amount.currency, purse))


def _failed(state: Payee, _recorded: Recorded, event: PayoutFailed) -> Payee:
    return _moved(state, event.amount, back=True, in_flight=None)


def _returned(state: Payee, recorded: Recorded, event: PayoutReturned) -> Payee:
    # Another payout may be under way by now: it stays in flight.
    still = state.purse(event.amount.currency).in_flight
    moved = _moved(state, event.amount, back=True, in_flight=still)
    return _held(moved, "bank_details", recorded.actor)


def _moved(state: Payee, amount: Money, *, back: bool, in_flight: str | None) -> Payee:
    """Take an amount out of what is payable, or put it back."""
    purse = state.purse(amount.currency)
    payable_minor = purse.payable_minor + (amount.minor() if back else -amount.minor())
    purse = changed(purse, payable_minor=payable_minor, in_flight=in_flight)
    return changed(state, purses=put(state.purses, amount.currency, purse))


MONEY: Scope[Payee] = Scope(
    "money",
    Payee,
    folding(
        {
            PayeeDetailsReplaced: _replaced,
            PartyScreened: _screened,
            PartyDeceased: _deceased,
            HoldPlaced: _placed,
            HoldReleased: _released,
            RoyaltyStatementClosed: _closed,
            PayoutInstructed: _instructed,
            PayoutSettled: _settled,
            PayoutFailed: _failed,
            PayoutReturned: _returned,
        }
    ),
)
"""What a party may be paid, by its id."""
