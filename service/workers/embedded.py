"""The embedded engine's generation queue: one thread that follows the log.

The log is the queue. At start it is rebuilt from what is authorized and not ended; then every new
authorization is taken in its order. Nothing is lost by a crash at any point: a job that was begun
is begun again, one that was finished is answered from its finished statement.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from generation.embedding import SigningError, TimestampError
from generation.synthesizer import RenderingCanceled
from generation.worker import Worker
from ledger.feed import Feed
from ledger.folding import FoldCache
from ledger.provenance.reading import ReaderUnavailableError
from ledger.storage.contract import Store
from ledger.storage.errors import Fatal
from ledger.storage.killpoints import reach
from schemas.envelope.keys import SigningKey
from schemas.events.generations import GenerationAuthorized, GenerationCanceled
from schemas.refusals import Conflict, Malformed
from service.workers.dispatch import Proving, carried_on, compose, has_ended, unfinished
from service.workers.finisher import Finisher

log: Final = logging.getLogger(__name__)

REBUILD_WITHIN: Final = timedelta(days=1)
"""Authorizations live an hour: older ones are the scheduler's to expire, not work to do."""

RETRY_S: Final = 0.2
WORK_RETRY_S: Final = 5.0
TRIES_MAX: Final = 50
"""How often a busy ledger is asked again about one finished file before it waits for a restart."""


WITNESS_WAIT_S: Final = 5.0
"""How long a job waits for the witnesses of its authorization (contracts, section 8)."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How far a generation is: thousandths and a few words. Best effort; decides nothing."""

    permille: int
    stage: str


class EmbeddedQueue:
    """Renders and finishes, one job after the other, in a thread of this process."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        *,
        worker: Worker,
        finisher: Finisher,
        origin: str,
        key: SigningKey,
        proving: Proving,
    ) -> None:
        self._store = store
        self._feed = feed
        self._worker = worker
        self._finisher = finisher
        self._origin = origin
        self._key = key
        self._proving = proving
        self._cache = FoldCache()
        self._jobs: deque[tuple[int, str]] = deque()
        self._cursor = 0
        self._status: dict[str, JobStatus] = {}
        self._canceled: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="generation", daemon=True)

    def start(self) -> None:
        """Rebuild the queue from the log, then follow it."""
        with self._store.snapshot() as reader:
            self._jobs.extend(unfinished(reader, within=REBUILD_WITHIN))
            self._cursor = reader.bound
        for _, generation in self._jobs:
            self._status[generation] = JobStatus(0, "waiting")
        self._thread.start()

    def tell(self) -> None:
        """Say that it is to stop; returns at once."""
        self._stop.set()
        self._feed.wake()

    def close(self) -> None:
        """Stop after the current step; what is unfinished is found again at the next start."""
        self.tell()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs; false after a fatal end, and before the start."""
        return self._thread.is_alive()

    def status(self, generation: str) -> JobStatus | None:
        """Return how far a generation is, or None if it is no work of this queue."""
        return self._status.get(generation)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._step()
        except Fatal:
            log.exception("the generation queue stopped: the ledger ended")
        except SigningError:
            log.exception("the generation queue stopped: claims cannot be signed")
        except ReaderUnavailableError:
            log.exception("the generation queue stopped: no file can be read back")
        except Exception:
            log.exception("the generation queue stopped by a mistake of ours")

    def _step(self) -> None:
        """Do the oldest job, or wait for one. What ends us here leaves it the first of all."""
        try:
            self._follow()
            if self._jobs:
                self._do(*self._jobs[0])
                self._jobs.popleft()
            else:
                self._feed.wait_beyond(self._cursor, 0.5, stop=self._stop.is_set)
        except Conflict as busy:
            log.info("the generation queue comes again: %s", busy)
            self._stop.wait(RETRY_S)

    def _follow(self) -> None:
        """Take in what the log says since we looked: new work, and work that was called off."""
        for recorded in self._feed.read_after(self._cursor, 500):
            event = recorded.event
            if isinstance(event, GenerationAuthorized):
                self._jobs.append((recorded.position, event.generation))
                self._status[event.generation] = JobStatus(0, "waiting")
            elif isinstance(event, GenerationCanceled):
                self._canceled.add(event.generation)
            self._cursor = recorded.position

    def _do(self, position: int, generation: str) -> None:
        with self._store.snapshot() as reader:
            if has_ended(reader, generation):
                self._forget(generation)
                return
        # At once where the policy asks for no witness. If they take too long, the file says so:
        # its proof is then not witnessed, and not invalid (contracts, section 8).
        self._proving.wait_for(position, WITNESS_WAIT_S)
        if self._stop.is_set():  # the witnesses were told too: not what they have yet to sign
            return
        with self._store.snapshot() as reader:
            message = compose(
                reader,
                position,
                ledger=self._origin,
                key=self._key,
                policy=self._proving.policy(),
                cache=self._cache,
            )
            carried = carried_on(reader, position)
        reach("before_render")
        try:
            finished = self._worker.work(
                message,
                progress=lambda done, stage: self._tell(generation, done, stage),
                canceled=lambda: self._is_called_off(generation),
                carried=carried,
            )
        except RenderingCanceled:
            # Called off in the log, or we are stopping: then the next start takes it up again.
            self._forget(generation)
            return
        except (TimestampError, OSError) as error:
            # The authority may come back, a full disk be cleared; the authorization's hour bounds
            # how long we try.
            log.warning("to be tried again: %s [%s]", error, generation)
            self._jobs.append((position, generation))
            self._stop.wait(WORK_RETRY_S)
            return
        except (Conflict, SigningError):
            # The log is busy: again in a moment. Or the next file would fail alike: stop, and leave
            # the job to a start that can sign.
            raise
        except Exception:
            # A mistake of the worker's ends its job, not the queue; the log says so.
            log.exception("the worker broke [%s]", generation)
            self._report(generation, lambda: self._finisher.worker_broke(generation))
            return
        reach("after_render")
        self._report(generation, lambda: self._finisher.finish(finished, carried=carried))

    def _report(self, generation: str, report: Callable[[], object]) -> None:
        for _ in range(TRIES_MAX):
            try:
                report()
            except (Conflict, OSError) as busy:
                # A busy ledger, or a disk that is full: it may be better in a moment.
                log.info("to be reported again: %s [%s]", busy, generation)
                if self._stop.wait(RETRY_S):
                    return
                continue
            except Malformed as refused:
                # Ended meanwhile (canceled, expired), or not a statement the ledger believes.
                log.warning("a finished generation was not taken: %s [%s]", refused, generation)
            self._forget(generation)
            return
        log.error("the ledger stayed busy; left for the next start [%s]", generation)

    def _tell(self, generation: str, done: float, stage: str) -> None:
        self._status[generation] = JobStatus(round(done * 1000), stage)

    def _is_called_off(self, generation: str) -> bool:
        if self._stop.is_set() or generation in self._canceled:
            return True
        self._follow()
        return generation in self._canceled

    def _forget(self, generation: str) -> None:
        self._status.pop(generation, None)
        self._canceled.discard(generation)


def wait_for_end(feed: Feed, store: Store, generation: str, timeout_s: float) -> bool:
    """Wait until a generation has ended, whatever way; False when the time is over."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        seen = feed.visible_head()
        with store.snapshot() as reader:
            if has_ended(reader, generation):
                return True
        feed.wait_beyond(seen, min(1.0, timeout_s))
    return False
