"""Looks at every row, in order: here, or in processes beside this one.

Rows go out in chunks and come back in their order, with a bounded number under way, so memory is
bounded however long the log is. Processes are spawned, never forked: a store's connections and
threads stay where they are.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Final

from ledger.audit.log import AuditedEntry
from ledger.audit.look import Keys, Look, kids_of, look, look_at_all

CHUNK: Final = 128
"""Rows that go to a process at once: some milliseconds of work, some hundred kilobytes."""

_AHEAD: Final = 3
"""Chunks under way for each process: one at work, the rest waiting for it."""


def looks(
    rows: Iterable[AuditedEntry], keys: Keys, origin: str, *, jobs: int, decide: bool
) -> Iterator[tuple[AuditedEntry, Look]]:
    """Yield every row with its look, in order. `keys` grows while its owner takes them in."""
    if jobs <= 1:
        for row in rows:
            yield row, look(row, keys, origin)
        return
    remaining = iter(rows)
    under_way: deque[tuple[list[AuditedEntry], Future[list[Look]]]] = deque()
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        try:
            while True:
                while len(under_way) < jobs * _AHEAD and (chunk := list(islice(remaining, CHUNK))):
                    known = {kid: keys[kid] for kid in kids_of(chunk) if kid in keys}
                    work = pool.submit(look_at_all, chunk, known, origin, decide=decide)
                    under_way.append((chunk, work))
                if not under_way:
                    return
                chunk, work = under_way.popleft()
                yield from zip(chunk, work.result(), strict=True)
        finally:
            for _, work in under_way:
                work.cancel()
