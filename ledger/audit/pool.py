"""Looks at every row, in order: here, or in processes beside this one.

Rows go out in stretches and come back in their order, with a bounded number under way, so memory is
bounded however long the log is. Of an export only the places go out: a process reads them itself.
Processes are spawned, never forked: a store's connections and threads stay where they are.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from ledger.audit.log import AnyRow, AuditedEntry, AuditLog, DividedLog, Part, PartRow
from ledger.audit.one_row import keys_told_by, kids_of, rows_of
from ledger.audit.whole import Asked, Seen, Whole, look_at_all

CHUNK: Final = 256
"""Rows that go to a process at once: some dozen milliseconds of work, half a megabyte.

What each stretch costs by itself, its way there and back and a look into its bundle, is a
thirtieth of the work then.
"""

WORTHWHILE: Final = 20_000
"""Entries from which processes save more than their start takes: some seconds of work."""

KEYS_MAX: Final = 256
"""Keys that go along with every stretch; of more, those that signed something in it."""

_AHEAD: Final = 3
"""Chunks under way for each process: one at work, the rest waiting for it."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes that look at rows for an audit, or for several after one another."""

    executor: Executor
    jobs: int
    chunk: int


@contextmanager
def processes(jobs: int | None = None, *, chunk: int = CHUNK) -> Iterator[Processes]:
    """Start so many processes, one for each core if nobody says, and end them afterwards.

    They are spawned: a script that asks for them guards its start by `__name__`.
    """
    jobs = jobs or os.cpu_count() or 1
    spawn, before = multiprocessing.get_context("spawn"), gc.get_threshold()
    with ProcessPoolExecutor(jobs, spawn, initializer=_collect_seldom) as executor:
        _collect_seldom()
        try:
            yield Processes(executor, jobs, chunk)
        finally:
            gc.set_threshold(*before)


def _collect_seldom() -> None:
    """Look for cycles seldom: an audit makes hardly any, and keeps nearly all that it makes.

    With the interpreter's own measure a third of its time goes into looking through that.
    """
    gc.set_threshold(200_000, 50, 100)


@contextmanager
def processes_for(size: int) -> Iterator[Processes | None]:
    """Start processes for a log of `size` entries, or none where it is looked at sooner here."""
    if size < WORTHWHILE or (os.cpu_count() or 1) == 1:
        yield None
        return
    with processes() as beside:
        yield beside


def seen_in(
    log: AuditLog, asked: Asked, *, beside: Processes | None
) -> Iterator[tuple[Stretch, int, Seen]]:
    """Yield what is seen of every entry, in order: in which stretch, from which of its rows on.

    Stretches go out long before their owner has taken in what enrolls the keys of their signatures;
    so what they tell of keys is read as they go, and is no more than a guess.
    """
    guessed: dict[str, bytes] = {}
    if beside is None:
        for stretch in _stretches(log, CHUNK):
            known = _known(guessed, stretch)
            yield from _places(stretch, look_at_all(stretch.rows(), known, asked))
        return
    remaining = _stretches(log, beside.chunk)
    under_way: deque[tuple[Stretch, Future[list[Seen]]]] = deque()
    try:
        while True:
            for sent in islice(remaining, beside.jobs * _AHEAD - len(under_way)):
                known = _known(guessed, sent)
                work = beside.executor.submit(look_at_all, sent.sent, known, asked)
                under_way.append((sent, work))
            if not under_way:
                return
            stretch, work = under_way.popleft()
            yield from _places(stretch, work.result())
    finally:
        for _, work in under_way:
            work.cancel()


def _places(stretch: Stretch, found: list[Seen]) -> Iterator[tuple[Stretch, int, Seen]]:
    at = 0
    for seen in found:
        yield stretch, at, seen
        at += len(seen.leaves) if isinstance(seen, Whole) else 1


class Stretch:
    """Some entries in a row: as they are sent, and as their owner takes them in.

    Each is asked for by its place in the stretch, from 0.
    """

    def __init__(self, sent: Part | list[AuditedEntry]) -> None:
        self.sent = sent
        self._rows = sent if isinstance(sent, list) else None
        self._part = None if isinstance(sent, list) else sent

    @property
    def tells_keys(self) -> bool:
        """Whether it may tell of keys."""
        return self._part is None or self._part.tells_keys

    def rows(self) -> list[AuditedEntry]:
        """Return the entries, which are read here only if somebody asks for them."""
        if self._rows is None:
            self._rows = rows_of(self.sent)
        return self._rows

    def row(self, at: int) -> AnyRow:
        """Return an entry, at hand or not."""
        if self._part is None:
            return self.rows()[at]
        return PartRow(self._part.places[at], self.note(at), self._read)

    def position(self, at: int) -> int:
        """Return the position of an entry."""
        return self.rows()[at].position if self._part is None else self._part.places[at]

    def note(self, at: int) -> str | None:
        """Return the checkpoint of an entry's position."""
        if self._part is None:
            return self.rows()[at].note
        return self._part.notes.get(self._part.places[at])

    def tags(self, at: int) -> tuple[str, ...] | None:
        """Return the tags of an entry, where the bearer has sent any."""
        return self.rows()[at].tags if self._part is None else None

    def is_at(self, at: int, count: int, time: datetime) -> bool:
        """Tell whether so many entries have this time, where the bearer has said one."""
        if self._part is not None:
            return True
        said = [row.columns for row in self.rows()[at : at + count]]
        return all(columns is None or columns.time == time for columns in said)

    def _read(self, position: int) -> AuditedEntry:
        rows = self.rows()
        return rows[position - rows[0].position]


def _stretches(log: AuditLog, limit: int) -> Iterator[Stretch]:
    if isinstance(log, DividedLog):
        yield from map(Stretch, log.parts(limit))
        return
    rows = iter(log.entries())
    while chunk := list(islice(rows, limit)):
        yield Stretch(chunk)


def _known(guessed: dict[str, bytes], stretch: Stretch) -> dict[str, bytes]:
    """Return the keys to send along: of many those alone of which there are signatures.

    `guessed` are those that were told of before; what this stretch tells of comes to them.
    """
    if stretch.tells_keys:
        guessed.update(keys_told_by(stretch.rows()))
    if len(guessed) <= KEYS_MAX:
        return dict(guessed)
    return {kid: guessed[kid] for kid in kids_of(stretch.rows()) if kid in guessed}
