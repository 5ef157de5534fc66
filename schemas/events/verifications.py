"""Events of verification, and of demand that was turned down."""

from __future__ import annotations

from typing import ClassVar

from schemas.events.base import Event, opened, touched_ids
from schemas.ids import GenerationId, PartyId, TariffId, VerificationId
from schemas.model import Commitment, Count, Position
from schemas.money import Money
from schemas.period import Instant
from schemas.refusals import Reason
from schemas.terms import Alternative, AuthorizedReference, Request, Touched


def demand(creator: str | Commitment) -> tuple[str, ...]:
    """Return the scope that counts a creator's refusals, where the creator is open."""
    name = opened(creator)
    return (f"demand:{name}",) if name else ()


class VerificationCleared(Event):
    """A request was verified and cleared; its tariffs are bound until `expires_at`.

    `tariffs` are all that price one of the countries asked; `tariff` is the one whose price, the
    highest, was taken.
    """

    TOPIC: ClassVar[str] = "VerificationCleared"
    COMMITTED: ClassVar[tuple[str, ...]] = ("creator",)
    PRIVATE_ACTOR: ClassVar[bool] = True

    verification: VerificationId
    creator: PartyId | Commitment
    request: Request
    references: tuple[AuthorizedReference, ...]
    touched: tuple[Touched, ...]
    tariff: TariffId
    tariffs: tuple[TariffId, ...]
    fee: Money
    pool: Money
    expires_at: Instant

    def scopes(self) -> tuple[str, ...]:
        """Move the verification."""
        return (f"job:{self.verification}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern everything referred to."""
        return (self.verification, *touched_ids(self.touched))


class VerificationRefused(Event):
    """A request was verified and refused. The owners see the demand that was turned down.

    `reasons` are the first in order; `reasons_left_out` says how many more there were.
    """

    TOPIC: ClassVar[str] = "VerificationRefused"
    COMMITTED: ClassVar[tuple[str, ...]] = ("creator",)
    PRIVATE_ACTOR: ClassVar[bool] = True

    verification: VerificationId
    creator: PartyId | Commitment
    request: Request
    reasons: tuple[Reason, ...]
    reasons_left_out: Count = 0
    alternatives: tuple[Alternative, ...]
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the verification and the creator's demand."""
        return (f"job:{self.verification}", *demand(self.creator))

    def concerns(self) -> tuple[object, ...]:
        """Concern everything referred to."""
        return (self.verification, *touched_ids(self.touched))


class GenerationRefused(Event):
    """An authorization was asked for and refused; `reasons_left_out` as in a verification."""

    TOPIC: ClassVar[str] = "GenerationRefused"
    COMMITTED: ClassVar[tuple[str, ...]] = ("creator",)
    PRIVATE_ACTOR: ClassVar[bool] = True

    generation: GenerationId
    verification: VerificationId | None
    creator: PartyId | Commitment
    request: Request
    reasons: tuple[Reason, ...]
    reasons_left_out: Count = 0
    alternatives: tuple[Alternative, ...]
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the creator's demand; the job's scope stays free for a later yes."""
        return demand(self.creator)

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation and everything referred to."""
        return (self.generation, *touched_ids(self.touched))


class RefusalsRepeated(Event):
    """A refusal was repeated `repeats` times since that was last written down, within its hour."""

    TOPIC: ClassVar[str] = "RefusalsRepeated"
    COMMITTED: ClassVar[tuple[str, ...]] = ("creator",)

    refusal: Position
    creator: PartyId | Commitment
    repeats: Count
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the creator's demand."""
        return demand(self.creator)

    def concerns(self) -> tuple[object, ...]:
        """Concern everything referred to."""
        return touched_ids(self.touched)
