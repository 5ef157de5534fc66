"""Questions about money. Every one takes `as_of` and `valid_at` (see `projections.asking`).

What is here takes effect when it is recorded, so `valid_at` leaves out what was recorded later.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from ledger.rights.royalties_lines import Line, lines_sha256
from projections.asking import Answer, AsOf, Reading, Readings
from projections.base import from_us
from projections.errors import ProjectionBroken
from projections.royalties.postings import clearing, payable
from projections.royalties.records import (
    AccountBalance,
    Balance,
    HoldRow,
    PayeeStanding,
    PayoutRow,
    PostingRow,
    StatementRow,
    hold_row,
    payout_row,
    posting_row,
    statement_row,
)

NAME: Final = "royalties"
"""The projection that is asked."""

LIMIT: Final = 500
"""Rows a page, unless fewer are asked for."""


def balances(
    readings: Readings, party: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Balance]:
    """Return what a party has, one row a currency; no row where it never had anything."""
    with readings.open(NAME, as_of, valid_at) as reading:
        accounts = {"payable": payable(party), "clearing": clearing(party)}
        found = reading.rows("currencies_of", **accounts)
        return reading.answer([_balance(reading, party, row["currency"]) for row in found])


def _balance(reading: Reading, party: str, currency: str) -> Balance:
    of = {"party": party, "currency": currency}
    owed_micro = _standing(reading, payable(party), currency)
    (closed,) = reading.rows("closed_of", **of)
    (paid,) = reading.rows("paid_of", **of)
    available_micro = closed["payable_micro"] - paid["taken_micro"]
    return Balance(
        party=party,
        currency=currency,
        owed_micro=owed_micro,
        pending_micro=owed_micro - available_micro - closed["carry_micro"],
        available_micro=available_micro,
        carry_micro=closed["carry_micro"],
        in_flight_micro=_standing(reading, clearing(party), currency),
        paid_micro=paid["paid_micro"],
    )


def _standing(reading: Reading, account: str, currency: str) -> int:
    rows = reading.rows("balance_of", account=account, currency=currency)
    return int(rows[0]["balance_after_micro"]) if rows else 0


def trial_balance(
    readings: Readings, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[AccountBalance]:
    """Return what stands on every account; per currency the rows sum to zero."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer(
            [
                AccountBalance(
                    account=row["account"],
                    currency=row["currency"],
                    position=row["position"],
                    balance_micro=row["balance_after_micro"],
                )
                for row in reading.rows("balances")
            ]
        )


def postings(
    readings: Readings,
    *,
    account: str,
    after: int = 0,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[PostingRow]:
    """Return the postings of an account after a position, at most `limit` of them."""
    values = {"account": account, "after": after, "limit": limit}
    return _rows(readings, as_of, valid_at, "postings_of_account", values)


def postings_at(
    readings: Readings, position: int, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[PostingRow]:
    """Return the postings of one entry."""
    return _rows(readings, as_of, valid_at, "postings_at", {"at": position})


def postings_of_generation(
    readings: Readings, generation: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[PostingRow]:
    """Return what a generation's completion posted: fee, legs, commission."""
    values = {"generation": generation}
    return _rows(readings, as_of, valid_at, "postings_of_generation", values)


def _rows(
    readings: Readings,
    as_of: AsOf,
    valid_at: datetime | None,
    statement: str,
    values: dict[str, Any],
) -> Answer[PostingRow]:
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer([posting_row(row) for row in reading.rows(statement, **values)])


def statements(
    readings: Readings, party: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[StatementRow]:
    """Return a party's closed statements by month and number."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("statements_of", party=party)
        return reading.answer([statement_row(row) for row in found])


def statement(
    readings: Readings, statement_id: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[StatementRow]:
    """Return one closed statement, or no row."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("statement", statement=statement_id)
        return reading.answer([statement_row(row) for row in found])


def statement_lines(
    readings: Readings, statement_id: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Line]:
    """Return the lines of a closed statement, as many and as hashed as it says.

    Raises `ProjectionBroken` where they are not: the table or the log is not what it was.
    """
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("statement", statement=statement_id)
        return reading.answer(_lines(reading, statement_row(found[0])) if found else [])


def _lines(reading: Reading, closed: StatementRow) -> list[Line]:
    rows = reading.rows(
        "lines_of_statement",
        account=payable(closed.party),
        currency=closed.currency,
        month=closed.month,
        from_position=closed.from_position,
        through=closed.through,
    )
    lines = [
        Line(
            position=row["position"],
            generation=row["generation"],
            output=row["output"],
            recording=row["recording"],
            side=row["side"],
            asset=row["asset"],
            amount_micro=row["amount_micro"],
            currency=row["currency"],
        )
        for row in rows
    ]
    if len(lines) != closed.line_count or lines_sha256(lines) != closed.lines_sha256:
        raise ProjectionBroken(f"the lines are not those that were closed [{closed.statement}]")
    return lines


def payouts(
    readings: Readings, party: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[PayoutRow]:
    """Return a party's payouts, each with the step at which it stands."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("payouts_of", party=party)
        return reading.answer([payout_row(row) for row in found])


def payouts_at_step(
    readings: Readings, step: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[PayoutRow]:
    """Return every payout that stands at a step: `instructed` is what the bank must be told."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("payouts_at_step", step=step)
        return reading.answer([payout_row(row) for row in found])


def payout(
    readings: Readings, payout_id: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[PayoutRow]:
    """Return the steps of one payout in order; the last is where it stands."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer([payout_row(row) for row in reading.rows("payout", payout=payout_id)])


def holds(
    readings: Readings, party: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[HoldRow]:
    """Return what holds a party's payouts."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer([hold_row(row) for row in reading.rows("holds_of", party=party)])


def payee(
    readings: Readings, party: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[PayeeStanding]:
    """Return whether a party can be paid; always one row."""
    with readings.open(NAME, as_of, valid_at) as reading:
        details = reading.rows("payee_of", party=party)
        screened = reading.rows("screening_of", party=party)
        standing = PayeeStanding(
            party=party,
            currency=details[0]["currency"] if details else None,
            cool_off_until=from_us(details[0]["cool_off_until_us"]) if details else None,
            screening=screened[0]["outcome"] if screened else None,
            screening_expires_at=from_us(screened[0]["expires_at_us"]) if screened else None,
            holds=tuple(hold_row(row) for row in reading.rows("holds_of", party=party)),
        )
        return reading.answer([standing])
