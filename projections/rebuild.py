"""Fold a projection anew beside its live tables, compare, and put the new ones in their place.

Readers and the runner go on meanwhile. The write lock is held for a batch at a time, and at the
end for the renaming alone; the comparison is made on a snapshot. The new tables get their keys and
indexes when all rows are there, and are on the disk before they take their place: a crash before
that leaves the live ones as they were, and beside them what the next rebuild drops. The tables that
were replaced are kept until the next rebuild.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from projections.ahead import Ahead
from projections.base import Projection
from projections.database import POSITIONS, Connection, Database, Progress, progress
from projections.digest import Digest, digest
from projections.errors import Busy, ProjectionBroken
from projections.feed import Feed
from projections.indexes import Indexes
from projections.memory import Memory
from projections.pausing import collecting_later
from projections.runner import BURST, fold_all
from projections.sql import Statements, prefix, statements
from projections.tables import Tables

SWAP_BATCH: Final = 500
"""Events folded at once while the live tables stand still."""

SWAP_TRIES: Final = 40
"""How often a swap is tried while a reading is in its way: each waits for half a second."""

_UNKNOWN: Final = "a projection is rebuilt after it has run once"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a rebuild ended: both digests at one position, and whether the new tables are live.

    `before` is None where the old tables could not be compared: they were made by other code, or
    their projection had stopped.
    """

    name: str
    position: int
    before: str | None
    after: str
    swapped: bool

    @property
    def equal(self) -> bool:
        """Whether the live tables held exactly what the log says."""
        return self.before == self.after


def rebuild(
    database: Database, feed: Feed, projection: Projection, *, swap_if_different: bool = False
) -> Rebuilt:
    """Rebuild one projection. `projection` is a fresh instance, never the runner's own.

    Where the digests differ the new tables stay beside the old ones, unless `swap_if_different`:
    somebody should look before evidence of a fault is replaced.
    """
    name = projection.NAME
    with database.write() as connection:
        known = _known(connection, name)
        beside = statements(name, known.generation + 1)
        _drop_beside(connection, name)
        indexes = Indexes()
        indexes.make_tables(connection, beside.schema)
    new = _Filling(database, feed, projection, beside, indexes)
    comparable = known.version == projection.VERSION and known.failure is None
    # (1) Everything up to where the live tables are, or up to the head if they stand still. Their
    # digest is made from a snapshot meanwhile.
    with ThreadPoolExecutor(1, thread_name_prefix="projections-digest") as aside:
        live = aside.submit(_live, database, name) if comparable else None
        reached = new.fold(0, until=known.position if comparable else feed.visible_head())
        before, until = live.result() if live else (None, reached)
    # (2) Ours brought up to that snapshot's position, so that both digests are at one.
    reached = new.fold(reached, until=until)
    after, compared = new.finish(prefix(name, known.generation + 1)), reached
    # (3) The swap: what came meanwhile, the names, the position, in one transaction.
    swapped = before is None or before == after or swap_if_different
    if swapped:
        _swap_soon(database, feed, projection, beside, reached)
    return Rebuilt(name, compared, before, after, swapped)


def _live(database: Database, name: str) -> tuple[str, int]:
    """Return the digest of the live tables, and the position at which they were."""
    with database.read() as connection:
        return digest(Tables(connection, statements(name))), _known(connection, name).position


@dataclass(frozen=True, slots=True)
class _Filling:
    """The new tables, and what fills them."""

    database: Database
    feed: Feed
    projection: Projection
    beside: Statements
    indexes: Indexes

    def fold(self, reached: int, *, until: int) -> int:
        """Fold into the new tables, a batch a transaction, and return the position reached."""
        # They began empty, so what is not remembered is not there.
        memory, ahead = Memory(is_whole=reached == 0), Ahead(self.feed, self.database.batch)
        while reached < until:
            with collecting_later():
                for _ in range(BURST):
                    with self.database.write() as connection:
                        connection.again()
                        tables = Tables(connection, self.beside, memory, self.indexes)
                        reached = _fold_batch(tables, ahead, self.projection, reached, until)
                    memory.trim()
                    if reached >= until:
                        break
        return reached

    def finish(self, begin: str) -> str:
        """Give the tables what they lack still, and return their digest; their names `begin` so.

        Each is read for the digest while the next gets its keys. Nothing is written to them by
        anybody else, so that it makes no difference that they are not read in one snapshot. What is
        made is on the disk when the swap is.
        """
        found = Digest()
        with ThreadPoolExecutor(1, thread_name_prefix="projections-digest") as aside:
            read = []
            for table in self.beside.tables:
                with self.database.write() as connection:
                    connection.again()
                    self.indexes.make(connection, begin + table)
                read.append(aside.submit(self._read, found, table))
            for one in read:
                one.result()
        return found.hexdigest()

    def _read(self, found: Digest, table: str) -> None:
        with self.database.read() as connection:
            found.add(Tables(connection, self.beside), table)


def _fold_batch(
    tables: Tables, ahead: Ahead, projection: Projection, reached: int, until: int
) -> int:
    positions = [reached]
    events = ahead.read_after(reached, until - reached)
    if not events:
        raise ProjectionBroken(f"the log ends before {until} [{reached}]")
    fold_all(projection, tables, events, positions, go_on=ahead.go_on)
    return positions[-1]


def _swap_soon(
    database: Database, feed: Feed, projection: Projection, beside: Statements, reached: int
) -> None:
    """Swap as soon as no long reading is in the way. Raises `Busy` if one stays there."""
    for tries_left in reversed(range(SWAP_TRIES)):
        try:
            with database.write() as connection:
                _swap(connection, feed, projection, beside, reached)
        except Busy:
            if not tries_left:
                raise
        else:
            return
        projection.forget()


def _swap(
    connection: Connection,
    feed: Feed,
    projection: Projection,
    beside: Statements,
    reached: int,
) -> None:
    """Put the new tables in place of the live ones; if we stop before the commit, nothing moved."""
    connection.execute(POSITIONS["hold"], {"name": projection.NAME})
    known = _known(connection, projection.NAME)
    tables, ahead = Tables(connection, beside), Ahead(feed, SWAP_BATCH)
    while reached < known.position:
        reached = _fold_batch(tables, ahead, projection, reached, known.position)
    connection.alone()
    old, new = prefix(known.name, known.generation), prefix(known.name, known.generation + 1)
    for table in _live_tables(connection, known.name):
        _rename(connection, table, old + table.removeprefix(f"{known.name}_"))
    for table in beside.tables:
        _rename(connection, new + table, f"{known.name}_{table}")
    values = {
        "name": known.name,
        "version": projection.VERSION,
        "generation": known.generation + 1,
        "position": reached,
        "retained_from": 1,
    }
    connection.execute(POSITIONS["swap"], values)


def _known(connection: Connection, name: str) -> Progress:
    found = progress(connection, name)
    if found is None:
        raise ProjectionBroken(f"{_UNKNOWN} [{name}]")
    return found


def _live_tables(connection: Connection, name: str) -> list[str]:
    beside = set(_beside_tables(connection, name))
    return [table for table in connection.tables(f"{name}_") if table not in beside]


def _beside_tables(connection: Connection, name: str) -> list[str]:
    found = connection.tables(f"{name}_g")
    return [table for table in found if table.split("_")[1][1:].isdigit()]


def drop_replaced(database: Database, name: str) -> None:
    """Drop the tables that the last rebuild replaced: what they hold must be nowhere any more."""
    with database.write() as connection:
        _drop_beside(connection, name)


def _drop_beside(connection: Connection, name: str) -> None:
    """Drop what an earlier rebuild left: tables that it replaced, or never finished."""
    for table in _beside_tables(connection, name):
        connection.create(f'DROP TABLE "{table}"')


def _rename(connection: Connection, table: str, to: str) -> None:
    # Names of tables cannot be parameters; these come from our own schema.
    connection.create(f'ALTER TABLE "{table}" RENAME TO "{to}"')
