"""What was closed of a party's month (`period:`), and how a payout goes (`payout:`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ledger.rights.states.base import changed, folding, put
from ledger.rights.view import Recorded, Scope
from schemas.events.royalties import (
    PayoutFailed,
    PayoutInstructed,
    PayoutReturned,
    PayoutSettled,
    RoyaltyStatementClosed,
)

PayoutStep = Literal["instructed", "settled", "failed", "returned"]
"""Where a payout stands. Instructed leads to settled or failed; settled may lead to returned."""


@dataclass(frozen=True, slots=True)
class Period:
    """One month of one party. `through` says per currency how far accruals are in statements.

    `attempts` counts the payouts that were instructed on each statement: retries of one payout
    are one attempt.
    """

    key: str
    number: int = 0
    through: Mapping[str, int] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)


def _closed(state: Period, _recorded: Recorded, event: RoyaltyStatementClosed) -> Period:
    through = put(state.through, event.payable.currency, event.through)
    return changed(state, number=event.number, through=through)


def _tried(state: Period, _recorded: Recorded, event: PayoutInstructed) -> Period:
    tried = state.attempts.get(event.statement, 0) + 1
    return changed(state, attempts=put(state.attempts, event.statement, tried))


def period_key(party: str, month: str) -> str:
    """Return the key of a party's month: the scope is `period:<pty>/<month>`."""
    return f"{party}/{month}"


@dataclass(frozen=True, slots=True)
class Payout:
    """One payout: the event that instructed it, and how far it has come. None: there is none."""

    payout: str
    instructed: PayoutInstructed | None = None
    step: PayoutStep | None = None


def _instructed(state: Payout, _recorded: Recorded, event: PayoutInstructed) -> Payout:
    return changed(state, instructed=event, step="instructed")


def _settled(state: Payout, _recorded: Recorded, _event: PayoutSettled) -> Payout:
    return changed(state, step="settled")


def _failed(state: Payout, _recorded: Recorded, _event: PayoutFailed) -> Payout:
    return changed(state, step="failed")


def _returned(state: Payout, _recorded: Recorded, _event: PayoutReturned) -> Payout:
    return changed(state, step="returned")


PERIOD: Scope[Period] = Scope(
    "period", Period, folding({RoyaltyStatementClosed: _closed, PayoutInstructed: _tried})
)
"""One month of one party: ask it with `period_key`."""

PAYOUT: Scope[Payout] = Scope(
    "payout",
    Payout,
    folding(
        {
            PayoutInstructed: _instructed,
            PayoutSettled: _settled,
            PayoutFailed: _failed,
            PayoutReturned: _returned,
        }
    ),
)
"""A payout, by its id."""
