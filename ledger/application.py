"""The one door of the ledger: `handle(statement bytes)` to ids, positions and inclusion paths.

The way of a statement: read, look up its key, verify, look for a repetition, decide, sign entries,
queue for the writer, wait for the register's acceptance. Only the writer holds the lock. The time
is never an argument from outside: the clock is the instance's own (contracts, sections 1, 2, 10).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ledger.answer import Answer, compose, compose_repeated
from ledger.entries import Built, build
from ledger.feed import TIMER_S
from ledger.folding import FoldCache, LogSource
from ledger.repeats import RepeatedRefusals
from ledger.rights.authority import public_key
from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked, Repeated
from ledger.rights.view import View
from ledger.storage.answers import answer_again
from ledger.storage.contract import Reader, Store
from ledger.storage.instants import utc_now
from ledger.storage.killpoints import reach
from ledger.storage.records import Committed, Outcome, Prepared, is_scope
from ledger.storage.writer import Writer
from schemas import commitments
from schemas.commands.base import Command
from schemas.commands.erasure import RequestErasure
from schemas.commitments import Opening
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import Statement, read_statement
from schemas.observing import UNOBSERVED, Observer
from schemas.refusals import Conflict, Malformed
from schemas.registry import read_command

AHEAD_MAX: Final = timedelta(seconds=60)
"""How far `issued_at` may lie ahead of us (contracts, section 1)."""

WAIT_S: Final = 30.0
"""How long a caller waits for its batch; far beyond any batch, so only a stuck disk gets here."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A statement whose form and signature were checked, with its typed command and openings."""

    statement: Statement
    command: Command
    openings: tuple[Opening, ...]
    correlation: str | None


class Application:
    """Decides statements and appends what follows from them."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        *,
        origin: str,
        entry_key: SigningKey,
        clock: Callable[[], datetime] = utc_now,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.origin = origin
        self._observer = observer
        self._store = store
        self._writer = writer
        self._entry_key = entry_key
        self._clock = clock
        self._cache = FoldCache()
        self.repeats = RepeatedRefusals()

    def handle(
        self,
        raw: bytes,
        openings: Iterable[Opening] = (),
        *,
        correlation: str | None = None,
    ) -> Answer:
        """Take one statement and return its answer once it can be relied on.

        Raises `Malformed` (bad bytes, no authority, replay: never logged), `Conflict` (try again)
        or `Fatal` (this process must stop). A refusal of rights is an answer, not an exception.
        `correlation` is what the caller's own traces are found by; it travels on with a generation.
        """
        seen = self._observer
        with seen.step("command"):
            try:
                answer = self._handle(raw, openings, correlation or seen.carried())
            except (Malformed, Conflict) as error:
                kind = "malformed" if isinstance(error, Malformed) else "conflict"
                seen.ended("command", kind, code=error.code)
                raise
            seen.ended("command", answer.outcome, code=answer.reason)
            return answer

    def _handle(self, raw: bytes, openings: Iterable[Opening], correlation: str | None) -> Answer:
        # (1) Is it a statement to this ledger, in form?
        with self._observer.step("read"):
            taken = self._taken(raw, tuple(openings), correlation)
        statement, command = taken.statement, taken.command
        with self._store.snapshot(committed=True) as reader:
            # (2) Did its key sign it?
            with self._observer.step("verify"):
                view = View(LogSource(reader, self._cache, keep=True))
                statement.verify(public_key(view, command, statement.kid))
            # (3) Was it answered before? Looked up before its expiry, and again under the lock.
            with self._observer.step("decide"):
                known = self._known(reader, statement)
                prepared = None if known else self._decide(taken, reader, keep=True)
        if known:
            return self._again(statement)
        # (4) Append it, and wait until the register has accepted it.
        if isinstance(prepared, Outcome):
            return self._answer_outcome(prepared)
        assert prepared is not None
        reach("before_submit")
        with self._observer.step("append"):
            result = self._writer.submit(prepared).result(WAIT_S)
        if isinstance(result, Outcome):
            return self._answer_outcome(result)
        if isinstance(command, RequestErasure):
            self._cache.clear()
        answer = self._answer(statement.id, result)
        # If we stop here, the log has it and nobody knows: the same id is answered the same again.
        reach("after_answer")
        return answer

    def _taken(self, raw: bytes, openings: tuple[Opening, ...], correlation: str | None) -> _Taken:
        statement = read_statement(raw)
        if statement.ledger != self.origin:
            raise Malformed("wrong_ledger", f"this ledger is {self.origin}", pointer="/ledger")
        command = read_command(statement.command, statement.version, statement.data)
        commitments.check_openings(statement.data, openings)
        return _Taken(statement, command, openings, correlation)

    def look(self, decide_on: Callable[[View, datetime], Any]) -> Any:
        """Run a read-only decision (a quote) on the visible log; nothing is logged."""
        with self._store.snapshot() as reader:
            at = max(self._clock(), reader.time())
            return decide_on(View(LogSource(reader, self._cache, keep=True)), at)

    def _known(self, reader: Reader, statement: Statement) -> bool:
        record = reader.command(statement.id)
        if record is None:
            return False
        if record.digest != bytes.fromhex(statement.content_digest):
            raise Malformed("id_reused", "this id was used for another command", pointer="/id")
        return True

    def _again(self, statement: Statement) -> Answer:
        """Return the first answer again; like the first, it waits for the register's acceptance."""
        with self._store.snapshot(committed=True) as reader:
            record = reader.command(statement.id)
        assert record is not None, "it was known a moment ago, and nothing is ever taken back"
        self._wait_visible(record.last)
        with self._store.snapshot() as reader:
            return compose(reader, statement.id, answer_again(reader, record))

    def _wait_visible(self, position: int) -> None:
        until = time.monotonic() + WAIT_S
        visible = self._writer.visible
        while visible.wait_beyond(position - 1, TIMER_S) < position:
            if time.monotonic() >= until or visible.is_closed:
                raise Conflict("busy", "the first answer is on its way; ask again")

    def _decide(self, taken: _Taken, reader: Reader, *, keep: bool) -> Prepared | Outcome:
        statement = taken.statement
        # Never before the time of a position that the decision has seen (contracts, section 2).
        at = max(self._clock(), reader.time())
        self._check_times(statement, at)
        view = View(LogSource(reader, self._cache, keep=keep))
        attested = statement.payload.get("attested")
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
        if isinstance(decision, Repeated):
            return Outcome(decision)
        built = build(
            decision.events,
            asked,
            ledger=self.origin,
            key=self._entry_key,
            statement_sha256=statement.sha256,
            openings=taken.openings,
            correlation=taken.correlation,
        )
        self._check_after(statement, reader, decision)
        return self._prepared(taken, built, view, at)

    def _prepared(self, taken: _Taken, built: Built, view: View, at: datetime) -> Prepared:
        return Prepared(
            command_id=taken.statement.id,
            digest=bytes.fromhex(taken.statement.content_digest),
            statement=taken.statement.raw,
            events=built.events,
            event_ids=built.event_ids,
            guard=dict(view.asked),
            recorded_at=at,
            redecide=lambda reader: self._decide(taken, reader, keep=False),
            openings=built.openings,
            erases=built.erases,
        )

    @staticmethod
    def _check_times(statement: Statement, at: datetime) -> None:
        if statement.expires_at <= at:
            raise Malformed("expired", "the statement has expired", pointer="/expires_at")
        if statement.issued_at > at + AHEAD_MAX:
            raise Malformed("instant_mismatch", "issued in our future", pointer="/issued_at")

    @staticmethod
    def _check_after(statement: Statement, reader: Reader, decision: Accepted) -> None:
        """Tell an actor who says what it has seen when a scope that it changes moved since."""
        if statement.after is None:
            return
        for event in decision.events:
            for tag in filter(is_scope, event.tags()):
                moved = reader.last_position(tag)
                if moved > statement.after:
                    raise Conflict("scope_moved", f"{tag} moved at position {moved}")

    def _answer(self, command_id: str, committed: Committed) -> Answer:
        with self._store.snapshot() as reader:
            return compose(reader, command_id, committed)

    def _answer_outcome(self, outcome: Outcome) -> Answer:
        """Answer a demand that was refused within the hour with the receipt of the first."""
        repeated = outcome.answer
        if not isinstance(repeated, Repeated):
            raise TypeError(f"not an answer of the rules [{repeated!r}]")
        self.repeats.count(repeated.refusal)
        self._wait_visible(repeated.refusal)
        with self._store.snapshot() as reader:
            return compose_repeated(reader, repeated.refusal)
