"""How the cache hears of the log: own commands from hand, what others appended from the store.

In the order of positions, each event once. Nothing depends on it for being right: what the cache
has not heard of yet, the guard has.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from ledger.deciding import Case
from ledger.decoding import is_closed, read_from, read_recorded
from ledger.folding import FoldCache
from ledger.rights.view import Recorded
from ledger.storage.contract import Reader, Store
from ledger.storage.records import ABOUT, StoredEntry, is_scope
from ledger.storage.signal import VisibleHead
from schemas.commitments import Opening
from schemas.events.erasure import OpeningsErased

LOOK_EVERY_S: Final = 0.05
"""How long what others have appended may stay unheard, if nothing of ours came after it."""

BEHIND_MAX: Final = 2_000
"""Events to hear of; beyond, what is known is forgotten: to fold it again costs less."""


class Appended(NamedTuple):
    """A case that this process has appended, and the position of its first event."""

    first: int
    case: Case


class Hearing:
    """Feeds one cache. From any thread.

    `expects` tells whether something of ours is on its way: then only what lies before it is read
    from the store, for what was appended here says more (which scopes had been empty).
    """

    def __init__(
        self,
        store: Store,
        cache: FoldCache,
        visible: VisibleHead,
        expects: Callable[[], bool],
    ) -> None:
        self._expects = expects
        self._store = store
        self._cache = cache
        self._visible = visible
        self._own: deque[Appended] = deque()
        self._turn = threading.Lock()
        self._has_begun = False
        self._heard_s = 0.0

    def tell(self, appended: Appended) -> None:
        """Say what was appended; the writer's callbacks come in the order of positions."""
        self._own.append(appended)
        self._heard_s = time.monotonic()

    def catch_up(self) -> None:
        """Feed what there is, unless another thread is at it."""
        is_time = time.monotonic() - self._heard_s > LOOK_EVERY_S and not self._expects()
        if self._has_begun and not self._own and not is_time:
            return
        if not self._turn.acquire(blocking=False):
            return
        try:
            if not self._has_begun:
                self._begin()
            while self._own:
                self._feed_own(self._own.popleft())
            if is_time:
                self._heard_s = time.monotonic()
                if self._head() > self._cache.fed:
                    self._feed_others(self._head())
        finally:
            self._turn.release()

    def _head(self) -> int:
        return self._visible.wait_beyond(-1, 0.0)

    def _begin(self) -> None:
        with self._store.snapshot() as reader:
            self._cache.begin(reader.bound, reader.time())
        self._has_begun = True

    def _feed_own(self, appended: Appended) -> None:
        cache, (first, case) = self._cache, appended
        if first > cache.fed + 1:
            self._feed_others(first - 1)
        rows = zip(case.events, case.built.entries, strict=True)
        for position, (event, made) in enumerate(rows, start=first):
            if position == cache.fed + 1:
                at = max(cache.time, case.at)
                recorded = Recorded(position, at, case.taken.statement.actor, event)
                scopes = [tag for tag in made.event.tags if not tag.startswith(ABOUT)]
                cache.feed(recorded, scopes, read=case.guard)

    def _feed_others(self, until: int) -> None:
        """Feed from the store, up to a position that is visible by now."""
        with self._store.snapshot() as reader:
            if until - self._cache.fed > BEHIND_MAX:
                self._cache.begin(reader.bound, reader.time())
                return
            others = reader.read_after(self._cache.fed, until - self._cache.fed)
            # What moves nothing here is passed over, and what is sealed of it stays so.
            closed = [one for one in others if is_closed(one) and self._cache.knows_any(one.tags)]
            names = [one.event_id for one in closed if one.event_id]
            openings = reader.openings_of(names) if names else {}
            for stored in others:
                self._feed_stored(stored, reader, openings)

    def _feed_stored(
        self, stored: StoredEntry, reader: Reader, asked: Mapping[str, Sequence[Opening]]
    ) -> None:
        scopes = tuple(filter(is_scope, stored.tags))
        is_erasure = stored.type == OpeningsErased.TOPIC
        if not is_erasure and self._cache.skip(stored.position, stored.time, scopes):
            return
        openings = asked.get(stored.event_id or "")
        recorded = (
            read_from(stored, reader) if openings is None else read_recorded(stored, openings)
        )
        self._cache.feed(recorded, scopes)
