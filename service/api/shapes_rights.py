"""Shapes of what is asked about rights, generations and files (see `service.api.shapes`)."""

from __future__ import annotations

from typing import Any, Literal

from service.api.shapes import Shape, ShownReason

Amount = dict[Literal["amount", "currency"], str]
"""Money: a decimal text and a currency."""

Listed = list[str] | Literal["all"]
"""Values of a closed list, or all of them."""


class QuotedLeg(Shape):
    """What one party would earn; `open`: tied with others for a last micro unit."""

    leg: dict[str, Any]
    open: bool


class QuotedPrice(Shape):
    """What it would cost, and how it would be divided."""

    tariff: str
    fee: Amount
    credited: Amount
    pool: Amount
    commission: Amount
    legs: list[QuotedLeg]
    open_units: int


class QuoteAnswer(Shape):
    """The answer to a quote: a price, or the reasons and what would be permitted instead."""

    cleared: bool
    at: str
    price: QuotedPrice | None
    references: list[dict[str, Any]]
    code: str | None
    message: str | None
    reasons: list[ShownReason]
    alternatives: list[dict[str, Any]]


class Progress(Shape):
    """How far a rendering is, in thousandths, and at what. Decides nothing."""

    permille: int
    stage: str


class GenerationOutput(Shape):
    """The finished file: where it is, by which hashes it is known, who signed its claim."""

    output: str
    artifact_sha256: str
    audio: dict[str, str]
    url: str
    claim_signer_sha256: str | None = None


class GenerationFailure(Shape):
    """Why there is no file."""

    code: str
    differences: list[str]


class EventRef(Shape):
    """An event, by its position."""

    position: int
    type: str
    recorded_at: str


class Generation(Shape):
    """A generation from its license instant to its end. `creator` only where it is you."""

    generation: str
    status: Literal["authorized", "completed", "failed", "canceled", "expired"]
    position: int
    creator: str | dict[str, str] | None
    verification: str
    model: str
    tier: str
    purpose: str
    channel: str
    territory: list[str]
    seed: int
    duration_ms: int
    references: list[dict[str, Any]]
    manifest_urn: str
    expires_at: str
    fee: Amount
    credited: Amount
    pool: Amount
    commission: Amount
    legs: list[dict[str, Any]]
    progress: Progress | None
    output: GenerationOutput | None
    failure: GenerationFailure | None
    events: list[EventRef]


class Artifact(Shape):
    """Audio that is kept: its two hashes, its length and rate."""

    audio: dict[str, str]
    duration_ms: int
    sample_rate_hz: int
    bytes: int


class Permission(Shape):
    """One version of a consent about an asset or a catalog, in force in a window of both times."""

    subject: str
    party: str
    consent: str
    version: int
    capacity: str
    catalog: bool
    uses: list[str]
    parameters: Listed
    reproduction: bool
    tiers: list[str]
    purposes: Listed
    channels: Listed
    models: Listed
    modules: list[str]
    territories: dict[str, list[str]]
    territories_version: str
    floors: dict[str, Amount]
    minimum_weight: str | None
    revocation: dict[str, Any]
    text_sha256: str
    signed_by: str
    contested: bool
    effective_from: str
    effective_until: str | None
    revoked_from: str | None
    from_position: int
    until_position: int | None


class PermissionList(Shape):
    """Permissions, and for when they hold."""

    items: list[Permission]
    as_of: int
    valid_at: str


class ConsentVersion(Shape):
    """One version of a consent's words."""

    position: int
    acts_from: str
    signed_by: str
    consent: dict[str, Any]


class ConsentAnswer(Shape):
    """A consent: its newest words, every version, and what it permits as far as is known."""

    consent: dict[str, Any]
    versions: list[ConsentVersion]
    revoked_from: str | None
    affirmations: list[dict[str, Any]]
    permissions: list[Permission]
    as_of: int


class SharePart(Shape):
    """One part of a confirmed share."""

    asset: str
    side: str
    party: str
    share: str
    fraction: str
    countries: list[str]
    effective_from: str | None
    effective_until: str | None
    from_position: int
    until_position: int | None


class ShareList(Shape):
    """Confirmed shares, and for when they hold."""

    items: list[SharePart]
    as_of: int
    valid_at: str


class ShareAnswer(Shape):
    """A share: what was claimed, and where it stands."""

    share: str
    status: Literal["proposed", "confirmed", "withdrawn"]
    claim: dict[str, Any]
    position: int
    as_of: int


class LedgerSays(Shape):
    """What the ledger knows about a generation, as every party may read it."""

    generation: str
    status: Literal["authorized", "completed", "failed", "canceled", "expired"]
    found_by: Literal["urn", "file", "frames"]
    manifest_urn: str
    output: str | None
    file_sha256: str | None
    frames_sha256: str | None
    decoder: str | None
    positions: dict[str, int | None]
    references: list[dict[str, Any]]
    licenses: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    quarantined: list[str]


class Said(Shape):
    """One answer of a verdict: a code and its sentence."""

    code: str
    reason: str


class FileVerdict(Shape):
    """The four questions about a file, how much of it is said to be made by AI, and as of when."""

    code: str
    exit_code: int
    intact: Said
    signed_by: Said
    ledger_says: Said
    allowed_here: Said
    contains_ai: dict[str, Any]
    as_of: int | None


class InspectionAnswer(Shape):
    """With the audio: reading and verdict. Without it: what the ledger knows."""

    reading: dict[str, Any] | None
    verdict: FileVerdict | None
    record: LedgerSays | None
    allowed_here: Said | None
    as_of: int | None
