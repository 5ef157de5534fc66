"""The eyes of a decision on the real log: folded scopes, kept in a bounded cache fed by the log.

Three sources for a view. `WarmSource` looks at nothing but the cache and asks no database: what it
lets decide is judged by the guard, so the cache may lag and can never mislead (contracts, section
4). `LogSource` sees exactly one snapshot: whoever is told no is told so by it. `BatchSource` sees
what a command inside a batch sees, and folds each event of the batch once, however many of its
commands are decided again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ledger.decoding import Reading, read_from
from ledger.recent import Recent
from ledger.rights.memo import Memo
from ledger.rights.scopes import scope_for
from ledger.rights.view import Recorded, Scope
from ledger.storage.contract import Reader
from ledger.storage.instants import EPOCH
from ledger.unheard import Unheard
from schemas.events.erasure import OpeningsErased

S = TypeVar("S")

SCOPES_MAX: Final = 50_000
"""Scopes kept folded: a bound on memory, not on what can be decided (contracts, section 13)."""

JOB: Final = "job:"
JOB_WEIGHS: Final = 20
"""What a verification or a generation counts for: it holds all that was judged and authorized, some
twenty kilobytes, and is seldom asked for once it has ended. Without this it is they that fill the
cache, with a gigabyte.
"""


NOTHING_READ: Final[Mapping[str, int]] = MappingProxyType({})
"""No scope was read."""


class ColdError(Exception):
    """A decision asked for what the cache does not hold: make it again on a snapshot."""


Known = tuple[Any, int]
"""A folded scope: its state, and the position of the newest event that it holds."""


@dataclass(slots=True)
class FoldCache:
    """Folded scopes by tag, bounded: those that were not used for long are forgotten.

    Every state that is kept holds all events of its scope up to `fed`, and perhaps some beyond.
    `time` is the time of position `fed`; `memo` keeps what decisions found out of these states.
    What is in use is read without a lock; all else happens under one, so nothing newer is lost.
    """

    limit: int = SCOPES_MAX
    fed: int = 0
    time: datetime = EPOCH
    memo: Memo = field(default_factory=Memo)
    _known: Recent[str, Known] = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._known = Recent(self.limit, weigh=_weight_of)

    def get(self, tag: str) -> Known | None:
        """Return what is known of a scope, and mark it as used."""
        known = self._known
        found = known.young.get(tag)
        return self._renewed(tag) if found is None and tag in known.old else found

    def get_at(self, tag: str, bound: int) -> Known | None:
        """Return the state of a scope at exactly this position of the log, if that is known."""
        with self._lock:
            found = self._known.peek(tag)
            return found if found and self.fed == bound and found[1] <= bound else None

    def items(self) -> dict[str, Known]:
        """Return all that is known now, by tag."""
        with self._lock:
            return self._known.items()

    def clear(self) -> None:
        """Forget everything: after an erasure, what was folded still holds what was opened."""
        with self._lock:
            self._forget()

    def put(self, tag: str, state: object, position: int, *, bound: int) -> None:
        """Keep a state that a snapshot up to `bound` has shown, unless a newer one is known.

        A snapshot from before `fed` is not kept: what was fed since may be missing in it.
        """
        with self._lock:
            found = self._known.peek(tag)
            if bound >= self.fed and (found is None or found[1] < position):
                self._known.put(tag, (state, position))

    def begin(self, position: int, time: datetime) -> None:
        """Begin to be fed after `position`, knowing nothing."""
        with self._lock:
            self._forget()
            self.fed, self.time = position, time

    def feed(
        self, recorded: Recorded, tags: Collection[str], *, read: Mapping[str, int] = NOTHING_READ
    ) -> None:
        """Let the next event of the log move what is known.

        `read` says up to which position scopes had been read before it. Those of its own that had
        no event then become known by it.
        """
        position = recorded.position
        with self._lock:
            if type(recorded.event) is OpeningsErased:
                self._forget()
            for tag in tags:
                known = self._known.peek(tag)
                if known is None and read.get(tag) != 0:
                    continue
                scope, key = scope_for(tag)
                state, newest = known or (scope.empty(key), 0)
                if newest < position:
                    self._known.put(tag, (scope.evolve(state, recorded), position))
            self.fed, self.time = position, max(self.time, recorded.time)

    def knows_any(self, tags: Collection[str]) -> bool:
        """Tell whether any of these scopes is kept."""
        return any(tag in self._known for tag in tags)

    def skip(self, position: int, time: datetime, tags: Collection[str] = ()) -> bool:
        """Pass over an event if none of its scopes is kept; tell whether it was passed over.

        Under one lock: a state that a snapshot shows meanwhile lacks this event, and must not seem
        to hold it.
        """
        with self._lock:
            if self.knows_any(tags):
                return False
            self.fed, self.time = position, max(self.time, time)
            return True

    def _renewed(self, tag: str) -> Known | None:
        with self._lock:
            return self._known.get(tag)

    def _forget(self) -> None:
        self._known.clear()
        self.memo.forget()


def _weight_of(tag: str) -> int:
    return JOB_WEIGHS if tag.startswith(JOB) else 1


class WarmSource:
    """A `Source` out of the cache alone; raises `ColdError` where that does not do.

    `is_new` tells whether a key is an id so young that nobody can have said anything about it that
    was not heard here. It may be wrong: then the guard says so.
    """

    def __init__(self, cache: FoldCache, is_new: Callable[[str], bool]) -> None:
        self._cache = cache
        self._is_new = is_new
        self.memo = cache.memo

    def head(self) -> int:
        """Return the position up to which the cache was fed."""
        return self._cache.fed

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return a folded scope as the cache has it."""
        known = self._cache.get(f"{scope.name}:{key}")
        if known is not None:
            return known
        if self._is_new(key):
            return scope.empty(key), 0
        raise ColdError

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Raise `ColdError`: history is in no cache."""
        del subject, after, until
        raise ColdError


class LogSource:
    """A `Source` over one snapshot of the log, which also warms the cache."""

    def __init__(self, reader: Reader, cache: FoldCache) -> None:
        self._reader = reader
        self._cache = cache
        # A snapshot from before an erasure still shows what was opened then.
        self.memo = cache.memo if reader.bound >= cache.fed else Memo()

    def head(self) -> int:
        """Return the newest position of this snapshot."""
        return self._reader.bound

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return a folded scope: from the cache, brought up to date from the log."""
        tag = scope.tag(key)
        exact = self._cache.get_at(tag, self._reader.bound)
        if exact is not None:
            return exact
        found = fold_on(self._reader, scope, key, self._cache.get(tag), read_from)
        self._cache.put(tag, *found, bound=self._reader.bound)
        return found

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events about a subject with after < position ≤ until, in order."""
        return history(self._reader, subject, after=after, until=until)


class BatchSource:
    """A `Source` over the reader of one batch. What it folds may be rolled back, so only it keeps.

    `read` returns the typed event of an entry, from hand where this process has just made it.
    """

    def __init__(self, reader: Reader, cache: FoldCache, read: Reading) -> None:
        self.reader = reader
        self._cache = cache
        self._read = read
        self.memo = cache.memo
        self._states: dict[str, Known] = {}
        self._unheard = Unheard(reader, cache.fed)

    def head(self) -> int:
        """Return the newest position of the batch."""
        return self.reader.bound

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return a folded scope as the batch has moved it so far."""
        tag = scope.tag(key)
        known = self._states.get(tag) or self._cache.get(tag)
        if known is not None:
            known = self._unheard.fold(scope, tag, known, self._read)
        found = fold_on(self.reader, scope, key, known, self._read)
        self._states[tag] = found
        return found

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events about a subject with after < position ≤ until, in order."""
        return history(self.reader, subject, after=after, until=until)


def fold_on(
    reader: Reader, scope: Scope[S], key: str, known: Known | None, read: Reading
) -> tuple[S, int]:
    """Bring a known state of a scope up to what a reader sees, or fold it afresh."""
    tag = scope.tag(key)
    newest = reader.last_position(tag)
    if known is not None and known[1] == newest:
        return known
    if known is None or known[1] > newest:
        # The cache may have seen more than an older snapshot: then fold it afresh.
        known = (scope.empty(key), 0)
    state = known[0]
    for stored in reader.events(tag, after=known[1]):
        state = scope.evolve(state, read(stored, reader))
    return state, newest


def history(reader: Reader, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
    """Return the typed events about a subject with after < position ≤ until, in order."""
    found = reader.events(f"about:{subject}", after=after, until=until)
    return [read_from(stored, reader) for stored in found]
