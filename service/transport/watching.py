"""How far generations are, as workers mention it: for a door that renders nothing itself.

Best effort, signed by nobody, and deciding nothing: how a generation ended is in the log.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from generation.broker import Broker
from generation.delivery import keep_hearing
from schemas import canonical
from schemas.messages import GenerationProgress
from schemas.refusals import Malformed
from schemas.topics import Topics
from service.workers.embedded import JobStatus

KEPT_MAX: Final = 10_000
"""Generations that are remembered, those last heard of."""

READ_S: Final = 1.0
"""How long to wait for a message before looking whether to stop."""

_BYTES_MAX: Final = 4096


class ProgressWatch:
    """Hears `generation.progress` from now on; `status` is what `EmbeddedQueue.status` is."""

    def __init__(self, broker: Broker, *, topics: Topics) -> None:
        self._broker = broker
        self._topics = topics
        self._heard: OrderedDict[str, JobStatus] = OrderedDict()
        self.is_listening = threading.Event()
        """Set once nothing that is said from here on is missed."""

    def status(self, generation: str) -> JobStatus | None:
        """Return how far a generation is, or None if nobody has mentioned it."""
        return self._heard.get(generation)

    def run(self, stop: threading.Event) -> None:
        """Hear until told to stop."""
        keep_hearing(self._serve, stop, name="progress")

    def _serve(self, stop: threading.Event) -> None:
        with self._broker.reader(self._topics.progress) as reader:
            for partition, (_, end) in reader.ends().items():
                reader.seek(partition, end)
            self.is_listening.set()
            while not stop.is_set():
                for record in reader.read(READ_S):
                    self._hear(record.value)

    def _hear(self, raw: bytes) -> None:
        try:
            said = GenerationProgress.read(canonical.parse(raw, bytes_max=_BYTES_MAX))
        except Malformed:
            return
        self._heard[said.generation] = JobStatus(said.permille, said.stage)
        self._heard.move_to_end(said.generation)
        while len(self._heard) > KEPT_MAX:
            self._heard.popitem(last=False)
