"""Looks at every row, in order: here, or in processes beside this one.

Rows go out in chunks and come back in their order, with a bounded number under way, so memory is
bounded however long the log is. Processes are spawned, never forked: a store's connections and
threads stay where they are.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Final

from ledger.audit.log import AuditedEntry
from ledger.audit.look import Keys, Look, keys_told_by, kids_of, look, look_at_all

CHUNK: Final = 128
"""Rows that go to a process at once: some milliseconds of work, some hundred kilobytes."""

WORTHWHILE: Final = 20_000
"""Entries from which processes save more than their start takes: some seconds of work."""

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
    rows: Iterable[AuditedEntry], keys: Keys, origin: str, *, beside: Beside | None, decide: bool
) -> Iterator[tuple[AuditedEntry, Look]]:
    """Yield every row with its look, in order. `keys` grows while its owner takes them in.

    Chunks go out long before their owner has taken in what enrolls the keys of their signatures;
    so what they tell of keys is read as they go, and is no more than a guess.
    """
    if beside is None:
        for row in rows:
            yield row, look(row, keys, origin)
        return
    remaining, guessed = iter(rows), dict(keys)
    under_way: deque[tuple[list[AuditedEntry], Future[list[Look]]]] = deque()
    try:
        while True:
            while len(under_way) < beside.jobs * _AHEAD and (
                chunk := list(islice(remaining, beside.chunk))
            ):
                guessed.update(keys_told_by(chunk))
                known = {kid: guessed[kid] for kid in kids_of(chunk) if kid in guessed}
                work = beside.executor.submit(look_at_all, chunk, known, origin, decide=decide)
                under_way.append((chunk, work))
            if not under_way:
                return
            chunk, work = under_way.popleft()
            yield from zip(chunk, work.result(), strict=True)
    finally:
        for _, work in under_way:
            work.cancel()
