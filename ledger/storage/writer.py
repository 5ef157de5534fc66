"""The group-commit writer: one thread at a time drains the queue, one transaction after another.

What a crash between any two steps leaves behind:

    before the commit       nothing: the transaction is rolled back when the file is next opened
    before the register     committed, invisible: the next start proves consistency, then shows it
    before the visible head accepted, invisible: the next start learns it from the register
    before the answer       visible: whoever asks again with the same id gets the first answer
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from ledger.evidence.tree import Growth
from ledger.storage.answers import answer, answer_again
from ledger.storage.batch import Answer, Placed, Replayed, check
from ledger.storage.contract import Store
from ledger.storage.errors import Busy, Clash, Fatal
from ledger.storage.grouping import Foreseen, Grouped, Grouping
from ledger.storage.instants import utc_now
from ledger.storage.publishing import Publisher
from ledger.storage.records import Committed, Outcome, PlainAppend, Prepared
from schemas.observing import UNOBSERVED, Observer
from schemas.refusals import Conflict, Malformed

QUEUE_MAX: Final = 512
"""Commands that may wait: about half a second of work, so none grows stale (contracts.md, 2)."""

BATCH_MAX: Final = 128
"""Commands of one transaction: more gain nothing and hold the lock longer."""


Result = Committed | Outcome | Exception
"""How work ends. An exception is raised to whoever asked."""

Told = Callable[[Sequence[tuple[Any, Result]]], None]
"""Is told how works ended, each by what was given with it, in the order of their positions.

By the thread that writes, or by whoever hands in what is not taken. It raises nothing.
"""


class Job(NamedTuple):
    """Work, who is told how it ends, and by which name."""

    work: Prepared | PlainAppend
    told: Told
    name: Any
    carried: str | None = None

    def begins(self) -> bool:
        """Tell whether it is still wanted; from then on it is."""
        return self.told is not _settle or self.name.set_running_or_notify_cancel()


def _settle(ended: Sequence[tuple[Future[Committed | Outcome], Result]]) -> None:
    """Tell futures."""
    for future, result in ended:
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


def _tell(ended: Sequence[tuple[Job, Result]]) -> None:
    """Tell whoever waits for these jobs, all at once who waits for several in a row."""
    for told, rows in groupby(ended, key=lambda row: row[0].told):
        told([(job.name, result) for job, result in rows])


class Writer:
    """Appends for everybody in this process. After a fatal end it only says so.

    `visible` tells when the visible head moves. `redecide` is called by the thread that writes,
    inside its transaction: it reads through the reader that it is given, and waits for nothing.
    That is the writer's own, or one that asks (`submit_all`): they take turns.
    """

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        *,
        clock: Callable[[], datetime] = utc_now,
        queue_max: int = QUEUE_MAX,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._observer = observer
        self._store = store
        self._publisher = publisher
        self.visible = publisher.visible
        self._grouping = Grouping(store, publisher.visible, clock)
        self._foreseen: Foreseen | None = None
        self._jobs: deque[Job] = deque()
        self._jobs_max = queue_max
        # Nobody slips in between "ended" and the emptied queue.
        self._gate = threading.Condition(threading.Lock())
        self._ended: Fatal | None = None
        self._is_at_work = False
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Prepared | PlainAppend) -> Future[Committed | Outcome]:
        """Queue `work`; the future ends when the register has accepted what was appended.

        `Busy` at once if the queue is full. Through the future: `Malformed`, `Conflict`, `Fatal`,
        or whatever deciding again raised.
        """
        future: Future[Committed | Outcome] = Future()
        job = Job(work, _settle, future, self._observer.carried())
        check(work)
        with self._gate:
            self._queue(job)
            self._gate.notify()
        return future

    def submit_all(
        self, works: Sequence[tuple[Any, Prepared | PlainAppend]], told: Told, *, here: bool = False
    ) -> None:
        """Queue several at once, so that one batch takes them; `told` hears how each ends.

        `here`: unless others are at it, this thread writes them, and no other is woken for it.
        """
        jobs: list[Job] = []
        refused: list[tuple[Any, Result]] = []
        for name, work in works:
            try:
                check(work)
                jobs.append(Job(work, told, name))
            except Exception as error:  # noqa: BLE001 - it is the answer to this command
                refused.append((name, error))
        with self._gate:
            for job in jobs:
                try:
                    self._queue(job)
                except Exception as error:  # noqa: BLE001 - likewise
                    refused.append((job.name, error))
            mine = self._next() if here and not self._is_at_work else []
            if not mine:
                self._gate.notify()
        if refused:
            told(refused)
        if mine:
            self._work(mine)

    def _queue(self, job: Job) -> None:
        if self._ended is not None:
            raise self._ended
        if len(self._jobs) >= self._jobs_max:
            raise Busy("too many commands are waiting")
        self._jobs.append(job)

    def check_alive(self) -> None:
        """Raise the `Fatal` that ended this writer, if one did."""
        if self._ended is not None:
            raise self._ended

    def end_as_older(self, size: int) -> None:
        """End: the database holds `size` entries, fewer than were shown."""
        self.end(self._grouping.older(size))

    def waiting(self) -> int:
        """Return how many commands wait for the next batch, about."""
        return len(self._jobs)

    def close(self) -> None:
        """Finish what is queued, then end. Later commands are refused."""
        with self._gate:
            self._ended = self._ended or Fatal("the log is closed")
            self._gate.notify()
        self._thread.join()

    def _run(self) -> None:
        while taken := self._take():
            self._work(taken)

    def _work(self, taken: Sequence[Job]) -> None:
        """Work off what was taken with the turn, and give the turn back."""
        jobs = [job for job in taken if job.begins()]
        try:
            with self._observer.step("batch", links=[job.carried for job in jobs]):
                self._work_off(jobs)
        except Fatal as error:
            self.end(error, jobs)
        except BaseException as error:  # noqa: BLE001 - a mistake of ours ends like any other
            fatal = Fatal(f"the writer failed [{error}]")
            fatal.__cause__ = error
            self.end(fatal, jobs)
        finally:
            with self._gate:
                self._is_at_work = False
                if self._jobs or self._ended is not None:
                    self._gate.notify()

    def _work_off(self, jobs: list[Job]) -> None:
        """Commit all of `jobs`, in order, in one transaction unless one of them forbids it.

        Those that were told how they end are taken out.
        """
        together = len(jobs)
        while jobs:
            batch = jobs[:together]
            try:
                done = self._commit(batch)
            except Clash as clash:
                done = 0
                if len(batch) == 1:
                    _tell([(batch[0], Malformed("id_reused", str(clash)))])
                    done = 1
                # Each alone, so that it is found which one, and the others are appended.
                together = 1
            except Conflict as error:
                # Rolled back: nothing of the batch is in the log, and each may come again.
                _tell([(job, error) for job in batch])
                done = len(batch)
            del jobs[:done]

    def _take(self) -> list[Job]:
        """Wait for the turn and for jobs, and take both; nothing at the end."""
        with self._gate:
            while self._is_at_work or (not self._jobs and self._ended is None):
                self._gate.wait()
            return self._next()

    def _next(self) -> list[Job]:
        """Take what waits as one batch, and the turn if there is any. Under the gate."""
        jobs = [self._jobs.popleft() for _ in range(min(BATCH_MAX, len(self._jobs)))]
        self._is_at_work = bool(jobs)
        return jobs

    def _commit(self, jobs: Sequence[Job]) -> int:
        """Commit and answer the first of `jobs`, as many as one batch takes; return how many."""
        grouped = self._grouping.commit([job.work for job in jobs], self._foresee)
        answers: Sequence[Answer | Committed] = grouped.answers
        if grouped.growth is not None:
            answers = self._publish(grouped, grouped.growth)
        self._observer.batch(commands=len(answers), events=grouped.events)
        last = max((a.record.last for a in answers if isinstance(a, Replayed)), default=0)
        if last > self.visible.position:
            # Another process has committed it, and perhaps ended before the register answered.
            self._publisher.publish_committed()
        _tell([(job, self._result(one)) for job, one in zip(jobs, answers, strict=False)])
        return len(answers)

    def _foresee(self, grouped: Grouped) -> None:
        """Sign the checkpoint of a batch that is likely to be committed, and make its answers."""
        growth = grouped.growth
        if growth is None:
            return
        size, proof, path = growth.tree.size, growth.consistency_path(), growth.inclusion_path
        note = self._publisher.foresee(size, growth.root, old_size=growth.old.size, proof=proof)
        if note is None:
            return  # asked again when the batch is committed
        answers = [
            answer(one.first, one.last, size, note, path, replayed=False, work=one.work)
            if isinstance(one, Placed)
            else one
            for one in grouped.answers
        ]
        self._foreseen = Foreseen(grouped, proof, note, answers)

    def _publish(self, grouped: Grouped, growth: Growth) -> Sequence[Answer | Committed]:
        """Have the checkpoint accepted and move the visible head; every failure is fatal."""
        if self._foreseen is None or self._foreseen.grouped is not grouped:
            self._foresee(grouped)
        foreseen, self._foreseen = self._foreseen, None
        assert foreseen is not None, "something was placed, so it was foreseen"
        size, old_size, proof = growth.tree.size, growth.old.size, foreseen.proof
        note = foreseen.note
        self._publisher.publish(size, growth.root, old_size=old_size, proof=proof, note=note)
        return foreseen.answers

    def _result(self, result: Answer | Committed) -> Result:
        assert not isinstance(result, Placed), "what was placed was published"
        if not isinstance(result, Replayed):
            return result
        try:
            with self._store.snapshot() as reader:
                return answer_again(reader, result.record)
        except Exception as error:  # noqa: BLE001 - it is the answer to this command
            return error

    def end(self, error: Fatal, jobs: Sequence[Job] = ()) -> None:
        """End: this process appends no more. `jobs` and whoever waits are told why."""
        with self._gate:
            self._ended = error
            left, self._jobs = self._jobs, deque()
            waiting = [job for job in left if job.begins()]
            self._gate.notify()
        # Before anybody is answered: who hears of the end must find it everywhere.
        self.visible.close()
        _tell([(job, error) for job in (*jobs, *waiting)])
