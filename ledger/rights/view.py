"""What a decision may look at, and the record of what it looked at.

A *scope* is a tag whose events decide something. Each has one pure `evolve(state, recorded)`, used
by decisions and by projections alike. A decision asks the view for scopes; the view writes down
what was asked, and exactly that guards the append (contracts, section 4): nobody lists guards by
hand. What one decision found out of scopes that have not moved, the next need not find out again
(`ledger.rights.memo`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

from ledger.rights.memo import Answered, Kept, Memo, Read, Watched
from schemas.events.base import Event
from schemas.model import Commitment
from schemas.parts import Part

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

S = TypeVar("S")
A = TypeVar("A")


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

    @property
    def topic(self) -> str:
        """The event's topic."""
        return self.event.TOPIC

    @property
    def time_us(self) -> int:
        """The time of the position in microseconds since 1970 (UTC)."""
        return (self.time - _EPOCH) // _MICROSECOND

    def part(self, wanted: Part) -> Any:
        """Return what has the fields that are wanted: a record of them, or the event itself."""
        del wanted
        return self.event


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
    """Where a view reads from: folded scopes of the log, and settled history.

    `memo` is where decisions on this source find what others on it found out.
    """

    @property
    def memo(self) -> Memo:
        """Where answers are kept."""
        ...

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return the folded state of a scope and the position of its newest event (0: none)."""
        ...

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events `about:` a subject with after < position ≤ until, in order."""
        ...

    def head(self) -> int:
        """Return the newest position that this source has seen."""
        ...


_UNREAD = object()


@dataclass(slots=True)
class View:
    """One decision's eyes. `asked` maps each scope tag to the position up to which it was read.

    What was read once is what the decision goes on with: it sees every scope at one position.
    """

    source: Source
    asked: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, Any] = field(default_factory=dict)
    _kept: Kept = field(init=False)
    _noted: dict[str, Read] | None = None

    def __post_init__(self) -> None:
        # Before anything is read: what was seen before an erasure is not kept after it.
        self._kept = self.source.memo.kept

    def ask(self, scope: Scope[S], key: str) -> S:
        """Return the state of a scope, and remember that the decision depends on it."""
        tag = f"{scope.name}:{key}"
        seen = self._seen.get(tag, _UNREAD)
        if seen is _UNREAD:
            seen, self.asked[tag] = self.source.state(scope, key)
            self._seen[tag] = seen
        if self._noted is not None:
            self._noted[tag] = (tag, scope, key, seen)
        state: S = seen
        return state

    def answer(self, rule: Callable[..., A], question: Hashable, *given: Any) -> A:
        """Return `rule(view, question, *given)`: found, or kept from where all of it was the same.

        The rule may look at nothing but these. Each value of `given` it gets as `Watched`.
        """
        if self._noted is not None:
            # One rule asks another: what the answer of this one rests on, that of the other does.
            return rule(self, question, *given)
        known = self._kept.get((rule, question))
        if known is None or not known.compares(given) or not self._sees(known):
            known = self._find(rule, question, given)
            self._kept.put((rule, question), known)
        answer: A = known.answer
        return answer

    def _sees(self, known: Answered) -> bool:
        """Tell whether every scope on which an answer rests is still in the same state.

        They are asked in the order in which the rule asked. It would ask for the first that has
        moved as well, having seen the same so far: so the guard names what it names without memo.
        """
        for tag, scope, key, state in known.read:
            seen = self._seen.get(tag, _UNREAD)
            if seen is _UNREAD:
                seen = self.ask(scope, key)
            if seen is not state:
                return False
        return True

    def _find(self, rule: Callable[..., Any], question: Hashable, given: Sequence[Any]) -> Answered:
        watched = [Watched(value) for value in given]
        noted = self._noted = {}
        try:
            answer = rule(self, question, *watched)
        finally:
            self._noted = None
        between = tuple([(each.since, each.until) for each in watched])
        return Answered(answer, between, tuple(noted.values()))

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return settled history about a subject; a past that cannot change needs no guard.

        Raises `ValueError` if `until` lies beyond what this source has seen.
        """
        assert self._noted is None, "no answer that is kept rests on history"
        if until > self.source.head():
            raise ValueError(f"history asked beyond the head [{until}]")
        return self.source.history(subject, after=after, until=until)
