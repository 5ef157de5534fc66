"""From the log's words to the match, and from the match to what the finisher signs. Pure.

`ReportManifestRead` carries a `ReadManifest`; the rules compare what has a field of its own there
and fail the generation on any line of `failures`, so every other difference becomes such a line.
"""

from typing import Final

from ledger.provenance.match import Authorized, differences
from ledger.provenance.model import ManifestReading
from schemas.commands.generations import ReadManifest
from schemas.events.generations import GenerationAuthorized
from schemas.manifest import references_sha256

FAILURES_MAX: Final = 32
"""Lines of one report: the rules keep 64 with their own, each of at most 400 characters."""

NAMELESS: Final = "an ingredient without id"
"""Stands for an ingredient that names no recording, so that it counts as not authorized."""

_CHARACTERS_MAX: Final = 400
_COMPARED_BY_THE_RULES: Final = frozenset(
    {"urn_differs", "signer_differs", "ingredient_missing", "ingredient_added"}
)


class ArtifactUnreadableError(Exception):
    """There is no audio to report on; `state` says why. The generation fails by `ReportFailure`."""

    def __init__(self, reading: ManifestReading) -> None:
        super().__init__(f"{reading.state}: {reading.frames_problem or reading.detail}")
        self.state = reading.state


def authorized_by(
    event: GenerationAuthorized,
    *,
    position: int,
    entry: bytes,
    signers: frozenset[str],
    source_type: str | None = None,
) -> Authorized:
    """Return what an authorization says a file must repeat.

    `entry` are the bytes of the leaf at `position`; `signers` the certificates (SHA-256, hex) under
    which the worker may sign: the one its signed message names, or that `ManifestEmbedded` records.
    """
    return Authorized(
        urn=event.manifest_urn,
        signers=signers,
        references=event.references,
        position=position,
        entry=entry,
        source_type=source_type,
    )


def report_read(authorized: Authorized, reading: ManifestReading) -> ReadManifest:
    """Return what the finisher signs about a file; an empty `failures` says that nothing differs.

    Raises `ArtifactUnreadableError` where the bytes or the sound could not be hashed.
    """
    audio = reading.audio()
    if audio is None:
        raise ArtifactUnreadableError(reading)
    found = differences(authorized, reading)
    lines = [str(one) for one in found if one.code not in _COMPARED_BY_THE_RULES]
    rows = None if reading.assertion is None else reading.assertion.references
    return ReadManifest(
        urn=reading.urn,
        claim_sha256=reading.claim_sha256,
        claim_signer_sha256=None if reading.signer is None else reading.signer.certificate_sha256,
        references_sha256=None if rows is None else references_sha256(rows),
        ingredients=tuple(i.instance_id or NAMELESS for i in reading.ingredients),
        audio=audio,
        failures=tuple(line[:_CHARACTERS_MAX] for line in lines[:FAILURES_MAX]),
    )
