"""From a statement that was read to a decided command: verified, decided, its entries signed.

Decided twice at most before it is queued: out of the cache first, which asks no database; and if
that says anything but yes, on a snapshot, because only the log itself may say no. A third time
inside the batch, where something that was read has moved since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from ledger.decoding import read_from
from ledger.entries import Built, Draft, draft, sign
from ledger.folding import BatchSource, FoldCache, LogSource, WarmSource
from ledger.rights.authority import public_key
from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked, Repeated
from ledger.rights.states import LOG, POLICY
from ledger.rights.view import Recorded, View
from ledger.signing import LogSigning
from ledger.storage.batch import FRESH_FOR
from ledger.storage.contract import Reader
from ledger.storage.records import Outcome, Prepared, StoredEntry, is_scope
from ledger.taking import Taken, check_times
from ledger.verifying.port import Here, Verifying
from ledger.young import Young
from schemas.envelope.keys import Signed, SigningKey
from schemas.envelope.statement import Statement
from schemas.events.base import Event
from schemas.observing import Observer
from schemas.refusals import Conflict


class Case(NamedTuple):
    """A decided command: at which instant, on what, with which events."""

    taken: Taken
    at: datetime
    events: tuple[Event, ...]
    key: SigningKey
    built: Built
    guard: Mapping[str, int]


class Judged(NamedTuple):
    """A command that was decided with a yes: what was asked, what follows, and on what it rests.

    `key` is the one that its entries are to be signed by.
    """

    asked: Asked
    events: tuple[Event, ...]
    key: SigningKey
    guard: Mapping[str, int]


class _Seen(NamedTuple):
    """What a statement is decided on out of the cache, and what must verify that it is decided."""

    view: View
    signed: Signed


@dataclass(slots=True, kw_only=True)
class Ready(Prepared):
    """A case as the writer takes it."""

    case: Case


class Decider:
    """Decides for one process: one cache, the keys that it holds, one clock."""

    def __init__(
        self,
        cache: FoldCache,
        *,
        origin: str,
        signing: LogSigning,
        clock: Callable[[], datetime],
        observer: Observer,
    ) -> None:
        self.origin = origin
        self._observer = observer
        self._cache = cache
        self._signing = signing
        self._clock = clock
        self._verifying: Verifying = Here(observer)
        self._young = Young(clock)
        # Cases that are with the writer, by identity; events of the batch at hand by their ids.
        self._pending: dict[int, Case] = {}
        self._at_hand: dict[str, tuple[str, Event]] = {}
        self._batch: BatchSource | None = None

    def decide_warm(self, taken: Sequence[Taken]) -> list[Case | None]:
        """Verify and decide out of the cache; None where that says anything but yes.

        Each step of all before the next: a processor does best what it has just done, and for
        thirty statements that is a sixth of the time. What follows from them is made while their
        signatures are verified, and comes out for those alone of whom that is known.
        """
        seen = list(map(self._seen, taken))
        signed = [one.signed for one in seen if one is not None]
        verified, cases = self._verifying.verify(signed, lambda: self._cases(taken, seen))
        rest = iter(verified)
        for number, one in enumerate(seen):
            if one is None:
                continue
            if next(rest):
                taken[number].verified_by = one.signed.public
            else:
                cases[number] = None
        return cases

    def verify_by(self, verifying: Verifying) -> None:
        """Have the signatures of lists verified by this from now on."""
        self._verifying = verifying

    def _cases(self, taken: Sequence[Taken], seen: Sequence[_Seen | None]) -> list[Case | None]:
        now = self._clock()
        judged = [self._judged(one, sight, now) for one, sight in zip(taken, seen, strict=True)]
        drafted = list(map(self._drafted, taken, judged))
        return list(map(self._signed, taken, judged, drafted))

    def _seen(self, taken: Taken) -> _Seen | None:
        """Return a view of the cache, and what must verify by the key that the cache knows.

        An `after` is checked against the log itself, so it is left to the snapshot.
        """
        if taken.statement.after is not None:
            return None
        view = View(WarmSource(self._cache, self._young.has))
        try:
            public = public_key(view, taken.command, taken.statement.kid)
            return _Seen(view, taken.statement.signed_by(public))
        except Exception:  # noqa: BLE001 - what was seen may not fit together: ask the log itself
            return None

    def _judged(self, taken: Taken, seen: _Seen | None, now: datetime) -> Judged | None:
        if seen is None:
            return None
        at = max(now, self._cache.time)
        try:
            with self._observer.step("decide"):
                judged = self._judge(taken, seen.view, at)
        except Exception:  # noqa: BLE001 - likewise
            return None
        # What was seen may have moved while it was looked at, to a later time than this.
        return judged if isinstance(judged, Judged) and self._cache.time <= at else None

    def _drafted(self, taken: Taken, judged: Judged | None) -> Draft | None:
        try:
            return None if judged is None else self._draft(taken, judged)
        except Exception:  # noqa: BLE001 - likewise
            return None

    def _signed(self, taken: Taken, judged: Judged | None, drafted: Draft | None) -> Case | None:
        if judged is None or drafted is None:
            return None
        try:
            return self._case(taken, judged, drafted)
        except Exception:  # noqa: BLE001 - likewise
            return None

    def verify(self, taken: Taken, view: View) -> None:
        """Raise unless the statement's key, as this view knows it, signed it."""
        public = public_key(view, taken.command, taken.statement.kid)
        if taken.verified_by != public:
            with self._observer.step("verify"):
                taken.statement.verify(public)
            taken.verified_by = public

    def decide_on(self, taken: Taken, reader: Reader) -> Case | Repeated:
        """Decide on a snapshot. Raises `Malformed`, `Conflict`."""
        # Never before the time of a position that the decision has seen (contracts, section 2).
        at = max(self._clock(), reader.time())
        judged = self._judge(taken, View(LogSource(reader, self._cache)), at)
        if isinstance(judged, Repeated):
            return judged
        changes = _check_after(taken.statement, judged.events, reader)
        judged = judged._replace(guard={**changes, **judged.guard})
        return self._case(taken, judged, self._draft(taken, judged))

    def prepared(self, case: Case) -> Ready:
        """Return a case for the writer; until `forget` its events are known by hand."""
        self._pending[id(case)] = case
        return self._ready(case)

    def _ready(self, case: Case) -> Ready:
        statement, built = case.taken.statement, case.built
        return Ready(
            case=case,
            command_id=statement.id,
            digest=statement.content_sha256,
            statement=statement.raw,
            statement_sha256=statement.digest,
            events=[made.event for made in built.entries],
            event_ids=[made.id for made in built.entries],
            guard=case.guard,
            recorded_at=case.at,
            redecide=partial(self._decide_again, case),
            openings=built.openings,
            erases=built.erases,
        )

    def forget(self, case: Case) -> None:
        """Let go of a case that has ended."""
        self._pending.pop(id(case), None)

    def expects(self) -> bool:
        """Tell whether a case is with the writer that was not let go yet."""
        return bool(self._pending)

    def _decide_again(self, case: Case, reader: Reader) -> Ready | Outcome:
        """Decide inside the batch, where something that was read has moved.

        In the writer's thread, under the lock. If the events are the same, at the same instant, so
        are the entries, and nothing is signed here.
        """
        now, seen = self._clock(), reader.time()
        is_good = case.at >= seen and now - case.at <= FRESH_FOR
        at = case.at if is_good else max(now, seen)
        if self._batch is None or self._batch.reader is not reader:
            self._batch = BatchSource(reader, self._cache, self._read)
            # Others may be handed in meanwhile; those of this batch were, before it began.
            self._at_hand = {}
            for waiting in list(self._pending.values()):
                self._at_hand.update(_by_id(waiting))
        judged = self._judge(case.taken, View(self._batch), at)
        if isinstance(judged, Repeated):
            return Outcome(judged)
        changes = _check_after(case.taken.statement, judged.events, reader)
        guard = {**changes, **judged.guard}
        if (case.at, case.key, case.events) == (at, judged.key, judged.events):
            again = case._replace(guard=guard)
        else:
            judged = judged._replace(guard=guard)
            again = self._case(case.taken, judged, self._draft(case.taken, judged))
        self._at_hand.update(_by_id(again))
        return self._ready(again)

    def _judge(self, taken: Taken, view: View, at: datetime) -> Judged | Repeated:
        """Decide a statement at an instant. Raises `Malformed`."""
        statement = taken.statement
        check_times(statement, at)
        asked = Asked.of(statement.head, taken.command, key=statement.kid, at=at)
        decision = decide(view, asked)
        if not isinstance(decision, Accepted):
            return decision
        key = self._signing.entry_key(view.ask(POLICY, LOG))
        self._signing.check_goes_on(decision.events)
        return Judged(asked, decision.events, key, view.asked)

    def _draft(self, taken: Taken, judged: Judged) -> Draft:
        return draft(
            judged.events,
            judged.asked,
            ledger=self.origin,
            statement_sha256=taken.statement.sha256,
            openings=taken.openings,
            correlation=taken.correlation,
        )

    def _case(self, taken: Taken, judged: Judged, drafted: Draft) -> Case:
        built = sign(drafted, ledger=self.origin, key=judged.key)
        return Case(taken, judged.asked.at, judged.events, judged.key, built, judged.guard)

    def _read(self, stored: StoredEntry, reader: Reader) -> Recorded:
        """Return the typed event of an entry of the batch: from hand where we have just made it."""
        name = stored.event_id or ""
        known = self._at_hand.get(name)
        if known is None:
            return read_from(stored, reader)
        actor, event = known
        return Recorded(stored.position, stored.time, actor, event)


def _by_id(case: Case) -> dict[str, tuple[str, Event]]:
    """Return who said what, by the ids of the entries."""
    rows = zip(case.built.entries, case.events, strict=True)
    return {made.id: (case.taken.statement.actor, event) for made, event in rows}


def _check_after(statement: Statement, events: Iterable[Event], reader: Reader) -> dict[str, int]:
    """Tell an actor who says what it has seen when a scope that it changes moved since.

    Returns those scopes as a guard: what moves between here and the append is told as well.
    """
    if statement.after is None:
        return {}
    found = {}
    for tag in {tag for event in events for tag in event.tags() if is_scope(tag)}:
        found[tag] = reader.last_position(tag)
        if found[tag] > statement.after:
            raise Conflict("scope_moved", f"{tag} moved at position {found[tag]}")
    return found
