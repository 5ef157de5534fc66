"""From an event to its postings: double entry, in integers of micro units, always balanced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ledger.rights.view import Recorded
from projections.errors import ProjectionBroken
from projections.lines import written
from schemas.events.royalties import (
    PayoutFailed,
    PayoutInstructed,
    PayoutReturned,
    PayoutSettled,
    RoyaltyAccrued,
)

COMMISSION = "commission"
"""What is left of a fee after the pool."""

BANK = "bank"
"""What the bank has paid out, and got back."""

PAYOUT_STEPS = {
    PayoutInstructed: ("payable", "payout_clearing"),
    PayoutSettled: ("payout_clearing", BANK),
    PayoutFailed: ("payout_clearing", "payable"),
    PayoutReturned: (BANK, "payable"),
}
"""From which account to which each step of a payout moves its amount."""


class Posting(NamedTuple):
    """One line of double entry. A credit is positive, a debit negative.

    In the order of the table's columns.
    """

    account: str
    currency: str
    amount_micro: int
    kind: str
    generation: str | None = None
    output: str | None = None
    recording: str | None = None
    side: str | None = None
    asset: str | None = None
    payout: str | None = None

    def line(self) -> str:
        """Return the posting as the end of its row's line."""
        return "\t".join(map(written, self))


def payable(party: str) -> str:
    """Return the account of what is owed to a party; `unclaimed` and `disputed` are their own."""
    return party if party in {"unclaimed", "disputed"} else f"payable:{party}"


def clearing(party: str) -> str:
    """Return the account of what is under way to a party."""
    return f"payout_clearing:{party}"


def receivable(payer: Any) -> str:
    """Return the account of what a payer owes; an erased payer keeps its commitment as name."""
    return f"receivable:{payer if isinstance(payer, str) else payer.commit}"


def postings_of(recorded: Recorded) -> Sequence[Posting]:
    """Return the postings of an event, none where it moves no money.

    Raises `ProjectionBroken` unless they sum to zero in each currency: such an entry is a fault of
    whoever made it, and no table may hide it.
    """
    event = recorded.event
    if isinstance(event, RoyaltyAccrued):
        found = _accrual(event)
    elif isinstance(event, PayoutInstructed | PayoutSettled | PayoutFailed | PayoutReturned):
        found = list(_payout(event))
    else:
        return ()
    sums: dict[str, int] = {}
    for posting in found:
        sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount_micro
    if any(sums.values()):
        raise ProjectionBroken(f"unbalanced postings at position {recorded.position}: {sums}")
    return found


def _accrual(event: RoyaltyAccrued) -> list[Posting]:
    """Debit the payer by the fee; credit each leg, and the commission by the rest."""
    said = ("accrual", event.generation, event.output)
    fee, commission = event.fee, event.commission
    found = [Posting(receivable(event.payer), fee.currency, -fee.micro(), *said)]
    for leg in event.legs:
        amount = leg.amount
        where = (payable(leg.party), amount.currency, amount.micro())
        found.append(Posting(*where, *said, leg.recording, leg.side, leg.asset))
    found.append(Posting(COMMISSION, commission.currency, commission.micro(), *said))
    return found


def _payout(
    event: PayoutInstructed | PayoutSettled | PayoutFailed | PayoutReturned,
) -> Iterator[Posting]:
    names = {"payable": payable(event.party), "payout_clearing": clearing(event.party), BANK: BANK}
    source, target = PAYOUT_STEPS[type(event)]
    for account, sign in ((names[source], -1), (names[target], 1)):
        yield Posting(
            account=account,
            currency=event.amount.currency,
            amount_micro=sign * event.amount.micro(),
            kind=event.TOPIC,
            payout=event.payout,
        )
