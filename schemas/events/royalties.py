"""Events of the journal: accruals, royalty statements, payouts, holds."""

from __future__ import annotations

from typing import ClassVar, Literal

from schemas.events.base import Event, touched_ids
from schemas.ids import GenerationId, OutputId, PartyId, PayoutId, StatementId
from schemas.model import Commitment, Count, Position, Sha256Hex, Text
from schemas.money import Money
from schemas.period import Month
from schemas.terms import Leg, Touched


class RoyaltyAccrued(Event):
    """The vector committed at authorization, posted unchanged.

    Double entry in micro units: debit `receivable:<payer>` by the fee; credit each leg's party
    `payable:<party>` (or `unclaimed`, `disputed`) by its leg and `commission` by the rest.
    """

    TOPIC: ClassVar[str] = "RoyaltyAccrued"
    COMMITTED: ClassVar[tuple[str, ...]] = ("payer",)

    generation: GenerationId
    output: OutputId
    payer: PartyId | Commitment
    fee: Money
    pool: Money
    commission: Money
    legs: tuple[Leg, ...]
    vector_sha256: Sha256Hex
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the generation: accruals are `about:` the payee and move nothing of the payee."""
        return (f"job:{self.generation}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation, its output and everything referred to."""
        return (self.generation, self.output, *touched_ids(self.touched))


class RoyaltyStatementClosed(Event):
    """A royalty statement was closed over the accruals in [from_position, through].

    `carried_in` and `carried_out` are sub-minor remainders in micro precision; `payable` is what
    this statement adds to the payable balance, in the currency's own unit. Each line is one leg;
    the lines are bound by hash and follow from the log.
    """

    TOPIC: ClassVar[str] = "RoyaltyStatementClosed"

    statement: StatementId
    party: PartyId
    month: Month
    number: Count
    from_position: Position
    through: Position
    accrued: Money
    carried_in: Money
    payable: Money
    carried_out: Money
    line_count: Count
    lines_sha256: Sha256Hex

    def scopes(self) -> tuple[str, ...]:
        """Move the month of the party, and its money."""
        return (f"period:{self.party}/{self.month}", f"money:{self.party}")

    def concerns(self) -> tuple[object, ...]:
        """Concern the party and the statement."""
        return (self.party, self.statement)


class _PayoutMoved(Event):
    """A payout took a step."""

    payout: PayoutId
    statement: StatementId
    party: PartyId
    month: Month
    amount: Money

    def scopes(self) -> tuple[str, ...]:
        """Move the month of the party, its money, and the payout."""
        return (
            f"period:{self.party}/{self.month}",
            f"money:{self.party}",
            f"payout:{self.payout}",
        )

    def concerns(self) -> tuple[object, ...]:
        """Concern the party, the statement and the payout."""
        return (self.party, self.statement, self.payout)


class PayoutInstructed(_PayoutMoved):
    """A payout was instructed: from payable to payout clearing.

    `idempotency_key` is the same for every retry, so that a bank pays once.
    """

    TOPIC: ClassVar[str] = "PayoutInstructed"

    details: Commitment
    idempotency_key: Sha256Hex


class PayoutSettled(_PayoutMoved):
    """The bank paid: out of clearing."""

    TOPIC: ClassVar[str] = "PayoutSettled"

    bank_reference: Commitment


class PayoutFailed(_PayoutMoved):
    """The bank did not pay: from clearing back to payable."""

    TOPIC: ClassVar[str] = "PayoutFailed"

    reason: Text


class PayoutReturned(_PayoutMoved):
    """A settled payment came back: payable again, and the payee is on hold for bank details."""

    TOPIC: ClassVar[str] = "PayoutReturned"

    reason: Text


class HoldPlaced(Event):
    """A party's payouts were held."""

    TOPIC: ClassVar[str] = "HoldPlaced"

    party: PartyId
    reason: Literal["kyc", "sanctions", "tax", "bank_details", "deceased", "court_order"]
    officer: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the party's money."""
        return (f"money:{self.party}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)


class HoldReleased(Event):
    """A hold was released by another officer than the one who placed it."""

    TOPIC: ClassVar[str] = "HoldReleased"

    party: PartyId
    reason: Literal["kyc", "sanctions", "tax", "bank_details", "deceased", "court_order"]
    officer: PartyId

    def scopes(self) -> tuple[str, ...]:
        """Move the party's money."""
        return (f"money:{self.party}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the party."""
        return (self.party,)
