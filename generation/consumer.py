"""A generation worker as a process: takes jobs from the broker, and answers with its statement.

One job at a time. While it is worked on in a thread, the member of the group goes on showing that
it is alive, with everything paused: a job of minutes keeps its partition. A job is committed when
its answer is acknowledged; if we die before that, it goes to another worker, which renders it from
the same seed. Whose answer the log takes is the log's to say: the second one changes nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Final

from generation.broker import Broker, Member
from generation.called_off import CalledOff
from generation.delivery import Record, keep_hearing, keep_trying
from generation.turn import Post, Turn
from generation.worker import Worker
from schemas.observing import UNOBSERVED, Observer
from schemas.topics import Topics

log: Final = logging.getLogger(__name__)

GROUP: Final = "generation"
"""The group that shares the jobs, after the prefix of the topics."""

TAKE_S: Final = 1.0
HOLD_S: Final = 0.1
"""How long to wait for a job, and how often to show that we are alive while one is done."""


class GenerationConsumer:
    """Does jobs until it is told to stop; `name` says in a dead letter whose it is."""

    def __init__(
        self,
        worker: Worker,
        broker: Broker,
        *,
        topics: Topics,
        name: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._broker = broker
        called_off = CalledOff(broker, topics.cancel, worker.ledger)
        self._post = Post(worker, topics, name, called_off, clock, observer)

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop. Raises `SigningError` where no file can be signed any more."""
        over = threading.Event()
        with ThreadPoolExecutor(1, thread_name_prefix="called-off") as hearing:
            hearing.submit(keep_hearing, self._post.called_off.listen, over, name="calling off")
            try:
                keep_trying(self._serve, stop, name="generation")
            finally:
                over.set()

    def _serve(self, stop: threading.Event) -> None:
        topics = self._post.topics
        with (
            self._broker.member(topics.prefix + GROUP, topics.authorized) as member,
            self._broker.sender() as sender,
            ThreadPoolExecutor(1, thread_name_prefix="job") as pool,
        ):
            while not stop.is_set():
                record = member.take(TAKE_S)
                if record is not None:
                    self._do(record, member, Turn(self._post, record, sender, stop), pool)

    def _do(self, record: Record, member: Member, turn: Turn, pool: ThreadPoolExecutor) -> None:
        job = pool.submit(turn.work)
        try:
            while not job.done():
                member.hold()
                wait([job], timeout=HOLD_S)
        finally:
            turn.left.set()
        # Acknowledged before it is committed. If we stop here the job comes again, and is answered
        # from the finished statement that lies in the worker's folder.
        if job.result() and not member.done(record):
            log.info("a job went to another worker meanwhile [%r]", record.key)
