"""From events to rows: the lines of the journal, and what stands on each account that they move.

An accrual goes from its entry to the text of its rows without anything between, where it has the
usual form and balances. Whatever else comes goes by its postings, which say what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.replayed import Replayed
from ledger.rights.view import Recorded
from projections.base import Added, Grown, Known, Step, to_us
from projections.lines import NULL
from projections.royalties.accruals import Accrual, accrual_in
from projections.royalties.postings import COMMISSION, payable, postings_of
from schemas.period import month_of

Account = tuple[str, str]
"""An account's name, a currency."""

Moved = tuple[Account, int, int]
"""An account, the position, by how many micro units."""

_NO_SONG = "\t".join([NULL] * 4)
"""Recording, side, asset and payout of a posting that has none of them."""


def book(recorded: Recorded) -> Iterator[Step]:
    """Yield the rows of an entry, none where it moves no money. Raises like `postings_of`."""
    accrual = accrual_in(recorded) if isinstance(recorded, Replayed) else None
    found = by_accrual(recorded, accrual) if accrual else None
    lines, moved = found or by_postings(recorded)
    if lines:
        position = recorded.position
        rows = [(where, position, amount_micro) for where, amount_micro in moved.items()]
        yield Added("add_posting", lines)
        yield Grown("newest_balances", "add_balance", added_up, rows)


def by_postings(recorded: Recorded) -> tuple[list[str], dict[Account, int]]:
    """Return the lines of any entry, and what they move, by its postings."""
    begin, when = _place(recorded)
    lines: list[str] = []
    moved: dict[Account, int] = {}
    for line, one in enumerate(postings_of(recorded)):
        lines.append(f"{begin}{line}{when}{one.line()}")
        where = (one.account, one.currency)
        moved[where] = moved.get(where, 0) + one.amount_micro
    return lines, moved


def by_accrual(recorded: Recorded, accrual: Accrual) -> tuple[list[str], dict[Account, int]] | None:
    """Return the same of an accrual; None where it does not balance."""
    generation, output, payer, currency, fee_micro, commission_micro, legs = accrual
    begin, when = _place(recorded)
    said = f"\taccrual\t{generation}\t{output}\t"
    moved = {(payer, currency): -fee_micro}
    lines = [f"{begin}0{when}{payer}\t{currency}\t{-fee_micro}{said}{_NO_SONG}"]
    rest_micro = fee_micro - commission_micro
    for line, (units, micros, asset, party, recording, side) in enumerate(legs, 1):
        account, amount_micro = payable(party), int(units + micros)
        rest_micro -= amount_micro
        where = (account, currency)
        moved[where] = moved.get(where, 0) + amount_micro
        lines.append(
            f"{begin}{line}{when}{account}\t{currency}\t{amount_micro}{said}"
            f"{recording}\t{side}\t{asset}\t\\N"
        )
    if rest_micro:
        return None
    moved[(COMMISSION, currency)] = commission_micro
    lines.append(
        f"{begin}{len(lines)}{when}{COMMISSION}\t{currency}\t{commission_micro}{said}{_NO_SONG}"
    )
    return lines, moved


def _place(recorded: Recorded) -> tuple[str, str]:
    """Return what stands in a line before and after its number."""
    time = recorded.time
    return f"{recorded.position}\t", f"\t{to_us(time)}\t{month_of(time)}\t"


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
