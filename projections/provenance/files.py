"""Questions about files: completed outputs by id, URN or hash, and what lies in quarantine.

Every question takes `as_of` and `valid_at` (see `projections.asking`).
"""

from __future__ import annotations

from datetime import datetime

from projections.asking import Answer, AsOf, Reading, Readings
from projections.database import Row
from projections.provenance.file_records import (
    Output,
    Quarantined,
    manifest,
    output,
    quarantined,
)
from projections.provenance.queries import LIMIT, NAME, NEWEST


def output_of(
    readings: Readings, name: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Output]:
    """Return a completed output by its id, or no row."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer(_outputs(reading, reading.rows("output", output=name)))


def outputs_of_generation(
    readings: Readings, name: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Output]:
    """Return the completed outputs of a generation."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("outputs_of_generation", generation=name)
        return reading.answer(_outputs(reading, found))


def outputs_by_hash(
    readings: Readings, sha256: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Output]:
    """Return the completed outputs with this hash: of the artifact, the file, or its frames."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer(_outputs(reading, reading.rows("outputs_by_hash", sha256=sha256)))


def outputs_by_urn(
    readings: Readings, urn: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Output]:
    """Return the completed outputs whose manifest has this URN."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer(_outputs(reading, reading.rows("outputs_by_urn", urn=urn)))


def _outputs(reading: Reading, rows: list[Row]) -> list[Output]:
    found = []
    for row in rows:
        says = reading.rows("manifest", output=row["output"])
        found.append(output(row, manifest(says[0]) if says else None))
    return found


def in_quarantine(
    readings: Readings,
    *,
    sha256: str | None = None,
    before: int = NEWEST,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Quarantined]:
    """Return files that said something else than was authorized: all, or the one of a hash."""
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = reading.rows("quarantine", sha256=sha256, before=before, limit=limit)
        return reading.answer([quarantined(row) for row in rows])
