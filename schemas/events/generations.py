"""Events of a generation's life, from the license instant to the file."""

from __future__ import annotations

from typing import ClassVar, Literal

from schemas.events.base import Event, touched_ids
from schemas.ids import (
    ConsentId,
    GenerationId,
    KeyId,
    ModelId,
    OutputId,
    PartyId,
    RecordingId,
    TariffId,
    VerificationId,
)
from schemas.lists import Channel, Purpose, Tier
from schemas.model import Base64Url, Commitment, Count, Sha256Hex, Text
from schemas.money import Money
from schemas.period import Instant
from schemas.terms import AudioIdentity, AuthorizedReference, Leg, Touched


class GenerationAuthorized(Event):
    """The license instant. Everything that the manifest and the money rest on is committed here."""

    TOPIC: ClassVar[str] = "GenerationAuthorized"
    COMMITTED: ClassVar[tuple[str, ...]] = ("creator",)
    PRIVATE_ACTOR: ClassVar[bool] = True

    generation: GenerationId
    verification: VerificationId
    creator: PartyId | Commitment
    references: tuple[AuthorizedReference, ...]
    references_sha256: Sha256Hex
    touched: tuple[Touched, ...]
    model: ModelId
    tier: Tier
    purpose: Purpose
    channel: Channel
    territory: tuple[str, ...]
    seed: Count
    duration_ms: Count
    prompt: Commitment | None
    upgrades: GenerationId | None
    manifest_urn: Text
    worker: KeyId | None
    vector_sha256: Sha256Hex
    expires_at: Instant

    def scopes(self) -> tuple[str, ...]:
        """Move the generation, and the verification that it spends."""
        return (f"job:{self.generation}", f"job:{self.verification}")

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation and everything referred to."""
        return (self.generation, *touched_ids(self.touched))


class FeeAgreed(Event):
    """What the creator owes at completion, and the accrual vector that will be posted unchanged."""

    TOPIC: ClassVar[str] = "FeeAgreed"
    COMMITTED: ClassVar[tuple[str, ...]] = ("payer",)
    PRIVATE_ACTOR: ClassVar[bool] = True

    generation: GenerationId
    payer: PartyId | Commitment
    tariff: TariffId
    fee: Money
    credited: Money
    pool: Money
    commission: Money
    legs: tuple[Leg, ...]
    vector_sha256: Sha256Hex
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the generation."""
        return (f"job:{self.generation}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation and everything referred to."""
        return (self.generation, *touched_ids(self.touched))


class GenerationCompleted(Event):
    """The file was read back and says what was authorized.

    `authorized_before_revocation` lists cited consents revoked between authorization and here.
    """

    TOPIC: ClassVar[str] = "GenerationCompleted"

    generation: GenerationId
    output: OutputId
    artifact_sha256: Sha256Hex
    audio: AudioIdentity
    worker: KeyId
    finished: Base64Url
    references_sha256: Sha256Hex
    authorized_before_revocation: tuple[ConsentId, ...]
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the generation."""
        return (f"job:{self.generation}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation, its output and everything referred to."""
        return (self.generation, self.output, *touched_ids(self.touched))


class ManifestEmbedded(Event):
    """What the manifest in the file says, as read back.

    `claim_sha256` tells this manifest from any other: the bytes of the file may change in padding
    without touching what was signed.
    """

    TOPIC: ClassVar[str] = "ManifestEmbedded"

    generation: GenerationId
    output: OutputId
    manifest_urn: Text
    claim_sha256: Sha256Hex | None
    claim_signer_sha256: Sha256Hex
    references_sha256: Sha256Hex
    ingredients: tuple[RecordingId, ...]
    artifact_sha256: Sha256Hex
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the generation."""
        return (f"job:{self.generation}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation, its output and everything referred to."""
        return (self.generation, self.output, *touched_ids(self.touched))


class GenerationFailed(Event):
    """A generation failed; nothing is owed. A lying file stays in quarantine by its hash."""

    TOPIC: ClassVar[str] = "GenerationFailed"

    generation: GenerationId
    code: Literal[
        "reference_set_mismatch",
        "worker_failed",
        "artifact_unreadable",
        "artifact_missing",
        "worker_silent",
    ]
    differences: tuple[Text, ...]
    quarantined_sha256: Sha256Hex | None
    finished: Base64Url | None
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the generation."""
        return (f"job:{self.generation}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation and everything referred to."""
        return (self.generation, *touched_ids(self.touched))


class GenerationCanceled(Event):
    """A generation was canceled by its creator, or by a consent that says `in_flight: cancel`."""

    TOPIC: ClassVar[str] = "GenerationCanceled"

    generation: GenerationId
    because: Literal["creator", "consent_revoked", "outside_window"]
    consents: tuple[ConsentId, ...]
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the generation."""
        return (f"job:{self.generation}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation and everything referred to."""
        return (self.generation, *touched_ids(self.touched))


class AuthorizationExpired(Event):
    """An authorization's hour passed without a completed output; nothing is owed."""

    TOPIC: ClassVar[str] = "AuthorizationExpired"

    generation: GenerationId
    touched: tuple[Touched, ...]

    def scopes(self) -> tuple[str, ...]:
        """Move the generation."""
        return (f"job:{self.generation}",)

    def concerns(self) -> tuple[object, ...]:
        """Concern the generation and everything referred to."""
        return (self.generation, *touched_ids(self.touched))
