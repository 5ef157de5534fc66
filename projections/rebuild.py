"""Fold a projection anew beside its live tables, compare, and put the new ones in their place.

Readers and the runner go on meanwhile. The write lock is held for a batch at a time, and at the
end for the renaming alone; both are compared in one snapshot, in which they stand at one position.
The new tables get their keys and indexes when all rows are there, and are on the disk before they
take their place: a crash before that leaves the live ones as they were, and beside them what the
next rebuild drops. The tables that were replaced are kept until the next rebuild. One that begins
while another goes on ends that one: the later has seen more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from projections.ahead import Ahead
from projections.base import Projection
from projections.comparing import differing
from projections.database import POSITIONS, Connection, Database, Progress, progress
from projections.errors import Busy, Overtaken, ProjectionBroken
from projections.feed import Feed
from projections.indexes import Indexes
from projections.memory import Memory
from projections.pausing import collecting_later
from projections.runner import BURST, fold_all
from projections.sql import Statements, prefix, statements
from projections.tables import Tables

T = TypeVar("T")

SWAP_BATCH: Final = 500
"""Events folded at once while the live tables stand still."""

SWAP_TRIES: Final = 40
"""How often a swap is tried while a reading is in its way: each waits for half a second."""

COMPARE_TRIES: Final = 40
"""How often both are brought to one position, if no snapshot finds them there."""

_UNKNOWN: Final = "a projection is rebuilt after it has run once"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a rebuild ended: what differed at a position, and whether the new tables are live.

    `different` says for each table, without its prefix, in how many rows it was not what the log
    says; those that were are absent. None where the old tables could not be compared: they were
    made by other code, or their projection had stopped.
    """

    name: str
    position: int
    different: Mapping[str, int] | None
    swapped: bool

    @property
    def equal(self) -> bool:
        """Whether the live tables held exactly what the log says."""
        return self.different is not None and not self.different


def rebuild(
    database: Database, feed: Feed, projection: Projection, *, swap_if_different: bool = False
) -> Rebuilt:
    """Rebuild one projection. `projection` is a fresh instance, never the runner's own.

    Where the tables differ the new ones stay beside the old ones, unless `swap_if_different`:
    somebody should look before evidence of a fault is replaced.
    """
    name = projection.NAME
    known, number, indexes = _when_free(projection, partial(_begin, database, name))
    new = _Filling(database, feed, projection, number, indexes)
    try:
        # What an earlier one left, or holds still: it ends.
        _when_free(projection, partial(_drop_before, database, name, number))
        return _filled(new, known, swap_if_different=swap_if_different)
    except Exception as error:
        with database.read() as connection:
            is_swapped = _known(connection, name).generation == number
            if is_swapped or connection.tables(prefix(name, number)):
                raise
        text = f"another rebuild of {name} has begun; this one ends, and changed nothing"
        raise Overtaken(text) from error


def _begin(database: Database, name: str) -> tuple[Progress, int, Indexes]:
    """Make new tables, under a number that no others have: so two rebuilds never share a table."""
    with database.write() as connection:
        connection.execute(POSITIONS["hold"], {"name": name})  # two begin one after the other
        known = _known(connection, name)
        number = max([known.generation, *map(_number, _beside_tables(connection, name))]) + 1
        indexes = Indexes()
        indexes.make_tables(connection, statements(name, number).schema)
    return known, number, indexes


def _filled(new: _Filling, known: Progress, *, swap_if_different: bool) -> Rebuilt:
    projection = new.projection
    comparable = known.version == projection.VERSION and known.failure is None
    # (1) Everything up to where the live tables are, or up to the head if they stand still; then
    # the keys, by which the same rows are found.
    reached = new.fold(0, until=known.position if comparable else new.feed.visible_head())
    new.finish()
    # (2) Both compared at one position.
    reached, different = new.compare(reached) if comparable else (reached, None)
    # (3) The swap: what came meanwhile, the names, the position, in one transaction.
    swapped = not different or swap_if_different
    if swapped:
        _when_free(projection, partial(new.swap, reached))
    return Rebuilt(known.name, reached, different, swapped)


@dataclass(frozen=True, slots=True)
class _Filling:
    """The new tables, by their number, and what fills them."""

    database: Database
    feed: Feed
    projection: Projection
    number: int
    indexes: Indexes

    @property
    def beside(self) -> Statements:
        """The statements of the new tables."""
        return statements(self.projection.NAME, self.number)

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

    def finish(self) -> None:
        """Give the tables what they lack still. What is made is on the disk when the swap is."""
        begin = prefix(self.projection.NAME, self.number)
        for table in self.beside.tables:
            with self.database.write() as connection:
                connection.again()
                self.indexes.make(connection, begin + table)

    def compare(self, reached: int) -> tuple[int, dict[str, int]]:
        """Return what differs, by table, and the position at which both were.

        Raises `Busy` where the live ones have always moved on before they could be read.
        """
        live = statements(self.projection.NAME)
        for _ in range(COMPARE_TRIES):
            with self.database.read() as connection:
                until = _known(connection, self.projection.NAME).position
                if until == reached:
                    return reached, differing(connection, live, self.beside)
            # Whoever folds is kept out until we are there too: seldom does one move between the
            # commit and the snapshot that follows.
            reached = self.fold(reached, until=until)
            reached = _when_free(self.projection, partial(self._catch_up, reached))
        raise Busy(f"{self.projection.NAME} never stood still to be compared")

    def swap(self, reached: int) -> None:
        """Put the new tables in place of the live ones, brought up to where those are."""
        with self.database.write() as connection:
            _swap(connection, self, reached)

    def _catch_up(self, reached: int) -> int:
        with self.database.write() as connection:
            connection.again()
            return _fold_rest(connection, self, reached)


def _fold_batch(
    tables: Tables, ahead: Ahead, projection: Projection, reached: int, until: int
) -> int:
    positions = [reached]
    events = ahead.read_after(reached, until - reached)
    if not events:
        raise ProjectionBroken(f"the log ends before {until} [{reached}]")
    fold_all(projection, tables, events, positions, go_on=ahead.go_on)
    return positions[-1]


def _when_free(projection: Projection, work: Callable[[], T]) -> T:
    """Do work as soon as nobody is in the way for long. Raises `Busy` if one stays there."""
    for _ in range(SWAP_TRIES - 1):
        with suppress(Busy):
            return work()
        projection.forget()
    return work()


def _swap(connection: Connection, new: _Filling, reached: int) -> None:
    """Put the new tables in place of the live ones; if we stop before the commit, nothing moved."""
    reached = _fold_rest(connection, new, reached)
    known = _known(connection, new.projection.NAME)
    connection.alone()
    old, begin = prefix(known.name, known.generation), prefix(known.name, new.number)
    for table in _live_tables(connection, known.name):
        _rename(connection, table, old + table.removeprefix(f"{known.name}_"))
    for table in new.beside.tables:
        _rename(connection, begin + table, f"{known.name}_{table}")
    values = {
        "name": known.name,
        "version": new.projection.VERSION,
        "generation": new.number,
        "position": reached,
        "retained_from": 1,
    }
    connection.execute(POSITIONS["swap"], values)


def _fold_rest(connection: Connection, new: _Filling, reached: int) -> int:
    """Fold up to where the live tables are, which stay there until the transaction ends."""
    connection.execute(POSITIONS["hold"], {"name": new.projection.NAME})
    known = _known(connection, new.projection.NAME)
    tables, ahead = Tables(connection, new.beside), Ahead(new.feed, SWAP_BATCH)
    while reached < known.position:
        reached = _fold_batch(tables, ahead, new.projection, reached, known.position)
    return reached


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


def _number(table: str) -> int:
    return int(table.split("_")[1][1:])


def drop_replaced(database: Database, name: str) -> None:
    """Drop the tables that the last rebuild replaced: what they hold must be nowhere any more.

    Those of one that has begun since stay: it began after what they hold was told to be forgotten.
    """
    with database.read() as connection:
        live = _known(connection, name).generation
    _drop_before(database, name, live)


def _drop_before(database: Database, name: str, number: int) -> None:
    """Drop the tables of earlier numbers: what a rebuild replaced, never finished, or fills."""
    with database.write() as connection:
        for table in _beside_tables(connection, name):
            if _number(table) < number:
                connection.create(f'DROP TABLE IF EXISTS "{table}"')  # others drop it too


def _rename(connection: Connection, table: str, to: str) -> None:
    # Names of tables cannot be parameters; these come from our own schema.
    connection.create(f'ALTER TABLE "{table}" RENAME TO "{to}"')
