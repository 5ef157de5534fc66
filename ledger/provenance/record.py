"""What a service asks about a file, and what the ledger knows of it: a verdict's other inputs.

The record is filled by whoever has the log or a bundle of it; everything in it holds as of `head`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from ledger.provenance.match import Authorized
from ledger.provenance.model import ManifestReading
from schemas.ids import ConsentId, GenerationId, OutputId
from schemas.lists import Channel, Tier

Status = Literal["authorized", "completed", "failed", "canceled", "expired"]
"""Where a generation's life stands."""

FoundBy = Literal["urn", "file", "frames"]
"""How the ledger knew the file: by its manifest, its bytes, or its decoded frames."""


@dataclass(frozen=True)
class Question:
    """May I carry this here, now? One tier, one channel, one country (ISO 3166-1), one instant."""

    tier: Tier
    channel: Channel
    territory: str
    at: datetime


@dataclass(frozen=True)
class License:
    """One use that was licensed for the output: at authorization, or added by an upgrade.

    `territories` are countries; groups are expanded by whoever fills this in.
    """

    tier: Tier
    channel: Channel
    territories: frozenset[str]
    position: int


@dataclass(frozen=True)
class CitedConsent:
    """A consent that the authorization rests on, and what became of it.

    `revoked_at` is the position of the revocation and `revoked_from` the instant at which it acts
    (notice included); `survives` says that outputs made before stay licensed.
    """

    consent: ConsentId
    position: int
    survives: bool
    revoked_at: int | None = None
    revoked_from: datetime | None = None


@dataclass(frozen=True)
class LedgerRecord:
    """What the ledger says about one generation, as of position `head`.

    `positions` are those of the events behind `status`: of the authorization, and of completion,
    embedding and accrual, or of the end. `claim_sha256` (where it was logged) or `frames_sha256`
    with its `decoder` tell the completed output's manifest and sound from any other.
    """

    generation: GenerationId
    status: Status
    authorized: Authorized
    head: int
    found_by: FoundBy
    completed_at: int | None = None
    embedded_at: int | None = None
    accrued_at: int | None = None
    ended_at: int | None = None
    output: OutputId | None = None
    claim_sha256: str | None = None
    file_sha256: str | None = None
    frames_sha256: str | None = None
    decoder: str | None = None
    licenses: tuple[License, ...] = ()
    consents: tuple[CitedConsent, ...] = ()
    quarantined: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class AuthorizedByProof:
    """What the file alone proves: the authorization's entry lies at a position of our log.

    Made by checking the assertion's tlog-proof (`ledger.evidence`) against the log's verifier key;
    `witnessed` says whether the policy's quorum of cosignatures was there.
    """

    authorized: Authorized
    witnessed: bool


LedgerView = LedgerRecord | AuthorizedByProof | Literal["unknown", "not_asked"]
"""The ledger's answer; `unknown` is an answer and `not_asked` is none."""


class OutputIndex(Protocol):
    """Where outputs are looked up: a projection, or a bundle."""

    def by_urn(self, urn: str) -> LedgerRecord | None:
        """Return the generation whose manifest has this URN."""

    def by_file(self, file_sha256: str) -> LedgerRecord | None:
        """Return the generation whose output has these bytes."""

    def by_frames(self, frames_sha256: str, decoder: str) -> LedgerRecord | None:
        """Return the generation whose output decodes to these frames under this decoder."""


def look_up(reading: ManifestReading, index: OutputIndex) -> LedgerRecord | Literal["unknown"]:
    """Find what the ledger knows: by URN, else by the bytes, else by the decoded frames.

    The last two find files whose manifest was lost or replaced. A miss says nothing about how the
    sound was made.
    """
    record = None if reading.urn is None else index.by_urn(reading.urn)
    if record is None and reading.file_sha256 is not None:
        record = index.by_file(reading.file_sha256)
    if record is None and reading.frames is not None:
        record = index.by_frames(reading.frames.sha256, reading.frames.decoder)
    return "unknown" if record is None else record
