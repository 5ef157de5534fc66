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
from itertools import islice
from typing import Final

from ledger.audit.log import AnyRow, AuditedEntry, AuditLog, DividedLog, Part, PartRow
from ledger.audit.look import Keys, Look, keys_told_by, kids_of, look, look_at_all, rows_of

CHUNK: Final = 128
"""Rows that go to a process at once: some milliseconds of work, some hundred kilobytes."""

WORTHWHILE: Final = 20_000
"""Entries from which processes save more than their start takes: some seconds of work."""

KEYS_MAX: Final = 256
"""Keys that go along with every stretch; of more, those that signed something in it."""

_AHEAD: Final = 3
"""Chunks under way for each process: one at work, the rest waiting for it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Processes that look at rows for an audit, or for several after one another."""

    executor: Executor
    jobs: int
    chunk: int


@contextmanager
def processes(jobs: int | None = None, *, chunk: int = CHUNK) -> Iterator[Beside]:
    """Start so many processes, one for each core if nobody says, and end them afterwards.

    They are spawned: a script that asks for them guards its start by `__name__`.
    """
    jobs = jobs or os.cpu_count() or 1
    spawn, before = multiprocessing.get_context("spawn"), gc.get_threshold()
    with ProcessPoolExecutor(jobs, spawn, initializer=_collect_seldom) as executor:
        _collect_seldom()
        try:
            yield Beside(executor, jobs, chunk)
        finally:
            gc.set_threshold(*before)


def _collect_seldom() -> None:
    """Look for cycles seldom: an audit makes hardly any, and keeps nearly all that it makes.

    With the interpreter's own measure a third of its time goes into looking through that.
    """
    gc.set_threshold(200_000, 50, 100)


@contextmanager
def processes_for(size: int) -> Iterator[Beside | None]:
    """Start processes for a log of `size` entries, or none where it is looked at sooner here."""
    if size < WORTHWHILE or (os.cpu_count() or 1) == 1:
        yield None
        return
    with processes() as beside:
        yield beside


def looks(
    log: AuditLog, keys: Keys, *, beside: Beside | None, decide: bool
) -> Iterator[tuple[AnyRow, Look]]:
    """Yield every row with its look, in order. `keys` grows while its owner takes them in.

    Stretches go out long before their owner has taken in what enrolls the keys of their signatures;
    so what they tell of keys is read as they go, and is no more than a guess.
    """
    if beside is None:
        for row in log.entries():
            yield row, look(row, keys, log.origin)
        return
    remaining, guessed = _stretches(log, beside.chunk), dict(keys)
    under_way: deque[tuple[_Stretch, Future[list[Look]]]] = deque()
    try:
        while True:
            while len(under_way) < beside.jobs * _AHEAD and (stretch := next(remaining, None)):
                if stretch.tells_keys:
                    guessed.update(keys_told_by(stretch.rows()))
                known = _known(guessed, stretch)
                work = beside.executor.submit(
                    look_at_all, stretch.sent, known, log.origin, decide=decide
                )
                under_way.append((stretch, work))
            if not under_way:
                return
            stretch, work = under_way.popleft()
            yield from zip(stretch, work.result(), strict=True)
    finally:
        for _, work in under_way:
            work.cancel()


class _Stretch:
    """Some entries in a row: as they are sent, and as their owner takes them in."""

    def __init__(self, sent: Part | list[AuditedEntry]) -> None:
        self.sent = sent
        self._rows = sent if isinstance(sent, list) else None

    @property
    def tells_keys(self) -> bool:
        return isinstance(self.sent, list) or self.sent.tells_keys

    def rows(self) -> list[AuditedEntry]:
        """Return the entries, which are read here only if somebody asks for them."""
        if self._rows is None:
            self._rows = rows_of(self.sent)
        return self._rows

    def __iter__(self) -> Iterator[AnyRow]:
        if isinstance(self.sent, list):
            return iter(self.sent)
        notes, places = self.sent.notes, self.sent.places
        return (PartRow(at, notes.get(at), self._read) for at in places)

    def _read(self, position: int) -> AuditedEntry:
        rows = self.rows()
        return rows[position - rows[0].position]


def _stretches(log: AuditLog, limit: int) -> Iterator[_Stretch]:
    if isinstance(log, DividedLog):
        yield from map(_Stretch, log.parts(limit))
        return
    rows = iter(log.entries())
    while chunk := list(islice(rows, limit)):
        yield _Stretch(chunk)


def _known(guessed: dict[str, bytes], stretch: _Stretch) -> dict[str, bytes]:
    """Return the keys to send along: of many those alone of which there are signatures."""
    if len(guessed) <= KEYS_MAX:
        return dict(guessed)
    return {kid: guessed[kid] for kid in kids_of(stretch.rows()) if kid in guessed}
