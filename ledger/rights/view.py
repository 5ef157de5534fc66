"""What a decision may look at, and the record of what it looked at.

A *scope* is a tag whose events decide something. Each has one pure `evolve(state, recorded)`, used
by decisions and by projections alike. A decision asks the view for scopes; the view writes down
what was asked, and exactly that guards the append (contracts, section 4): nobody lists guards by
hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from schemas.events.base import Event
from schemas.model import Commitment

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the log holds it: where, when, and by whose word.

    `time` is the time of its position: the running maximum of `recorded_at` (contracts, section
    2). `actor` is a party id, or a `Commitment` where it is private and not open to this reader.
    """

    position: int
    time: datetime
    actor: str | Commitment
    event: Event


@dataclass(frozen=True, slots=True)
class Scope(Generic[S]):
    """One kind of scope: its prefix (`rights`, `key`, …), its empty state, its evolve."""

    name: str
    empty: Callable[[str], S]
    evolve: Callable[[S, Recorded], S]

    def tag(self, key: str) -> str:
        """Return the tag of the scope of `key`."""
        return f"{self.name}:{key}"

    def fold(self, key: str, events: Iterable[Recorded]) -> S:
        """Fold the scope's events, in the order of their positions, from the empty state."""
        state = self.empty(key)
        for recorded in events:
            state = self.evolve(state, recorded)
        return state


class Source(Protocol):
    """Where a view reads from: folded scopes of the log, and settled history."""

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return the folded state of a scope and the position of its newest event (0: none)."""
        ...

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events `about:` a subject with after < position ≤ until, in order."""
        ...

    def head(self) -> int:
        """Return the newest position that this source has seen."""
        ...


@dataclass(slots=True)
class View:
    """One decision's eyes. `asked` maps each scope tag to the position up to which it was read."""

    source: Source
    asked: dict[str, int] = field(default_factory=dict)

    def ask(self, scope: Scope[S], key: str) -> S:
        """Return the state of a scope, and remember that the decision depends on it."""
        state, position = self.source.state(scope, key)
        tag = scope.tag(key)
        # Asked twice, the older reading guards: if it moved in between, the append must fail.
        if position < self.asked.setdefault(tag, position):
            self.asked[tag] = position
        return state

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return settled history about a subject; a past that cannot change needs no guard.

        Raises `ValueError` if `until` lies beyond what this source has seen.
        """
        if until > self.source.head():
            raise ValueError(f"history asked beyond the head [{until}]")
        return self.source.history(subject, after=after, until=until)
