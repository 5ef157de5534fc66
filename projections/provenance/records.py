"""What questions about provenance are answered with. Amounts are integers of micro units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from projections.base import from_json, from_us
from projections.database import Row


@dataclass(frozen=True, slots=True)
class UsedReference:
    """One reference as it was authorized, and as the manifest repeats it.

    `source` and `output` are half-open intervals in milliseconds. `consents` are the consents that
    were cited, each with the position of its words.
    """

    line: int
    recording: str
    title: str
    isrc: str | None
    works: tuple[str, ...]
    weight: Fraction
    use: str
    parameters: tuple[str, ...]
    role: str
    source: tuple[int, int] | None
    output: tuple[int, int] | None
    stem: str | None
    by: str
    copied: bool
    consents: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a generation stands: authorized, completed, failed, canceled or expired."""

    step: str
    code: str | None
    time: datetime
    position: int


@dataclass(frozen=True, slots=True)
class Fee:
    """A generation's money: `agreed` at the license instant, `accrued` with its completion."""

    stage: str
    position: int
    currency: str
    fee_micro: int
    credited_micro: int | None
    pool_micro: int
    commission_micro: int
    tariff: str | None
    vector_sha256: str


@dataclass(frozen=True, slots=True)
class LegRow:
    """What one party is owed for one asset of one recording."""

    line: int
    position: int
    recording: str
    side: str
    asset: str
    party: str
    currency: str
    amount_micro: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What a recording has earned, and in how many generations."""

    recording: str
    currency: str
    amount_micro: int
    generations: int


@dataclass(frozen=True, slots=True)
class Generation:
    """What was authorized. `creator` is for the creator and the auditor alone."""

    generation: str
    position: int
    time: datetime
    verification: str
    creator: str | None
    model: str
    tier: str
    purpose: str
    channel: str
    territories: tuple[str, ...]
    seed: int
    duration_ms: int
    upgrades: str | None
    manifest_urn: str
    worker: str | None
    references_sha256: str
    vector_sha256: str
    expires_at: datetime
    step: Step


@dataclass(frozen=True, slots=True)
class Use:
    """Where a recording was used, and what that earned: of one generation, without its creator.

    `legs` are what accrued for the party or asset that was asked about; empty until completion.
    """

    generation: str
    position: int
    time: datetime
    recording: str
    tier: str
    purpose: str
    channel: str
    territories: tuple[str, ...]
    step: Step
    references: tuple[UsedReference, ...]
    outputs: tuple[str, ...]
    legs: tuple[LegRow, ...]


@dataclass(frozen=True, slots=True)
class Clearance:
    """A verification that cleared, and its price until it expires."""

    verification: str
    position: int
    time: datetime
    generation: str
    tariff: str
    currency: str
    fee_micro: int
    pool_micro: int
    expires_at: datetime


def reference(row: Row) -> UsedReference:
    """Read a row of `provenance_uses`."""
    return UsedReference(
        line=row["line"],
        recording=row["recording"],
        title=row["title"],
        isrc=row["isrc"],
        works=texts(row["works"]),
        weight=Fraction(row["weight"]),
        use=row["level"],
        parameters=texts(row["parameters"]),
        role=row["role"],
        source=_interval(row["source_from_ms"], row["source_until_ms"]),
        output=_interval(row["output_from_ms"], row["output_until_ms"]),
        stem=row["stem"],
        by=row["chosen_by"],
        copied=bool(row["copied"]),
        consents=tuple((c["consent"], c["position"]) for c in from_json(row["consents"])),
    )


def step(row: Row) -> Step:
    """Read a row of `provenance_steps`."""
    return Step(row["step"], row["code"], from_us(row["time_us"]), row["from_position"])


def fee(row: Row) -> Fee:
    """Read a row of `provenance_fees`."""
    return Fee(**{name: row[name] for name in Fee.__slots__})


def leg(row: Row) -> LegRow:
    """Read a row of `provenance_legs`."""
    return LegRow(**{name: row[name] for name in LegRow.__slots__})


def generation(row: Row, stands: Step) -> Generation:
    """Read a row of `provenance_generations`."""
    plain = {"territories", "time", "expires_at", "step"}
    return Generation(
        **{name: row[name] for name in Generation.__slots__ if name not in plain},
        time=from_us(row["time_us"]),
        territories=texts(row["territories"]),
        expires_at=from_us(row["expires_at_us"]),
        step=stands,
    )


def clearance(row: Row) -> Clearance:
    """Read a row of `provenance_clearances`."""
    return Clearance(
        verification=row["verification"],
        position=row["position"],
        time=from_us(row["time_us"]),
        generation=row["generation"],
        tariff=row["tariff"],
        currency=row["currency"],
        fee_micro=row["fee_micro"],
        pool_micro=row["pool_micro"],
        expires_at=from_us(row["expires_at_us"]),
    )


def texts(text: str) -> tuple[str, ...]:
    """Read a list of texts."""
    return tuple(from_json(text))


def _interval(begin: int | None, end: int | None) -> tuple[int, int] | None:
    return None if begin is None or end is None else (begin, end)
