"""Commands of a generation's life: verify, authorize, report, cancel, expire."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from schemas.commands.base import Command
from schemas.ids import GenerationId, KeyId, OutputId, PartyId, VerificationId
from schemas.lists import KeyRole
from schemas.model import Base64Url, Count, Position, Sha256Hex, Text, Wire
from schemas.refusals import Malformed
from schemas.terms import AudioIdentity, Request


class VerifyGeneration(Command):
    """Verify: may I, and at what price? Logged with its outcome; cleared, it lives 15 minutes."""

    PUBLIC: ClassVar[bool] = False

    verification: VerificationId
    request: Request


class AuthorizeGeneration(Command):
    """Authorize: the license instant. Cites a live verification once, or makes one."""

    PUBLIC: ClassVar[bool] = False

    verification: VerificationId
    request: Request | None = None
    payer: PartyId | None = None
    worker: KeyId | None = None


class CancelGeneration(Command):
    """Cancel one's own generation before it is completed; nothing is owed."""

    PUBLIC: ClassVar[bool] = False

    generation: GenerationId


class ExpireAuthorization(Command):
    """Close an authorization whose hour has passed."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"process"})

    generation: GenerationId


class FinishGeneration(Command):
    """What a worker signs as `generation.finished`. Never appended by itself.

    The worker's word is not enough: the finisher reads the file back and reports it.
    `claim_signer_sha256` names the certificate (its DER bytes) by which the worker signed the
    file's C2PA claim: this statement binds it to the worker's enrolled key.
    """

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"worker"})
    PUBLIC: ClassVar[bool] = False

    generation: GenerationId
    outcome: Literal["completed", "failed"]
    artifact_sha256: Sha256Hex | None = None
    artifact_bytes: Count | None = None
    claim_signer_sha256: Sha256Hex | None = None
    units_sha256: Sha256Hex | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> FinishGeneration:
        if (self.outcome == "completed") != (self.artifact_sha256 is not None):
            raise Malformed("value_unknown", "a completed generation names its artifact")
        return self


class ReadManifest(Wire):
    """What the finisher read in the file with its own eyes.

    `failures` are what the reading found against the file: a hash that does not fit, a certificate
    that leads to no trust anchor of the policy, a file cut short. One of them fails the generation.
    `ingredients` are what the file names, whether or not there are such recordings.
    """

    urn: Text | None
    claim_sha256: Sha256Hex | None = None
    claim_signer_sha256: Sha256Hex | None
    references_sha256: Sha256Hex | None
    ingredients: tuple[Text, ...]
    audio: AudioIdentity
    failures: tuple[Text, ...] = ()


class ReportManifestRead(Command):
    """Report what a finished file says, with the worker's statement inside."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"process"})
    PUBLIC: ClassVar[bool] = False
    WORDS: ClassVar[tuple[str, ...]] = ("finished",)

    generation: GenerationId
    output: OutputId
    finished: Base64Url
    reading: ReadManifest


class ReportFailure(Command):
    """Report that a generation failed: the worker said so, or its file could not be read."""

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"process"})
    PUBLIC: ClassVar[bool] = False
    WORDS: ClassVar[tuple[str, ...]] = ("finished",)

    generation: GenerationId
    code: Literal["worker_failed", "artifact_unreadable", "artifact_missing", "worker_silent"]
    finished: Base64Url | None = None


class CountRefusals(Command):
    """Write down how often a refusal was repeated since that was last written down.

    `subject` is the verification or generation that was refused at the position `refusal`.
    """

    ROLES: ClassVar[frozenset[KeyRole]] = frozenset({"process"})
    PUBLIC: ClassVar[bool] = False

    refusal: Position
    subject: VerificationId | GenerationId
    repeats: Annotated[Count, Field(ge=1)]
