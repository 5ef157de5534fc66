"""The eyes of a decision on the real log: folded scopes, kept in a bounded cache fed by the log.

A decision on a stale fold is caught by its guard and decided again inside the batch, so the cache
may lag but can never mislead (contracts, section 4).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from ledger.decoding import read_recorded
from ledger.rights.view import Recorded, Scope
from ledger.storage.contract import Reader

S = TypeVar("S")

SCOPES_MAX: Final = 50_000
"""Scopes kept folded: a bound on memory, not on what can be decided (contracts, section 13)."""


@dataclass(slots=True)
class FoldCache:
    """Folded scopes by tag: the state, and the position of the newest event that it holds."""

    limit: int = SCOPES_MAX
    _states: OrderedDict[str, tuple[Any, int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, tag: str) -> tuple[Any, int] | None:
        """Return what is known of a scope, and mark it as used."""
        with self._lock:
            found = self._states.get(tag)
            if found is not None:
                self._states.move_to_end(tag)
            return found

    def clear(self) -> None:
        """Forget everything: after an erasure, what was folded still holds what was opened."""
        with self._lock:
            self._states.clear()

    def put(self, tag: str, state: object, position: int) -> None:
        """Keep a folded state, unless a newer one is known; drop the least recently used."""
        with self._lock:
            found = self._states.get(tag)
            if found is not None and found[1] >= position:
                return
            self._states[tag] = (state, position)
            self._states.move_to_end(tag)
            while len(self._states) > self.limit:
                self._states.popitem(last=False)


class LogSource:
    """A `Source` for views over one snapshot of the log.

    `keep` is False inside a batch: what is not committed yet may be rolled back, and must not be
    remembered.
    """

    def __init__(self, reader: Reader, cache: FoldCache, *, keep: bool) -> None:
        self._reader = reader
        self._cache = cache
        self._keep = keep

    def head(self) -> int:
        """Return the newest position of this snapshot."""
        return self._reader.bound

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return a folded scope: from the cache, brought up to date from the log."""
        tag = scope.tag(key)
        newest = self._reader.last_position(tag)
        known = self._cache.get(tag)
        if known is not None and known[1] == newest:
            return cast("tuple[S, int]", known)
        if known is None or known[1] > newest:
            # The cache may have seen more than an older snapshot: then fold it afresh.
            known = (scope.empty(key), 0)
        state = known[0]
        for stored in self._reader.events(tag, after=known[1]):
            state = scope.evolve(
                state, read_recorded(stored, self._reader.openings(stored.event_id or ""))
            )
        if self._keep:
            self._cache.put(tag, state, newest)
        return state, newest

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events about a subject with after < position ≤ until, in order."""
        return [
            read_recorded(stored, self._reader.openings(stored.event_id or ""))
            for stored in self._reader.events(f"about:{subject}", after=after, until=until)
        ]
