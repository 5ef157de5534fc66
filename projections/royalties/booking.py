"""From events to rows: the lines of the journal, and what stands on each account that they move.

An accrual goes from the fields that are booked to the text of its rows without anything between,
where all of it is in one currency and balances. Whatever else comes goes by its postings, of the
whole event, which say what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from ledger.rights.view import Recorded
from projections.base import Added, Grown, Known, Step, from_us
from projections.lines import NULL, written
from projections.royalties.postings import COMMISSION, payable, postings_of, receivable
from schemas.events.royalties import RoyaltyAccrued
from schemas.money import CURRENCIES, parse_amount
from schemas.parts import Part
from schemas.period import month_of

Account = str
"""An account's name and a currency, as they stand in a line."""

Moved = tuple[Account, int, int]
"""An account, the position, by how many micro units."""

_DAY_US: Final = 86_400_000_000

ACCRUED: Final = Part(RoyaltyAccrued, "generation", "output", "payer", "fee", "commission", "legs")
"""What is booked of an accrual."""

_NO_SONG: Final = "\t".join([NULL] * 4)
"""Recording, side, asset and payout of a posting that has none of them."""


def book(run: Iterable[Recorded]) -> Sequence[Step]:
    """Return the rows of entries, none where they move no money. Raises like `postings_of`."""
    lines: list[str] = []
    rows: list[Moved] = []
    for recorded in run:
        is_accrual = recorded.topic == RoyaltyAccrued.TOPIC
        found = by_accrual(recorded, recorded.part(ACCRUED)) if is_accrual else None
        added, moved = found or by_postings(recorded)
        lines += added
        position = recorded.position
        rows += [(where, position, amount_micro) for where, amount_micro in moved.items()]
    if not lines:
        return ()
    return (
        Added("add_posting", lines),
        Grown("newest_balances", "add_balance", added_up, rows),
    )


def by_postings(recorded: Recorded) -> tuple[list[str], dict[Account, int]]:
    """Return the lines of any entry, and what they move, by its postings."""
    when = _when(recorded)
    lines: list[str] = []
    moved: dict[Account, int] = {}
    for line, one in enumerate(postings_of(recorded)):
        lines.append(f"{recorded.position}\t{line}{when}{one.line()}")
        where = f"{written(one.account)}\t{written(one.currency)}"
        moved[where] = moved.get(where, 0) + one.amount_micro
    return lines, moved


def by_accrual(recorded: Recorded, accrued: Any) -> tuple[list[str], dict[Account, int]] | None:
    """Return the same of an accrual, or of the part of it that is `ACCRUED`.

    None where it does not balance, or not in one currency of those that there are.
    """
    fee, commission = accrued.fee, accrued.commission
    currency = fee.currency
    payer = f"{receivable(accrued.payer)}\t{currency}"
    fee_micro, commission_micro = parse_amount(fee.amount), parse_amount(commission.amount)
    position, when = recorded.position, _when(recorded)
    said = f"\taccrual\t{accrued.generation}\t{accrued.output}\t"
    moved = {payer: -fee_micro}
    lines = [f"{position}\t0{when}{payer}\t{-fee_micro}{said}{_NO_SONG}"]
    is_one = commission.currency == currency and currency in CURRENCIES
    rest_micro = fee_micro - commission_micro
    line = 0
    for leg in accrued.legs:
        line += 1
        where, amount = f"{payable(leg.party)}\t{currency}", leg.amount
        amount_micro = parse_amount(amount.amount)
        if amount.currency != currency:
            is_one = False
        rest_micro -= amount_micro
        moved[where] = moved[where] + amount_micro if where in moved else amount_micro
        lines.append(
            f"{position}\t{line}{when}{where}\t{amount_micro}{said}"
            f"{leg.recording}\t{leg.side}\t{leg.asset}\t\\N"
        )
    if rest_micro or not is_one:
        return None
    where = f"{COMMISSION}\t{currency}"
    moved[where] = commission_micro
    lines.append(f"{position}\t{line + 1}{when}{where}\t{commission_micro}{said}{_NO_SONG}")
    return lines, moved


def _when(recorded: Recorded) -> str:
    """Return what stands in a line behind its number."""
    time_us = recorded.time_us
    return f"\t{time_us}\t{_month_of_day(time_us // _DAY_US)}\t"


@lru_cache(maxsize=64)
def _month_of_day(day: int) -> str:
    """Return the month of a day since 1970: a batch spans few."""
    return month_of(from_us(day * _DAY_US))


def added_up(known: Known, rows: Sequence[Moved]) -> list[str]:
    """Return rows with what stands on each account after it was moved."""
    lines = []
    for where, position, amount_micro in rows:
        before = known.get(where)
        after_micro = before[0] + amount_micro if before else amount_micro
        known[where] = (after_micro,)
        lines.append(f"{where}\t{position}\t{amount_micro}\t{after_micro}")
    return lines
