"""What questions about files are answered with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from projections.base import from_us
from projections.database import Row
from projections.provenance.records import texts


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest in a completed file says, as the finisher read it."""

    position: int
    manifest_urn: str
    claim_signer_sha256: str
    claim_sha256: str | None
    artifact_sha256: str
    ingredients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """A completed file. `authorized_before_revocation` are cited consents revoked meanwhile."""

    output: str
    generation: str
    position: int
    time: datetime
    artifact_sha256: str
    file_sha256: str
    frames_sha256: str
    decoder: str
    worker: str
    authorized_before_revocation: tuple[str, ...]
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file that said something else than what was authorized, and how it differed."""

    generation: str
    position: int
    time: datetime
    code: str
    differences: tuple[str, ...]
    artifact_sha256: str | None


def manifest(row: Row) -> Manifest:
    """Read a row of `provenance_manifests`."""
    return Manifest(
        position=row["position"],
        manifest_urn=row["manifest_urn"],
        claim_signer_sha256=row["claim_signer_sha256"],
        claim_sha256=row["claim_sha256"],
        artifact_sha256=row["artifact_sha256"],
        ingredients=texts(row["ingredients"]),
    )


def output(row: Row, says: Manifest | None) -> Output:
    """Read a row of `provenance_outputs`."""
    return Output(
        output=row["output"],
        generation=row["generation"],
        position=row["position"],
        time=from_us(row["time_us"]),
        artifact_sha256=row["artifact_sha256"],
        file_sha256=row["file_sha256"],
        frames_sha256=row["frames_sha256"],
        decoder=row["decoder"],
        worker=row["worker"],
        authorized_before_revocation=texts(row["authorized_before_revocation"]),
        manifest=says,
    )


def quarantined(row: Row) -> Quarantined:
    """Read a row of `provenance_quarantine`."""
    return Quarantined(
        generation=row["generation"],
        position=row["position"],
        time=from_us(row["time_us"]),
        code=row["code"],
        differences=texts(row["differences"]),
        artifact_sha256=row["artifact_sha256"],
    )
