"""From postings to rows: the lines of the journal, and what stands on each account that they move.

Nearly every entry of a long log that moves money is an accrual in one currency, so that one goes
from the event to the text of its rows without anything between. Whatever else comes, or does not
balance, goes by its postings, which say what is wrong; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.rights.view import Recorded
from projections.base import Added, Grown, Known, Step, to_us
from projections.lines import NULL
from projections.royalties.postings import COMMISSION, payable, postings_of, receivable
from schemas.events.royalties import RoyaltyAccrued
from schemas.money import Money
from schemas.period import month_of

_DIGITS_MAX = 18
"""Digits of an amount that are surely within a `bigint`."""

Moved = tuple[tuple[str, str], int, int]
"""An account and its currency, the position, by how many micro units."""


def book(recorded: Recorded) -> Iterator[Step]:
    """Yield the rows of an entry, none where it moves no money. Raises like `postings_of`."""
    event = recorded.event
    found = _accrued(recorded, event) if isinstance(event, RoyaltyAccrued) else None
    lines, moved = found or by_postings(recorded)
    if lines:
        position = recorded.position
        rows = [(where, position, amount_micro) for where, amount_micro in moved.items()]
        yield Added("add_posting", lines)
        yield Grown("newest_balances", "add_balance", added_up, rows)


def by_postings(recorded: Recorded) -> tuple[list[str], dict[tuple[str, str], int]]:
    """Return the lines of any entry, and what they move, by its postings."""
    begin, when = _place(recorded)
    lines: list[str] = []
    moved: dict[tuple[str, str], int] = {}
    for line, one in enumerate(postings_of(recorded)):
        lines.append(f"{begin}{line}{when}{one.line()}")
        where = (one.account, one.currency)
        moved[where] = moved.get(where, 0) + one.amount_micro
    return lines, moved


def _accrued(
    recorded: Recorded, event: RoyaltyAccrued
) -> tuple[list[str], dict[tuple[str, str], int]] | None:
    """Return the same of an accrual, where all of it is in one currency and balances."""
    currency = event.fee.currency
    begin, when = _place(recorded)
    said = f"\taccrual\t{event.generation}\t{event.output}\t"
    payer = receivable(event.payer)
    fee_micro, commission_micro = _micro(event.fee), _micro(event.commission)
    rest_micro = fee_micro - commission_micro
    moved = {(payer, currency): -fee_micro}
    lines = [f"{begin}0{when}{payer}\t{currency}\t{-fee_micro}{said}{_NO_SONG}"]
    for leg in event.legs:
        amount, account = leg.amount, payable(leg.party)
        if amount.currency != currency:
            return None
        micro = _micro(amount)
        rest_micro -= micro
        where = (account, currency)
        moved[where] = moved.get(where, 0) + micro
        lines.append(
            f"{begin}{len(lines)}{when}{account}\t{currency}\t{micro}{said}"
            f"{leg.recording}\t{leg.side}\t{leg.asset}\t\\N"
        )
    if rest_micro or event.commission.currency != currency:
        return None
    where = (COMMISSION, currency)
    moved[where] = moved.get(where, 0) + commission_micro
    lines.append(
        f"{begin}{len(lines)}{when}{COMMISSION}\t{currency}\t{commission_micro}{said}{_NO_SONG}"
    )
    return lines, moved


_NO_SONG = "\t".join([NULL] * 4)
"""Recording, side, asset and payout of a posting that has none of them."""


def _place(recorded: Recorded) -> tuple[str, str]:
    """Return what stands in a line before and after its number."""
    time = recorded.time
    return f"{recorded.position}\t", f"\t{to_us(time)}\t{month_of(time)}\t"


def _micro(money: Money) -> int:
    """Return an amount in micro units; one with all six decimals needs no looking at each part."""
    text = money.amount
    digits = text[:-7] + text[-6:]
    is_plain = text[-7:-6] == "." and digits.isascii() and digits.isdigit()
    if is_plain and len(digits) <= _DIGITS_MAX and (text[0] != "0" or text[1] == "."):
        return int(digits)
    return money.micro()


def added_up(known: Known, rows: Sequence[Moved]) -> list[str]:
    """Return rows with what stands on each account after it was moved."""
    lines = []
    for where, position, amount_micro in rows:
        before = known.get(where)
        after_micro = before[0] + amount_micro if before else amount_micro
        known[where] = (after_micro,)
        account, currency = where
        lines.append(f"{account}\t{currency}\t{position}\t{amount_micro}\t{after_micro}")
    return lines
