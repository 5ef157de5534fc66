"""One job from the broker: tried with bounded patience, answered, or put away as a dead letter."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from generation.broker import Sender
from generation.called_off import CalledOff
from generation.dead_letters import bury
from generation.delivery import BrokerAwayError, Record
from generation.embedding import SigningError, TimestampError
from generation.job import read_job
from generation.synthesizer import RenderingCanceled
from generation.worker import Worker
from schemas import canonical
from schemas.messages import GenerationProgress
from schemas.observing import Observer, extract, inject
from schemas.period import parse_instant
from schemas.refusals import Malformed
from schemas.topics import Topics

log: Final = logging.getLogger(__name__)

TRIES_MAX: Final = 8
BREAKS_MAX: Final = 2
"""How often a job is tried where the world fails us (a full disk, a timestamp authority that is
away), and where we break ourselves, which may take as long as a rendering each time."""

BACKOFF_MAX_S: Final = 30.0
PROGRESS_EVERY_S: Final = 0.5
"""The longest pause between two tries, and the shortest between two messages of progress."""


@dataclass(frozen=True)
class Post:
    """Where a worker process stands: who it is, whom it hears, and who hears of its jobs."""

    worker: Worker
    topics: Topics
    name: str
    called_off: CalledOff
    clock: Callable[[], datetime]
    observer: Observer


class Turn:
    """A job, in a thread of its own, until it is dealt with or left to another turn."""

    def __init__(self, post: Post, record: Record, sender: Sender, stop: threading.Event) -> None:
        self._post = post
        self._record = record
        self._sender = sender
        self._stop = stop
        self._told_s = 0.0
        self.left = threading.Event()
        """Set when nobody waits for this turn any more."""

    def work(self) -> bool:
        """Do the job; tell whether it is dealt with, so that it can be committed.

        Raises `SigningError` (the next file would fail alike) and `BrokerAwayError`.
        """
        try:
            job = read_job(self._record.value, self._post.worker.ledger)
        except Malformed as forged:
            return self._bury(f"not the ledger's word: {forged}")
        generation = job.authorization.generation
        if self._post.clock() >= parse_instant(job.authorization.expires_at):
            # The scheduler closes it; a rendering would help nobody.
            return self._end("expired", generation)
        return self._try(generation)

    def _try(self, generation: str) -> bool:
        tries = 0
        while True:
            try:
                finished = self._render(generation)
                return self._answer(generation, finished)
            except RenderingCanceled:
                if generation in self._post.called_off:
                    return self._end("canceled", generation)
                return False
            except (SigningError, BrokerAwayError):
                raise
            except Exception as error:
                tries += 1
                log.exception("a job failed, try %d [%s]", tries, generation)
                is_the_world = isinstance(error, OSError | TimestampError)
                if tries >= (TRIES_MAX if is_the_world else BREAKS_MAX):
                    return self._bury(f"{type(error).__name__}: {error}")
            if self._stop.wait(min(2.0 ** (tries - 1), BACKOFF_MAX_S)):
                return False

    def _render(self, generation: str) -> bytes:
        return self._post.worker.work(
            self._record.value,
            progress=lambda done, stage: self._tell(generation, done, stage),
            canceled=lambda: self._is_to_stop(generation),
            carried=extract(self._record.headers),
        )

    def _answer(self, generation: str, finished: bytes) -> bool:
        headers = inject(extract(self._record.headers))
        topic = self._post.topics.finished
        self._sender.send(topic, key=generation.encode(), value=finished, headers=headers)
        self._sender.flush()
        log.info("a job is answered [%s]", generation)
        return True

    def _bury(self, reason: str) -> bool:
        post = self._post
        bury(self._sender, post.topics, self._record, reason=reason, by=post.name)
        return self._end("dead", repr(self._record.key))

    def _end(self, how: str, generation: str) -> bool:
        self._post.observer.ended("job", how)
        log.info("a job ended: %s [%s]", how, generation)
        return True

    def _is_to_stop(self, generation: str) -> bool:
        return self._stop.is_set() or self.left.is_set() or generation in self._post.called_off

    def _tell(self, generation: str, done: float, stage: str) -> None:
        """Say how far it is, now and then; whether it arrives does not matter."""
        now = time.monotonic()
        if now - self._told_s < PROGRESS_EVERY_S:
            return
        self._told_s = now
        said = GenerationProgress(generation=generation, permille=round(done * 1000), stage=stage)
        value = canonical.encode(said.data())
        self._sender.mention(self._post.topics.progress, key=generation.encode(), value=value)
