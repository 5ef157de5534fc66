"""The two axes of every question: what was recorded (`as_of`), what was in force (`valid_at`).

`as_of` is a position, or an instant that is mapped to one; left out, it is the visible head, so
that everybody reads what they wrote. `valid_at` is an instant of the law's time; left out, it is
the instant of `as_of`: now for the newest state, the time of the position for an old one.
Source: contracts, section 2.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from projections.base import to_us
from projections.database import Connection, Database, Progress, Row, progress
from projections.errors import Behind, HistoryUnavailable
from projections.feed import Feed
from projections.sql import Statements, statements

T = TypeVar("T")

AsOf = int | datetime | None
"""A position, an instant, or the visible head."""

WAIT_S: Final = 5.0
"""How long a question waits for its position: a projection lags by milliseconds, or is stuck.

On a machine that has too much to do it lags by seconds, and whoever wrote wants to read it."""

_LOOK_AGAIN_S: Final = 0.05  # another process may be the one that folds


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The rows of an answer, and the position and instant for which they hold."""

    rows: tuple[T, ...]
    position: int
    valid_at: datetime

    @property
    def one(self) -> T | None:
        """The only row, or None where there is none."""
        if len(self.rows) > 1:
            raise AssertionError(f"one row was expected [{len(self.rows)}]")
        return self.rows[0] if self.rows else None


@dataclass(frozen=True, slots=True)
class Reading:
    """One snapshot of a projection's tables, and the two axes at which it is read."""

    connection: Connection
    statements: Statements
    position: int
    valid_at: datetime
    valid_position: int

    def rows(self, statement: str, /, **values: Any) -> list[Row]:
        """Return the rows of a named statement.

        It may use `:position`, `:valid_at_us`, and `:valid_position`: the last position whose
        time is not after `valid_at`, for what takes effect when it is recorded.
        """
        axes = {
            "position": self.position,
            "valid_at_us": to_us(self.valid_at),
            "valid_position": self.valid_position,
        }
        return self.connection.rows(self.statements[statement], axes | values)

    def answer(self, rows: Iterator[T] | list[T]) -> Answer[T]:
        """Return rows as an answer that says for when it holds."""
        return Answer(tuple(rows), self.position, self.valid_at)


class Readings:
    """Opens readings. `clock` gives the instant that «now» means in a question without one."""

    def __init__(
        self,
        database: Database,
        feed: Feed,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        wait_s: float = WAIT_S,
    ) -> None:
        self._database = database
        self._feed = feed
        self._clock = clock
        self._wait_s = wait_s

    @contextmanager
    def open(self, name: str, as_of: AsOf, valid_at: datetime | None) -> Iterator[Reading]:
        """Give a reading of a projection as of a position, once the projection has reached it.

        Raises `Behind` when it does not in time, `HistoryUnavailable` before its history.
        """
        position, instant = self._axes(as_of, valid_at)
        self._wait(name, position)
        with self._database.read() as connection:
            reached = self._reached(connection, name)
            if reached.position < position:
                raise Behind(
                    name, asked=position, reached=reached.position, failure=reached.failure
                )
            if position < reached.retained_from:
                raise HistoryUnavailable(name, asked=position, retained_from=reached.retained_from)
            until = min(position, self._feed.position_at(instant))
            yield Reading(connection, statements(name), position, instant, until)

    def _axes(self, as_of: AsOf, valid_at: datetime | None) -> tuple[int, datetime]:
        if isinstance(as_of, datetime):
            return self._feed.position_at(as_of), valid_at or as_of
        position = self._feed.visible_head() if as_of is None else as_of
        return position, valid_at or self._instant_of(position, newest=as_of is None)

    def _instant_of(self, position: int, *, newest: bool) -> datetime:
        found = self._feed.read_after(position - 1, 1) if position > 0 else []
        if not found:  # beyond the head; the wait that follows ends in `Behind`
            return self._clock()
        # The writer's clock may be a little ahead of ours: «now» is never before what was written.
        return max(found[0].time, self._clock()) if newest else found[0].time

    def _wait(self, name: str, position: int) -> None:
        until = time.monotonic() + self._wait_s
        moved = self._database.moved
        while True:
            rings = moved.rings
            with self._database.read() as connection:
                reached = self._reached(connection, name)
            left = until - time.monotonic()
            if reached.position >= position or reached.failure or left <= 0:
                return
            moved.wait(after=rings, timeout_s=min(left, _LOOK_AGAIN_S))

    @staticmethod
    def _reached(connection: Connection, name: str) -> Progress:
        return progress(connection, name) or Progress(name, 0, 0, 0, 1, "it never ran", None)
