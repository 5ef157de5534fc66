"""Closing a royalty statement: from what accrued to what can be paid.

Accruals at or before a position never change, so a closing reads settled history and needs no
guard on it. What is payable is floored to the currency's own unit, and the rest is carried into
the next statement: there is no income from rounding (money, 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from ledger.rights import lookup
from ledger.rights.decision import Accepted, Asked, Decision
from ledger.rights.payees_states import MONEY, Payee
from ledger.rights.royalties_lines import Line, lines_of, lines_sha256
from ledger.rights.royalties_states import PERIOD, Period, period_key
from ledger.rights.states import LOG, POLICY
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.royalties import CloseRoyaltyStatement
from schemas.events.royalties import RoyaltyStatementClosed
from schemas.money import Money, floor_to_minor, minor_micro
from schemas.period import month_begin
from schemas.refusals import Malformed


def close_royalty_statement(view: View, asked: Asked, command: CloseRoyaltyStatement) -> Decision:
    """Close the next statement of a month, in one currency, over all that accrued up to `through`.

    A statement has one currency: the policy's while it has lines there, else the first by code
    that has lines; the next closing takes the next one. A month's first statement may be empty,
    so that a payee hears of every month; a later one may not.

    Raises `unknown_id`, `value_unknown` (the month has not begun), `number_invalid` (`through` is
    beyond the log), `id_reused`, `period_closed` (nothing has accrued since the last one).
    """
    lookup.party(view, command.party)
    if month_begin(command.month) > asked.at:
        raise Malformed("value_unknown", "the month has not begun", pointer="/month")
    if command.through > view.source.head():
        raise Malformed("number_invalid", "beyond the log's end", pointer="/through")
    payee = view.ask(MONEY, command.party)
    if command.statement in payee.statements:
        raise Malformed("id_reused", "this statement is closed", pointer="/statement")
    period = view.ask(PERIOD, period_key(command.party, command.month))
    begin = payee.settled_before(command.month)
    history = view.history(command.party, after=begin, until=max(begin, command.through))
    lines = lines_of(history, party=command.party, month=command.month)
    preferred = view.ask(POLICY, LOG).policy.currency
    currency, waiting = _next_currency(lines, period, preferred)
    after = period.through.get(currency, begin)
    if (not waiting and period.number) or command.through <= after:
        raise Malformed("period_closed", f"nothing accrued after {after}, and that is closed")
    return Accepted((_closed(command, payee, period, waiting, currency=currency, after=after),))


def _next_currency(
    lines: Sequence[Line], period: Period, preferred: str
) -> tuple[str, tuple[Line, ...]]:
    """Return the currency to close, and its lines that are in no statement yet."""
    waiting: dict[str, list[Line]] = {}
    for line in lines:
        if line.position > period.through.get(line.currency, 0):
            waiting.setdefault(line.currency, []).append(line)
    currency = preferred if preferred in waiting or not waiting else min(waiting)
    return currency, tuple(waiting.get(currency, ()))


def _closed(
    command: CloseRoyaltyStatement,
    payee: Payee,
    period: Period,
    lines: tuple[Line, ...],
    *,
    currency: str,
    after: int,
) -> RoyaltyStatementClosed:
    accrued_micro = sum(line.amount_micro for line in lines)
    carried_micro = payee.purse(currency).carry_micro
    payable_minor = floor_to_minor(accrued_micro + carried_micro, currency)
    left_micro = accrued_micro + carried_micro - payable_minor * minor_micro(currency)
    return RoyaltyStatementClosed(
        statement=command.statement,
        party=command.party,
        month=command.month,
        number=period.number + 1,
        from_position=after + 1,
        through=command.through,
        accrued=Money.accrued(accrued_micro, currency),
        carried_in=Money.accrued(carried_micro, currency),
        payable=Money.payable(payable_minor, currency),
        carried_out=Money.accrued(left_micro, currency),
        line_count=len(lines),
        lines_sha256=lines_sha256(lines),
    )


DECIDES: Final[Mapping[type[Command], Callable[[View, Asked, Any], Decision]]] = MappingProxyType(
    {CloseRoyaltyStatement: close_royalty_statement}
)
"""The rules of this module by their commands."""
