"""Shapes of what is asked about money (see `service.api.shapes`)."""

from __future__ import annotations

from typing import Any, Literal

from service.api.shapes import Shape
from service.api.shapes_rights import Amount


class Balance(Shape):
    """What a party has in one currency; owed is pending, available and carry together."""

    party: str
    currency: str
    owed: Amount
    pending: Amount
    available: Amount
    carry: Amount
    in_flight: Amount
    paid: Amount


class BalanceList(Shape):
    """Balances, and for when they hold."""

    items: list[Balance]
    as_of: int
    valid_at: str


class Posting(Shape):
    """One posting, and the entry that it comes from."""

    position: int
    line: int
    time: str
    kind: str
    account: str
    currency: str
    amount: Amount
    generation: str | None
    output: str | None
    recording: str | None
    side: str | None
    asset: str | None
    payout: str | None


class PostingPage(Shape):
    """A page of postings; `next` is the cursor to go on with."""

    items: list[Posting]
    as_of: int
    valid_at: str
    next: int | None


class RoyaltyStatementRow(Shape):
    """A closed royalty statement without its lines."""

    statement: str
    position: int
    time: str
    party: str
    month: str
    number: int
    currency: str
    from_position: int
    through: int
    accrued: Amount
    carried_in: Amount
    payable: Amount
    carried_out: Amount
    line_count: int
    lines_sha256: str


class RoyaltyStatementList(Shape):
    """Royalty statements, and for when they hold."""

    items: list[RoyaltyStatementRow]
    as_of: int
    valid_at: str


class RoyaltyStatement(Shape):
    """A royalty statement with every line; amounts are in its currency."""

    royalty_statement: str
    party: str
    month: str
    number: int
    currency: str
    closed_at: str
    position: int
    covers: dict[Literal["from_position", "through"], int]
    carried_in: str
    accrued: str
    payable: str
    carried_out: str
    lines: list[dict[str, Any]]
    line_count: int
    lines_sha256: str
    totals: dict[str, dict[str, str]]
    names: dict[str, str]


class PayoutStep(Shape):
    """A step of a payout."""

    payout: str
    step: str
    statement: str
    party: str
    month: str
    currency: str
    amount: Amount
    idempotency_key: str | None
    reason: str | None
    time: str
    position: int


class PayoutList(Shape):
    """Payouts, or the steps of one, and for when they hold."""

    items: list[PayoutStep]
    as_of: int
    valid_at: str


class PayeeStanding(Shape):
    """Whether a party can be paid."""

    party: str
    currency: str | None
    cool_off_until: str | None
    screening: str | None
    screening_expires_at: str | None
    holds: list[dict[str, Any]]


class PayeeAnswer(Shape):
    """One standing, and for when it holds."""

    items: list[PayeeStanding]
    as_of: int
    valid_at: str
