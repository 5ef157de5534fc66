"""The three-way match: references authorized = read back from the file = accrued.

Source: rules, X6. Each completed output is one row of it; a log without one mismatch shows that
nobody was used without being named, nor named without being paid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.named_sql import load
from projections.asking import AsOf, Reading, Readings
from projections.base import from_json
from projections.database import Row

_SQL: Final = load("projections", "matching.sql")

PAGE: Final = 500
"""Outputs compared at once."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An output whose three sets are not one, and how they differ."""

    generation: str
    output: str
    position: int
    message: str


@dataclass(frozen=True, slots=True)
class Match:
    """How many completed outputs match, as of a position, and every one that does not."""

    position: int
    completed: int
    mismatches: tuple[Mismatch, ...]

    @property
    def matched(self) -> int:
        """The outputs of which the three sets are one."""
        return self.completed - len(self.mismatches)


def three_way_match(
    readings: Readings,
    *,
    as_of: AsOf = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Match:
    """Compare every completed output, a page at a time; what `progress` raises ends it."""
    completed, wrong, after = 0, [], 0
    with readings.open("provenance", as_of, None) as reading:
        while True:
            rows = _rows(reading, "completed", after=after, position=reading.position, limit=PAGE)
            for row in rows:
                completed += 1
                progress(completed)
                if told := _differs(reading, row):
                    wrong.append(Mismatch(row["generation"], row["output"], row["position"], told))
            if len(rows) < PAGE:
                return Match(reading.position, completed, tuple(wrong))
            after = rows[-1]["position"]


def _differs(reading: Reading, row: Row) -> str | None:
    if row["ingredients"] is None:
        return "no manifest was read back"
    name = row["generation"]
    authorized = [one["recording"] for one in _rows(reading, "authorized_set", generation=name)]
    accrued = [one["recording"] for one in _rows(reading, "accrued_set", generation=name)]
    read = sorted(set(from_json(row["ingredients"])))
    if row["manifest_urn"] != row["authorized_urn"]:
        return "another manifest than the one that was authorized"
    if read != authorized:
        return f"authorized {authorized}, read back {read}"
    if accrued != authorized:
        return f"authorized {authorized}, accrued {accrued}"
    if row["accrued_vector"] != row["authorized_vector"]:
        return "another vector was posted than the one that was authorized"
    return None


def _rows(reading: Reading, name: str, **values: object) -> list[Row]:
    return reading.connection.rows(_SQL[name], values)
