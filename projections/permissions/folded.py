"""Scopes folded as of the event that is being folded: what a projection's view reads from.

What is not remembered is folded again from the log's own index of tags, so memory is bounded and
nothing is kept twice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final, TypeVar, cast

from ledger.rights.memo import Memo
from ledger.rights.view import Recorded, Scope
from projections.feed import Feed

S = TypeVar("S")

SCOPES_MAX: Final = 20_000
"""Scopes remembered: some tens of megabytes. More scopes than that cost reading, not memory."""


class Folded:
    """A `Source` for views that stands at one position and moves with the events."""

    def __init__(self, feed: Feed, limit: int = SCOPES_MAX) -> None:
        self._feed = feed
        self._limit = limit
        self._position = 0
        self.memo = Memo()
        self._states: OrderedDict[str, tuple[Scope[Any], Any, int]] = OrderedDict()

    def advance(self, recorded: Recorded) -> None:
        """Move to an event: scopes that it moves and that are remembered are folded on."""
        self._position = recorded.position
        # An event may name a scope twice (a change, for what it speaks and spoke about).
        for tag in dict.fromkeys(recorded.event.scopes()):
            known = self._states.get(tag)
            if known is not None:
                scope, state, _ = known
                self._states[tag] = (scope, scope.evolve(state, recorded), recorded.position)

    def forget(self) -> None:
        """Forget every state: the position is no longer where they stand."""
        self._states.clear()

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return a scope folded up to the position, and the position of its newest event."""
        tag = scope.tag(key)
        known = self._states.get(tag)
        if known is None:
            events = self._feed.events_of(tag, until=self._position)
            newest = events[-1].position if events else 0
            known = self._states[tag] = (scope, scope.fold(key, events), newest)
            while len(self._states) > self._limit:
                self._states.popitem(last=False)
        self._states.move_to_end(tag)
        return cast("S", known[1]), known[2]

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events about a subject, as every source does; no projection needs them."""
        events = self._feed.events_of(f"about:{subject}", until=min(until, self._position))
        return [row for row in events if row.position > after]

    def head(self) -> int:
        """Return the position at which this source stands."""
        return self._position
