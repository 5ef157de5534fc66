"""The one door of the ledger: `handle(statement bytes)` to ids, positions and inclusion paths.

The way of a statement: read, look up its key, verify, decide, sign entries, queue for the writer,
wait for the register. A repetition is found under the lock, which only the writer holds, or before,
where deciding says anything but yes. The clock is the instance's own (contracts, 1, 2, 10).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Any

from ledger.answer import Answer, Standing, first_answer
from ledger.deciding import Case, Decider, Ready
from ledger.ending import WAIT_S, Ending
from ledger.folding import FoldCache, LogSource
from ledger.hearing import Appended, Hearing
from ledger.mailbox import Mailbox, Outbox
from ledger.preparing import Conclude, Preparer, Ticket, raising
from ledger.repeats import RepeatedRefusals
from ledger.rights.view import View
from ledger.signing import LogSigning
from ledger.storage.contract import Store
from ledger.storage.instants import utc_now
from ledger.storage.killpoints import reach
from ledger.storage.records import Committed, Outcome
from ledger.storage.writer import QUEUE_MAX, Result, Writer
from ledger.taking import Taken, take
from schemas.commitments import Opening
from schemas.observing import UNOBSERVED, Observer
from schemas.refusals import Conflict, Malformed


class Application:
    """Decides statements and appends what follows from them.

    `handle` keeps its thread until the answer is there; `handle_async` keeps none. Both end alike.
    `decider` is who decides, and may be told who verifies; `repeats` counts what is not logged.
    """

    def __init__(
        self,
        store: Store,
        writer: Writer,
        *,
        origin: str,
        signing: LogSigning,
        clock: Callable[[], datetime] = utc_now,
        waiting_max: int = QUEUE_MAX,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.origin = origin
        self._observer = observer
        self._store = store
        self._writer = writer
        self._clock = clock
        self._cache = FoldCache()
        self.decider = Decider(
            self._cache, origin=origin, signing=signing, clock=clock, observer=observer
        )
        self._hearing = Hearing(store, self._cache, writer.visible, self.decider.expects)
        self._preparer = Preparer(
            self._hearing.catch_up, self._prepare, most=waiting_max, wait_s=WAIT_S
        )
        self._mailbox: Mailbox[Answer] | None = None
        self._outbox: Outbox[Ticket]
        self.repeats = RepeatedRefusals()
        self._ending = Ending(store, writer.visible, self.repeats)

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
        try:
            with self._observer.step("command"):
                answer = self._handle(raw, tuple(openings), correlation)
        except (Malformed, Conflict) as error:
            self._count_error(error)
            raise
        return self._count(answer)

    def _handle(self, raw: bytes, openings: tuple[Opening, ...], correlation: str | None) -> Answer:
        carried = correlation or self._observer.carried()
        self._hearing.catch_up()
        case = self._decide(raw, openings, carried)
        if isinstance(case, Standing):
            return self._ending.wait(case)
        with self._observer.step("append"):
            ended = self._ending.conclude(case, self._append(case).result(WAIT_S))
        answer = self._ending.wait(ended) if isinstance(ended, Standing) else ended()
        # If we stop here, the log has it and nobody knows: the same id is answered the same.
        reach("after_answer")
        return answer

    async def handle_async(
        self,
        raw: bytes,
        openings: Iterable[Opening] = (),
        *,
        correlation: str | None = None,
    ) -> Answer:
        """Do the same without holding a thread; `Conflict` also if too many wait already.

        Whoever is canceled while it waits may have been heard: the same id is answered the same.
        """
        loop = asyncio.get_running_loop()
        mailbox = self._mailbox
        if mailbox is None or mailbox.loop is not loop:
            mailbox = self._mailbox = Mailbox(loop, WAIT_S)
            self._outbox = Outbox(loop, self._preparer.submit)
        future = mailbox.open()
        try:
            with self._observer.step("command"):
                carried = correlation or self._observer.carried()
                self._outbox.send(Ticket(raw, tuple(openings), carried, mailbox, future))
                with self._observer.step("append"):
                    answer = await future
                reach("after_answer")
            return self._count(answer)
        except (Malformed, Conflict) as error:
            self._count_error(error)
            raise
        finally:
            mailbox.close(future)

    def _count(self, answer: Answer) -> Answer:
        self._observer.ended("command", answer.outcome, code=answer.reason)
        return answer

    def _count_error(self, error: Malformed | Conflict) -> None:
        kind = "malformed" if isinstance(error, Malformed) else "conflict"
        self._observer.ended("command", kind, code=error.code)

    def look(self, decide_on: Callable[[View, datetime], Any]) -> Any:
        """Run a read-only decision (a quote) on the visible log; nothing is logged."""
        with self._store.snapshot() as reader:
            at = max(self._clock(), reader.time())
            return decide_on(View(LogSource(reader, self._cache)), at)

    def close(self) -> None:
        """Let everything that was taken go to the writer; later statements are refused."""
        self._preparer.close()

    def _decide(
        self, raw: bytes, openings: tuple[Opening, ...], correlation: str | None
    ) -> Case | Standing:
        """Read and decide a statement, or find where its answer stands."""
        taken = self._take(raw, openings, correlation)
        (case,) = self.decider.decide_warm([taken])
        return case or self._decide_cold(taken)

    def _take(self, raw: bytes, openings: tuple[Opening, ...], correlation: str | None) -> Taken:
        with self._observer.step("read"):
            return take(raw, openings, origin=self.origin, correlation=correlation)

    def _decide_cold(self, taken: Taken) -> Case | Standing:
        statement = taken.statement
        with self._observer.step("decide"), self._store.snapshot(committed=True) as reader:
            self.decider.verify(taken, View(LogSource(reader, self._cache)))
            # Looked up before its expiry is checked; and again under the lock.
            record = reader.command(statement.id)
            if record is not None:
                if record.digest != statement.content_sha256:
                    raise Malformed("id_reused", "it was used for another command", pointer="/id")
                return first_answer(statement.id, record.last)
            decided = self.decider.decide_on(taken, reader)
        return decided if isinstance(decided, Case) else self._ending.repeated(decided)

    def _append(self, case: Case) -> Future[Committed | Outcome]:
        reach("before_submit")
        try:
            future = self._writer.submit(self.decider.prepared(case))
        except BaseException:
            self.decider.forget(case)
            raise
        future.add_done_callback(partial(self._let_go_by, case))
        return future

    def _let_go_by(self, case: Case, future: Future[Committed | Outcome]) -> None:
        error = future.exception()
        self._let_go(case, future.result() if error is None else error)

    def _let_go(self, case: Case, result: object) -> None:
        """Tell the cache what was appended: by the writer's thread, in the order of positions."""
        self.decider.forget(case)
        if not isinstance(result, Committed) or not isinstance(result.work, Ready):
            return
        placed = result.work.case
        if placed.built.erases:
            self._cache.clear()  # what was folded still holds what was opened
        self._hearing.tell(Appended(result.positions[0], placed))

    def _prepare(self, tickets: Sequence[Ticket]) -> None:
        """Decide new tickets, and hand them to the writer; one that is alone is written here."""
        taken: list[tuple[Ticket, Taken]] = []
        for ticket in tickets:
            try:
                taken.append((ticket, self._take(ticket.raw, ticket.openings, ticket.correlation)))
            except Exception as error:  # noqa: BLE001 - raised again, to the one who waits
                self._preparer.done(ticket, raising(error))
        works: list[tuple[tuple[Ticket, Case], Ready]] = []
        warm = self.decider.decide_warm([one for _, one in taken])
        for (ticket, one), found in zip(taken, warm, strict=True):
            try:
                case = found or self._decide_cold(one)
            except Exception as error:  # noqa: BLE001 - likewise
                self._preparer.done(ticket, raising(error))
                continue
            if isinstance(case, Standing):
                ticket.step = partial(self._stand_later, case)
            else:
                works.append(((ticket, case), self.decider.prepared(case)))
        reach("before_submit")
        # With a server at work there is time to prepare for others; with a file, only if they come.
        all_of_them = len(works) if self._store.is_in_process else 1
        is_alone = self._preparer.is_alone(all_of_them)
        self._writer.submit_all(works, self._appended, here=is_alone)

    def _appended(self, ended: Sequence[tuple[tuple[Ticket, Case], Result]]) -> None:
        """Take tickets back from the writer. In its thread, so nothing is made here."""
        done: list[tuple[Ticket, Conclude]] = []
        for (ticket, case), result in ended:
            try:
                self._let_go(case, result)
                end = self._ending.conclude(case, result)
            except Exception as error:  # noqa: BLE001 - raised again, to the one who waits
                done.append((ticket, raising(error)))
                continue
            if isinstance(end, Standing):
                ticket.step = partial(self._stand_later, end)
                self._preparer.again(ticket)
            else:
                done.append((ticket, end))
        self._preparer.all_done(done)

    def _stand_later(self, standing: Standing, ticket: Ticket) -> bool:
        """Answer a ticket out of the log, or say that it is not visible yet."""
        answer = self._ending.look(standing)
        if answer is not None:
            self._preparer.done(ticket, lambda: answer)
        return answer is not None
