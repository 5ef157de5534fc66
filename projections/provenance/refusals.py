"""Questions about demand that was turned down.

A holder sees the reasons that name it; a creator sees side, clause and alternatives, never whose
they are; an auditor sees all (contracts, section 5). Nobody here sees who asked. Every question
takes `as_of` and `valid_at` (see `projections.asking`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from projections.asking import Answer, AsOf, Reading, Readings
from projections.base import from_json, from_us
from projections.database import Row
from projections.provenance.queries import LIMIT, NAME, NEWEST

Reason = dict[str, Any]
"""A reason as its entry has it: code, reference, side, party, clause, consent, message."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Demand that was turned down. `reasons` are those that the asker may see; no creator.

    `recordings` are those it referred to, `repeats` how often it was asked again within its hour.
    """

    position: int
    time: datetime
    kind: str
    generation: str
    verification: str | None
    model: str
    tier: str
    purpose: str
    channel: str
    territories: tuple[str, ...]
    code: str
    reasons: tuple[Reason, ...]
    alternatives: tuple[dict[str, Any], ...]
    asked: tuple[dict[str, Any], ...]
    recordings: tuple[str, ...]
    repeats: int


def refusals_of_party(
    readings: Readings,
    party: str,
    *,
    before: int = NEWEST,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Refused]:
    """Return the demand for what a party controls that was turned down, with its own reasons.

    A refusal for another's clause is listed too: without a reason of the party's, it shows demand.
    """
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = reading.rows("refusals_of_party", party=party, before=before, limit=limit)
        own = _own(party)
        return reading.answer([_refused(reading, row, own) for row in rows])


def refusals_of_asset(
    readings: Readings,
    asset: str,
    *,
    before: int = NEWEST,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Refused]:
    """Return the demand for an asset that was turned down, with every reason: for an auditor."""
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = reading.rows("refusals_of_asset", asset=asset, before=before, limit=limit)
        return reading.answer([_refused(reading, row, _same) for row in rows])


def refusals_of_creator(
    readings: Readings,
    creator: str,
    *,
    before: int = NEWEST,
    limit: int = LIMIT,
    as_of: AsOf = None,
    valid_at: datetime | None = None,
) -> Answer[Refused]:
    """Return what a creator was refused, without whose clause it was: for the creator's eyes."""
    with readings.open(NAME, as_of, valid_at) as reading:
        rows = reading.rows("refusals_of_creator", creator=creator, before=before, limit=limit)
        return reading.answer([_refused(reading, row, _anonymous) for row in rows])


def _own(party: str) -> Callable[[Reason], Reason | None]:
    return lambda reason: reason if reason["party"] == party else None


def _same(reason: Reason) -> Reason | None:
    return reason


def _anonymous(reason: Reason) -> Reason | None:
    return reason | {"party": None, "consent": None}


def _refused(reading: Reading, row: Row, seen: Callable[[Reason], Reason | None]) -> Refused:
    position = row["position"]
    (repeated,) = reading.rows("repeats_of", refusal=position)
    recordings = reading.rows("recordings_concerned", at=position)
    shown = [seen(reason) for reason in from_json(row["reasons"])]
    return Refused(
        position=position,
        time=from_us(row["time_us"]),
        kind=row["kind"],
        generation=row["generation"],
        verification=row["verification"],
        model=row["model"],
        tier=row["tier"],
        purpose=row["purpose"],
        channel=row["channel"],
        territories=tuple(from_json(row["territories"])),
        code=row["code"],
        reasons=tuple(reason for reason in shown if reason is not None),
        alternatives=tuple(from_json(row["alternatives"])),
        asked=tuple(from_json(row["asked"])),
        recordings=tuple(each["recording"] for each in recordings),
        repeats=repeated["repeats"],
    )
