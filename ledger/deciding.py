"""From a statement's bytes to a decided command: read, verified, decided, its entries signed.

Decided twice at most before it is queued: out of the cache first, which asks no database; and if
that says anything but yes, on a snapshot, because only the log itself may say no. A third time
inside the batch, where something that was read has moved since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from ledger.decoding import read_recorded
from ledger.entries import Built, build
from ledger.folding import BatchSource, FoldCache, LogSource, WarmSource
from ledger.rights.authority import public_key
from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked, Repeated
from ledger.rights.states import LOG, POLICY
from ledger.rights.view import Recorded, Source, View
from ledger.signing import LogSigning
from ledger.storage.batch import FRESH_FOR
from ledger.storage.contract import Reader
from ledger.storage.records import Outcome, Prepared, StoredEntry, is_scope
from schemas import commitments
from schemas.commands.base import Command
from schemas.commitments import Opening
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import Statement, read_statement
from schemas.events.base import Event
from schemas.ids import digits_at
from schemas.observing import Observer
from schemas.refusals import Conflict, Malformed
from schemas.registry import read_command

AHEAD_MAX: Final = timedelta(seconds=60)
"""How far `issued_at` may lie ahead of us (contracts, section 1)."""

YOUNG: Final = timedelta(minutes=10)
"""Ids made since then, and since we listen, are new where nothing was heard: `WarmSource`."""

_YOUNG_STEP: Final = timedelta(seconds=1)


_NUL_WRITTEN: Final = rb"\u0000"
"""U+0000 as canonical JSON writes it. A backslash before such digits looks alike."""


@dataclass(slots=True, eq=False)
class Taken:
    """A statement whose form was checked, with its typed command and openings.

    `verified_by` is the public key by which its signature was verified, empty before.
    """

    statement: Statement
    command: Command
    openings: tuple[Opening, ...]
    correlation: str | None
    verified_by: bytes = b""


@dataclass(frozen=True, slots=True)
class Case:
    """A decided command: at which instant, on what, with which events."""

    taken: Taken
    at: datetime
    events: tuple[Event, ...]
    key: SigningKey
    built: Built
    guard: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Prepared):
    """A case as the writer takes it."""

    case: Case


def take(
    raw: bytes, openings: Iterable[Opening], *, origin: str, correlation: str | None = None
) -> Taken:
    """Read a statement to the ledger `origin`; `Malformed` says what is wrong with it."""
    statement = read_statement(raw)
    if statement.ledger != origin:
        raise Malformed("wrong_ledger", f"this ledger is {origin}", pointer="/ledger")
    command = read_command(statement.command, statement.version, statement.data)
    beside = tuple(openings)
    commitments.check_openings(statement.data, beside)
    _check_texts(raw, statement.data, beside)
    return Taken(statement, command, beside, correlation)


def _check_texts(raw: bytes, data: object, openings: Iterable[Opening]) -> None:
    """Refuse U+0000: PostgreSQL keeps no text with it, and an entry stops its readers for ever."""
    texts = [data] if _NUL_WRITTEN in raw else []
    if any(_has_nul(value) for value in (*texts, *(one.value for one in openings))):
        raise Malformed("value_unknown", "no text has U+0000")


def _has_nul(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_nul, value.values()))
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


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
        self._began = self._young_at = clock()
        self._young = digits_at(self._began)
        # Events by their entries' ids: of what waits for the writer, and of the batch at hand.
        self._pending: dict[str, tuple[str, Event]] = {}
        self._again: dict[str, tuple[str, Event]] = {}
        self._batch: BatchSource | None = None

    def decide_warm(self, taken: Taken) -> Case | None:
        """Verify and decide out of the cache; None where that says anything but yes.

        An `after` is checked against the log itself, so it is left to the snapshot.
        """
        if taken.statement.after is not None:
            return None
        at = max(self._clock(), self._cache.time)
        source = WarmSource(self._cache, self._is_new)
        try:
            self.verify(taken, source)
            case = self._case(taken, source, at)
        except Exception:  # noqa: BLE001 - what was seen may not fit together: ask the log itself
            return None
        if not isinstance(case, Case) or self._cache.time > at:
            # What was seen may have moved while it was looked at, to a later time than this.
            return None
        return case

    def _is_new(self, key: str) -> bool:
        """Tell whether a key is an id that was made since we listen, and not long ago."""
        now = self._clock()
        if now - self._young_at > _YOUNG_STEP:
            self._young_at, self._young = now, digits_at(max(now - YOUNG, self._began))
        return key[4:] >= self._young and key[3] == "_"

    def verify(self, taken: Taken, source: Source) -> None:
        """Raise unless the statement's key, as this source knows it, signed it."""
        public = public_key(View(source), taken.command, taken.statement.kid)
        if taken.verified_by != public:
            with self._observer.step("verify"):
                taken.statement.verify(public)
            taken.verified_by = public

    def decide_on(self, taken: Taken, reader: Reader) -> Case | Repeated:
        """Decide on a snapshot. Raises `Malformed`, `Conflict`."""
        # Never before the time of a position that the decision has seen (contracts, section 2).
        at = max(self._clock(), reader.time())
        source = LogSource(reader, self._cache)
        case = self._case(taken, source, at)
        if isinstance(case, Case):
            changes = _check_after(taken.statement, case.events, reader)
            return replace(case, guard={**changes, **case.guard})
        return case

    def prepared(self, case: Case) -> Ready:
        """Return a case for the writer; until `forget` its events are known by hand."""
        self._pending.update(_by_id(case))
        return self._ready(case)

    def _ready(self, case: Case) -> Ready:
        statement, built = case.taken.statement, case.built
        return Ready(
            case=case,
            command_id=statement.id,
            digest=bytes.fromhex(statement.content_digest),
            statement=statement.raw,
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
        for made in case.built.entries:
            self._pending.pop(made.id, None)

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
            self._batch, self._again = BatchSource(reader, self._cache, self._read), {}
        again = self._case(case.taken, self._batch, at, before=case)
        if isinstance(again, Repeated):
            return Outcome(again)
        changes = _check_after(case.taken.statement, again.events, reader)
        self._again.update(_by_id(again))
        return self._ready(replace(again, guard={**changes, **again.guard}))

    def _case(
        self, taken: Taken, source: Source, at: datetime, *, before: Case | None = None
    ) -> Case | Repeated:
        statement, view = taken.statement, View(source)
        _check_times(statement, at)
        attested = statement.attested
        asked = Asked(
            command=taken.command,
            command_id=statement.id,
            actor=statement.actor,
            key=statement.kid,
            at=at,
            mandate=statement.mandate,
            attested_roles=frozenset(attested["roles"]) if attested else None,
        )
        decision = decide(view, asked)
        if not isinstance(decision, Accepted):
            return decision
        key = self._signing.entry_key(view.ask(POLICY, LOG))
        self._signing.check_goes_on(decision.events)
        if before and (before.at, before.key, before.events) == (at, key, decision.events):
            return Case(taken, at, before.events, key, before.built, view.asked)
        built = build(
            decision.events,
            asked,
            ledger=self.origin,
            key=key,
            statement_sha256=statement.sha256,
            openings=taken.openings,
            correlation=taken.correlation,
        )
        return Case(taken, at, decision.events, key, built, view.asked)

    def _read(self, stored: StoredEntry, reader: Reader) -> Recorded:
        """Return the typed event of an entry of the batch: from hand where we have just made it."""
        name = stored.event_id or ""
        known = self._pending.get(name) or self._again.get(name)
        if known is None:
            return read_recorded(stored, reader.openings(name))
        actor, event = known
        return Recorded(stored.position, stored.time, actor, event)


def _by_id(case: Case) -> dict[str, tuple[str, Event]]:
    """Return who said what, by the ids of the entries."""
    rows = zip(case.built.entries, case.events, strict=True)
    return {made.id: (case.taken.statement.actor, event) for made, event in rows}


def _check_times(statement: Statement, at: datetime) -> None:
    if statement.expires_at <= at:
        raise Malformed("expired", "the statement has expired", pointer="/expires_at")
    if statement.issued_at > at + AHEAD_MAX:
        raise Malformed("instant_mismatch", "issued in our future", pointer="/issued_at")


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
