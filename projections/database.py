"""The database as projections see it: one face, whichever engine is under it.

A reading sees one snapshot, so that a position and the rows that belong to it agree. A writing is
one transaction, all or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ledger.named_sql import load
from projections.moved import Bell
from projections.sql import Insert, Statements

Row = Mapping[str, Any]
"""A row by the names of its columns: texts, integers and nothing."""

NOTHING: Final[Mapping[str, Any]] = {}
"""The values of a statement that takes none."""

POSITIONS: Final = load("projections", "positions.sql")
"""The statements about positions."""


class Connection(Protocol):
    """A connection inside one transaction. Values of statements are written `:name`.

    Whatever the engine says goes wrong is `Busy` where it is worth trying again, else its own.
    """

    def rows(self, statement: str, values: Mapping[str, Any] = NOTHING) -> list[Row]:
        """Return the rows that a statement selects."""
        ...

    def lines(self, statement: str) -> Iterator[bytes]:
        """Yield the rows that a statement selects as they come, however many they are.

        Each is a line of UTF-8 as `projections.lines` has it, with its end; one or more at once.
        """
        ...

    def execute(self, statement: str, values: Mapping[str, Any] = NOTHING) -> int:
        """Run a statement, and return how many rows it has touched."""
        ...

    def insert(self, into: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows to a table, however many, the quickest way there is."""
        ...

    def add(self, into: Insert, lines: Sequence[str]) -> None:
        """Add rows to a table as lines, see `projections.lines`, at least one.

        They may be taken in while the caller goes on: what is wrong with them is said by whatever
        is asked of the connection next, or by the commit. Whatever is asked waits for them.
        """
        ...

    def is_free(self) -> bool:
        """Tell whether all that was added is taken in; this alone does not wait for it."""
        ...

    def many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement for each of these values, in their order."""
        ...

    def each(
        self, statements: Statements, name: str, keys: Sequence[tuple[Any, ...]]
    ) -> list[tuple[Any, ...] | None]:
        """Return for each key the one row that a named statement selects, or None.

        A key has the statement's values in the order in which it names them.
        """
        ...

    def create(self, statement: str) -> None:
        """Run a statement that makes or changes tables."""
        ...

    def create_keyless(self, statement: str, table: str) -> Sequence[str]:
        """Make a table without its primary key, where a key can be given to a table later.

        Returns what gives it: statements for `create`.
        """
        ...

    def tables(self, prefix: str) -> list[str]:
        """Return the names of the tables that begin with a prefix, in order."""
        ...

    def claim(self, name: str) -> int | None:
        """Return a projection's position and keep others from folding into it until the end.

        None: another process folds into it now, or it has never run.
        """
        ...

    def alone(self) -> None:
        """Wait until no reading is under way, and let none begin before the end.

        Tables may change their names then: no reading sees the new ones by an old snapshot.
        """
        ...

    def again(self) -> None:
        """Commit without waiting for the disk: what a crash loses is folded again from the log."""
        ...

    def tell(self) -> None:
        """Wake those in other processes who wait for a position, once this is committed."""
        ...


class Database(Protocol):
    """A database that holds the tables of projections."""

    @property
    def batch(self) -> int:
        """How many events a transaction bears well."""
        ...

    @property
    def moved(self) -> Bell:
        """Rings when a projection has moved, in this process or, where it is heard, in another."""
        ...

    def read(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one snapshot: position and rows belong together."""
        ...

    def write(self) -> AbstractContextManager[Connection]:
        """Give a connection inside a write transaction; all or nothing."""
        ...

    def close(self) -> None:
        """Close the idle connections."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a projection has read, and why it stopped if it did."""

    name: str
    version: int
    generation: int
    position: int
    retained_from: int
    failure: str | None
    failed_position: int | None


def progress(connection: Connection, name: str) -> Progress | None:
    """Return how far a projection has read; None if its tables were never made."""
    rows = connection.rows(POSITIONS["one"], {"name": name})
    return Progress(**rows[0]) if rows else None


def all_progress(connection: Connection) -> tuple[Progress, ...]:
    """Return how far every projection has read, by name."""
    return tuple(Progress(**row) for row in connection.rows(POSITIONS["all"]))
