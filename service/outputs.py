"""The way from a hash to a generation, by the provenance projection."""

from __future__ import annotations

from dataclasses import dataclass

from projections.asking import Readings
from projections.provenance.files import outputs_by_hash


@dataclass(frozen=True, slots=True)
class ProjectedOutputs:
    """Implements `inspection.Outputs`."""

    readings: Readings

    def by_file(self, file_sha256: str) -> str | None:
        """Return the generation whose output has these bytes."""
        return self._first(file_sha256)

    def by_frames(self, frames_sha256: str, decoder: str) -> str | None:
        """Return the generation whose output decodes to these frames.

        Decoders that differ may differ in the last bit: then it is simply not found.
        """
        del decoder
        return self._first(frames_sha256)

    def _first(self, sha256: str) -> str | None:
        found = outputs_by_hash(self.readings, sha256).rows
        return found[0].generation if found else None
