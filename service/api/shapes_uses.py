"""Shapes of what is asked about uses, refusals and outputs (see `service.api.shapes`)."""

from __future__ import annotations

from typing import Any

from service.api.shapes import Shape
from service.api.shapes_rights import Amount


class Step(Shape):
    """Where a generation stands."""

    step: str
    code: str | None
    time: str
    position: int


class UsedReference(Shape):
    """One reference as it was authorized; intervals are half-open, in milliseconds."""

    line: int
    recording: str
    title: str
    isrc: str | None
    works: list[str]
    weight: str
    use: str
    parameters: list[str]
    role: str
    source: list[int] | None
    output: list[int] | None
    stem: str | None
    by: str
    copied: bool
    consents: list[list[str | int]]


class UseLeg(Shape):
    """What accrued for one asset of one recording."""

    line: int
    position: int
    recording: str
    side: str
    asset: str
    party: str
    currency: str
    amount: Amount


class Use(Shape):
    """Where a recording was used, and what that earned; never who created it."""

    generation: str
    position: int
    time: str
    recording: str
    tier: str
    purpose: str
    channel: str
    territories: list[str]
    step: Step
    references: list[UsedReference]
    outputs: list[str]
    legs: list[UseLeg]


class _Page(Shape):
    as_of: int
    valid_at: str
    next: int | None


class UsePage(_Page):
    """A page of uses, the newest first; `next` is the `before` of the next page."""

    items: list[Use]


class Earned(Shape):
    """What one recording has earned, and in how many generations."""

    recording: str
    currency: str
    amount: Amount
    generations: int


class EarnedList(Shape):
    """Earnings by recording, and for when they hold."""

    items: list[Earned]
    as_of: int
    valid_at: str


class Refused(Shape):
    """Demand that was turned down, with the reasons that are yours to see."""

    position: int
    time: str
    kind: str
    generation: str
    verification: str | None
    model: str
    tier: str
    purpose: str
    channel: str
    territories: list[str]
    code: str
    reasons: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]
    asked: list[dict[str, Any]]
    recordings: list[str]
    repeats: int


class RefusalPage(_Page):
    """A page of refusals, the newest first."""

    items: list[Refused]


class GenerationRow(Shape):
    """What was authorized, and where it stands."""

    generation: str
    position: int
    time: str
    verification: str
    creator: str | None
    model: str
    tier: str
    purpose: str
    channel: str
    territories: list[str]
    seed: int
    duration_ms: int
    upgrades: str | None
    manifest_urn: str
    worker: str | None
    references_sha256: str
    vector_sha256: str
    expires_at: str
    step: Step


class GenerationPage(_Page):
    """A page of a creator's generations, the newest first."""

    items: list[GenerationRow]


class Manifest(Shape):
    """What the manifest in a completed file says, as it was read back."""

    position: int
    manifest_urn: str
    claim_signer_sha256: str
    claim_sha256: str | None
    artifact_sha256: str
    ingredients: list[str]


class Output(Shape):
    """A completed file."""

    output: str
    generation: str
    position: int
    time: str
    artifact_sha256: str
    file_sha256: str
    frames_sha256: str
    decoder: str
    worker: str
    authorized_before_revocation: list[str]
    manifest: Manifest | None


class OutputList(Shape):
    """One output, and for when that holds."""

    items: list[Output]
    as_of: int
    valid_at: str


class Quarantined(Shape):
    """A file that said something else than what was authorized."""

    generation: str
    position: int
    time: str
    code: str
    differences: list[str]
    artifact_sha256: str | None


class QuarantinePage(_Page):
    """A page of files in quarantine, the newest first."""

    items: list[Quarantined]
