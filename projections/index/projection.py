"""The index projection: touches are folded as they come, a root where the log publishes one.

The root is recomputed from the touches before it is taken: one that the entries do not give stops
this projection, and says at which position.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ledger.evidence.errors import EvidenceError
from ledger.evidence.index import EMPTY, Touches, Update, key_of
from ledger.rights.view import Recorded
from projections.base import Change, Grown, Key, Known, Projection, Tables
from projections.database import Row
from projections.errors import ProjectionBroken
from projections.lines import written
from schemas.events.base import Event
from schemas.events.log import IndexRootPublished


class Index(Projection):
    """What touched whom, and the published roots with all their nodes."""

    NAME: ClassVar[str] = "index"
    VERSION: ClassVar[int] = 1

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        """Fold one event."""
        subjects = subjects_of(recorded.event)
        touched = [(written(subject), recorded.position) for subject in subjects]
        tables.apply([Grown("newest_touches", "touch", _extended, touched)])
        if isinstance(recorded.event, IndexRootPublished):
            _publish(tables, recorded.position, recorded.event)


def subjects_of(event: Event) -> tuple[str, ...]:
    """Return whom an entry touches, by its public fields alone, each once."""
    return tuple(dict.fromkeys(name for name in event.concerns() if isinstance(name, str)))


class TableNodes:
    """Implements `evidence.index.Nodes` over the table."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def body(self, digest: bytes) -> bytes:
        """Return a node's body."""
        rows = self._tables.rows("node", hash=digest.hex())
        if not rows:
            raise EvidenceError(f"no node of the index has the hash {digest.hex()}")
        return bytes.fromhex(rows[0]["body"])


def next_root(tables: Tables, *, through: int) -> tuple[bytes, int, dict[bytes, bytes]]:
    """Return the root over everything up to `through`, its subjects, and the nodes it adds."""
    (before, root) = _newest(tables)
    changed = tables.rows("touched_between", after=before, until=through)
    update = Update(TableNodes(tables), {})
    values = {key_of(row["subject"]): value_of(row) for row in changed}
    (count,) = tables.rows("subjects_until", until=through)
    return update.put(root, values), count["subjects"], update.fresh


def value_of(row: Row) -> Touches:
    """Read the value in a row of touches."""
    return Touches(row["touches"], bytes.fromhex(row["chain"]))


def _newest(tables: Tables) -> tuple[int, bytes]:
    rows = tables.rows("newest_root", until=2**62)
    return (rows[0]["through"], bytes.fromhex(rows[0]["root"])) if rows else (0, EMPTY)


def _extended(known: Known, touched: Sequence[tuple[Key, int]]) -> list[str]:
    """Return rows with the count and the chain of a subject's touches after each one more."""
    lines = []
    for key, position in touched:
        before = known.get(key)
        value = Touches(before[0], bytes.fromhex(before[1])) if before else Touches()
        value = value.extended((position,))
        known[key] = (count, chain) = value.count, value.chain.hex()
        lines.append(f"{key}\t{position}\t{count}\t{chain}")
    return lines


def _publish(tables: Tables, position: int, event: IndexRootPublished) -> None:
    root, subjects, fresh = next_root(tables, through=event.through)
    if (root.hex(), subjects) != (event.root, event.subjects):
        raise ProjectionBroken(f"the entries do not give the published root [{position}]")
    tables.apply(
        Change("keep_node", {"hash": digest.hex(), "body": body.hex()})
        for digest, body in fresh.items()
    )
    values = {
        "position": position,
        "through": event.through,
        "root": event.root,
        "subjects": event.subjects,
    }
    tables.apply([Change("publish", values)])
