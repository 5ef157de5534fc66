"""Questions to the verifiable index, with everything that is needed to check the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.evidence.index import Lookup, Touches, key_of, look_up
from projections.asking import AsOf, Reading, Readings
from projections.database import Row
from projections.errors import HistoryUnavailable
from projections.index.projection import TableNodes, value_of
from projections.tables import Tables

NAME = "index"
"""The name of the projection that is asked."""


@dataclass(frozen=True, slots=True)
class PublishedRoot:
    """A root of the index: said at `position`, over the entries up to `through`."""

    position: int
    through: int
    root: str
    subjects: int


@dataclass(frozen=True, slots=True)
class Proved:
    """What a root says of a subject, and the way to it."""

    root: PublishedRoot
    touches: Touches
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Between:
    """Exactly these positions touched a subject after one root and up to another.

    No position: a proof that nothing did. `before` is None where the question begins with the log.
    """

    subject: str
    before: Proved | None
    after: Proved
    positions: tuple[int, ...]


def roots(
    readings: Readings, *, as_of: AsOf = None, valid_at: datetime | None = None
) -> tuple[PublishedRoot, ...]:
    """Return the roots that were published, oldest first."""
    with readings.open(NAME, as_of, valid_at) as reading:
        return tuple(_root(row) for row in reading.rows("roots", until=reading.position))


def touched(
    readings: Readings,
    subject: str,
    *,
    after: int = 0,
    until: int | None = None,
    as_of: AsOf = None,
) -> Between:
    """Return what touched a subject between two published roots, with proofs.

    `after` and `until` are positions; each is taken to the newest root published up to there.
    Raises `HistoryUnavailable` where none was.
    """
    with readings.open(NAME, as_of, None) as reading:
        newest = _newest(reading, reading.position if until is None else until)
        if newest is None:
            raise HistoryUnavailable(NAME, asked=until or reading.position, retained_from=1)
        oldest = _newest(reading, after) if after else None
        rows = reading.rows(
            "positions_between",
            subject=subject,
            after=oldest.through if oldest else 0,
            until=newest.through,
        )
        return Between(
            subject=subject,
            before=_proved(reading, subject, oldest) if oldest else None,
            after=_proved(reading, subject, newest),
            positions=tuple(row["position"] for row in rows),
        )


def _newest(reading: Reading, until: int) -> PublishedRoot | None:
    rows = reading.rows("newest_root", until=min(until, reading.position))
    return _root(rows[0]) if rows else None


def _root(row: Row) -> PublishedRoot:
    return PublishedRoot(*(row[name] for name in PublishedRoot.__slots__))


def _proved(reading: Reading, subject: str, root: PublishedRoot) -> Proved:
    tables = Tables(reading.connection, reading.statements)
    rows = reading.rows("newest_touch", subject=subject, until=root.through)
    return Proved(
        root=root,
        touches=value_of(rows[0]) if rows else Touches(),
        lookup=look_up(TableNodes(tables), bytes.fromhex(root.root), key_of(subject)),
    )
