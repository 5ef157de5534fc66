"""What questions about royalties are answered with. Amounts are integers of micro units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from projections.base import from_us
from projections.database import Row


@dataclass(frozen=True, slots=True)
class Balance:
    """What a party has in one currency, in micro units.

    `owed` is the account `payable:<party>`, and is `pending + available + carry`: accrued and in
    no statement yet; made payable by closed statements; the sub-minor rest of the newest one.
    `in_flight` is under way to the bank, `paid` has arrived.
    """

    party: str
    currency: str
    owed_micro: int
    pending_micro: int
    available_micro: int
    carry_micro: int
    in_flight_micro: int
    paid_micro: int


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """What stands on one account in one currency; a credit is positive.

    `position` is that of the entry that moved it last.
    """

    account: str
    currency: str
    position: int
    balance_micro: int


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One posting and the entry that it comes from. A credit is positive, a debit negative."""

    position: int
    line: int
    time: datetime
    kind: str
    account: str
    currency: str
    amount_micro: int
    generation: str | None
    output: str | None
    recording: str | None
    side: str | None
    asset: str | None
    payout: str | None


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A closed royalty statement over the accruals in [from_position, through] of its month."""

    statement: str
    position: int
    time: datetime
    party: str
    month: str
    number: int
    currency: str
    from_position: int
    through: int
    accrued_micro: int
    carried_in_micro: int
    payable_micro: int
    carried_out_micro: int
    line_count: int
    lines_sha256: str


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """One step of a payout: instructed, settled, failed or returned; since which position."""

    payout: str
    step: str
    statement: str
    party: str
    month: str
    currency: str
    amount_micro: int
    idempotency_key: str | None
    reason: str | None
    time: datetime
    position: int


@dataclass(frozen=True, slots=True)
class HoldRow:
    """What holds a party's payouts; `officer` is None where the actor is private."""

    party: str
    reason: str
    officer: str | None
    time: datetime
    position: int


@dataclass(frozen=True, slots=True)
class PayeeStanding:
    """Whether a party can be paid: None where it said nothing, or nobody screened it."""

    party: str
    currency: str | None
    cool_off_until: datetime | None
    screening: str | None
    screening_expires_at: datetime | None
    holds: tuple[HoldRow, ...]


def posting_row(row: Row) -> PostingRow:
    """Read a posting."""
    return PostingRow(
        position=row["position"],
        line=row["line"],
        time=from_us(row["time_us"]),
        kind=row["kind"],
        account=row["account"],
        currency=row["currency"],
        amount_micro=row["amount_micro"],
        generation=row["generation"],
        output=row["output"],
        recording=row["recording"],
        side=row["side"],
        asset=row["asset"],
        payout=row["payout"],
    )


def statement_row(row: Row) -> StatementRow:
    """Read a closed statement."""
    return StatementRow(
        statement=row["statement"],
        position=row["position"],
        time=from_us(row["time_us"]),
        party=row["party"],
        month=row["month"],
        number=row["number"],
        currency=row["currency"],
        from_position=row["from_position"],
        through=row["through"],
        accrued_micro=row["accrued_micro"],
        carried_in_micro=row["carried_in_micro"],
        payable_micro=row["payable_micro"],
        carried_out_micro=row["carried_out_micro"],
        line_count=row["line_count"],
        lines_sha256=row["lines_sha256"],
    )


def payout_row(row: Row) -> PayoutRow:
    """Read a step of a payout."""
    return PayoutRow(
        payout=row["payout"],
        step=row["step"],
        statement=row["statement"],
        party=row["party"],
        month=row["month"],
        currency=row["currency"],
        amount_micro=row["amount_micro"],
        idempotency_key=row["idempotency_key"],
        reason=row["reason"],
        time=from_us(row["time_us"]),
        position=row["from_position"],
    )


def hold_row(row: Row) -> HoldRow:
    """Read a hold."""
    return HoldRow(
        party=row["party"],
        reason=row["reason"],
        officer=row["officer"],
        time=from_us(row["time_us"]),
        position=row["from_position"],
    )
