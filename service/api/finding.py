"""Finding an output without its file: by its hashes, its manifest's URN, its id, its generation."""

from __future__ import annotations

from pydantic import model_validator

from ledger.provenance.record import FoundBy, LedgerRecord
from projections.provenance.files import output_of
from schemas.ids import GenerationId, OutputId
from schemas.manifest import generation_of
from schemas.model import Sha256Hex, Text, Wire
from schemas.refusals import Malformed
from service.api.context import Context, readings
from service.inspection import record_of
from service.outputs import ProjectedOutputs


class Finder(Wire):
    """One way to name an output."""

    file_sha256: Sha256Hex | None = None
    frames_sha256: Sha256Hex | None = None
    decoder: Text | None = None
    urn: Text | None = None
    output: OutputId | None = None
    generation: GenerationId | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Finder:
        ways = (self.file_sha256, self.frames_sha256, self.urn, self.output, self.generation)
        if sum(way is not None for way in ways) != 1:
            raise Malformed("value_unknown", "name one of the hashes, or URN, output, generation")
        return self


def find(door: Context, finder: Finder) -> LedgerRecord | None:
    """Return what the ledger says about it, as of the visible head; None if it knows nothing."""
    generation, found_by = _generation(door, finder)
    if generation is None:
        return None
    with door.instance.store.snapshot() as reader:
        return record_of(reader, door.instance.views.of(reader), generation, found_by)


def _generation(door: Context, finder: Finder) -> tuple[str | None, FoundBy]:
    """Return the generation, and how it was found."""
    if finder.urn is not None:
        return _by_urn(finder.urn), "urn"
    if finder.output is not None:
        found = output_of(readings(door), finder.output).one
        return (found.generation if found else None), "file"
    if finder.generation is not None:
        return finder.generation, "urn"
    return _by_hash(door, finder)


def _by_urn(urn: str) -> str | None:
    try:
        return generation_of(urn)
    except Malformed:
        return None  # not a manifest of ours


def _by_hash(door: Context, finder: Finder) -> tuple[str | None, FoundBy]:
    outputs = ProjectedOutputs(readings(door))
    if finder.file_sha256 is not None:
        return outputs.by_file(finder.file_sha256), "file"
    assert finder.frames_sha256 is not None, "one way is named"
    return outputs.by_frames(finder.frames_sha256, finder.decoder or ""), "frames"
