"""Questions of holders and creators: where was my song used, what did it earn, what was owed.

Every question takes `as_of` and `valid_at` (see `projections.asking`). Lists go back from the
newest: `before` is the position of the last row of the page that came before, none for the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from projections.asking import Answer, AsOf, Reading, Readings
from projections.base import from_json, from_us
from projections.database import Row
from projections.provenance.records import (
    Clearance,
    Earned,
    Fee,
    Generation,
    LegRow,
    Step,
    Use,
    clearance,
    fee,
    generation,
    leg,
    reference,
    step,
)

NAME: Final = "provenance"
"""The projection that is asked."""

LIMIT: Final = 100
"""Entries a page, unless fewer are asked for; a use has one row for each recording concerned."""

NEWEST: Final = 2**53
"""`before` of the first page: beyond every position."""


def uses_of_asset(
    readings: Readings,
    asset: str,
    *,
    before: int = NEWEST,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Use]:
    """Return where a recording or work was used, and what accrued for it, to whomever."""
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = reading.rows("uses_of_asset", asset=asset, before=before, limit=limit)
        return reading.answer([_use(reading, row, asset=asset) for row in rows])


def uses_of_party(
    readings: Readings,
    party: str,
    *,
    before: int = NEWEST,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Use]:
    """Return where what a party controls or performs was used, and what that earned the party."""
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = reading.rows("uses_of_party", party=party, before=before, limit=limit)
        return reading.answer([_use(reading, row, party=party) for row in rows])


def _use(reading: Reading, row: Row, *, asset: str | None = None, party: str | None = None) -> Use:
    name, recording = row["generation"], row["recording"]
    (found,) = reading.rows("generation", generation=name)
    legs = [
        each
        for each in _legs(reading, name, "accrued")
        if each.recording == recording
        and (party is None or each.party == party)
        and (asset is None or asset in {each.asset, each.recording})
    ]
    used = reading.rows("references_of_recording", generation=name, recording=recording)
    outputs = reading.rows("outputs_of_generation", generation=name)
    return Use(
        generation=name,
        position=found["position"],
        time=from_us(found["time_us"]),
        recording=recording,
        tier=found["tier"],
        purpose=found["purpose"],
        channel=found["channel"],
        territories=tuple(from_json(found["territories"])),
        step=_stands(reading, name),
        references=tuple(reference(each) for each in used),
        outputs=tuple(each["output"] for each in outputs),
        legs=tuple(legs),
    )


def _legs(reading: Reading, name: str, stage: str) -> Iterator[LegRow]:
    return (leg(row) for row in reading.rows("legs", generation=name, stage=stage))


def _stands(reading: Reading, name: str) -> Step:
    (row,) = reading.rows("step", generation=name)
    return step(row)


def earned(
    readings: Readings,
    *,
    party: str | None = None,
    recording: str | None = None,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Earned]:
    """Return what each recording has earned: for one party or all, of one recording or all."""
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = reading.rows("earned_by_recording", party=party, recording=recording)
        return reading.answer(
            [
                Earned(row["recording"], row["currency"], row["amount_micro"], row["uses"])
                for row in rows
            ]
        )


def generations_of(
    readings: Readings,
    creator: str,
    *,
    before: int = NEWEST,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Generation]:
    """Return what a creator had authorized, the newest first: for the creator's own eyes."""
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = reading.rows("generations_of_creator", creator=creator, before=before, limit=limit)
        return reading.answer(_generations(reading, rows))


def generation_of(
    readings: Readings, name: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Generation]:
    """Return one generation by its id, or no row."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer(_generations(reading, reading.rows("generation", generation=name)))


def generation_by_urn(
    readings: Readings, urn: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Generation]:
    """Return the generation for which a manifest was authorized, completed or not, or no row."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer(_generations(reading, reading.rows("generation_by_urn", urn=urn)))


def _generations(reading: Reading, rows: list[Row]) -> list[Generation]:
    return [generation(row, _stands(reading, row["generation"])) for row in rows]


def steps_of(
    readings: Readings, name: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Step]:
    """Return the steps of a generation in order; the last is where it stands."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer([step(row) for row in reading.rows("steps", generation=name)])


def fees_of(
    readings: Readings, name: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Fee]:
    """Return a generation's fee as agreed and, once it is completed, as accrued."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer([fee(row) for row in reading.rows("fees", generation=name)])


def legs_of(
    readings: Readings,
    name: str,
    *,
    stage: str = "agreed",
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[LegRow]:
    """Return who is owed what for a generation: as `agreed`, or as `accrued`."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return reading.answer(_legs(reading, name, stage))


def clearance_of(
    readings: Readings, verification: str, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> Answer[Clearance]:
    """Return a verification that cleared, or no row."""
    with readings.open(NAME, as_of, valid_at) as reading:
        found = reading.rows("clearance", verification=verification)
        return reading.answer([clearance(row) for row in found])
