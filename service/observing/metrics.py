"""What is counted and timed in one process, under its Prometheus names. The one place of names.

Every instance has a registry of its own. What other parts know by themselves (positions, sizes,
standings) is asked of them when somebody reads, by `observing.standing`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest

from service.observing.asking import Asking, SilentError

log: Final = logging.getLogger(__name__)

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus's text format, as every scraper reads it."""

PREFIX: Final = "linernotes_"
"""How every name of ours begins."""

ANSWER_S: Final = 5.0
"""How long all that is asked may take together: half of what a scraper waits by default."""

_STEP_S: Final = (
    *(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1, 2, 5, 10, 30, 60, 300, 900),
)
"""Buckets from half a millisecond (a signature) to a quarter of an hour (a long rendering)."""

_COUNTS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Buckets of a batch: at most 128 commands, some entries each."""


# A second series for each, which says when its first value came: nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library types it by half


class Metrics:
    """The counters and histograms of one process, and what else is asked when somebody reads."""

    def __init__(self) -> None:
        self._asked: dict[str, Asking[tuple[Metric, ...]]] = {}
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)
        self.step_seconds = self._histogram("step_seconds", "How long a step takes.", "step")
        self.ended = self._counter(
            "ended", "What came to an end: commands, jobs, finished files, payouts.", "kind outcome"
        )
        self.refused = self._counter("refused", "Demands that the rights refused.", "code")
        self.malformed = self._counter("malformed", "Commands answered and not logged.", "code")
        self.conflicts = self._counter("conflicts", "Commands told to come again.", "code")
        self.failures = self._counter("failures", "What went wrong.", "kind code")
        self.batch_commands = self._sizes("batch_commands", "Commands of one transaction.")
        self.batch_entries = self._sizes("batch_entries", "Entries of one transaction.")
        self.http = self._counter("http_requests", "Requests answered.", "method route status")
        self.http_seconds = self._histogram(
            "http_request_seconds", "How long answering takes.", "method route"
        )

    def watch(self, name: str, ask: Callable[[], Iterable[Metric]]) -> None:
        """Ask this at every reading too; it replaces what was watched under the name."""
        self._asked[name] = Asking(name, lambda: tuple(ask()))

    def collect(self) -> Iterator[Metric]:
        """Yield what is asked now. What cannot be asked is missing, and the rest is not."""
        until = time.monotonic() + ANSWER_S
        asked = {name: one.begin() for name, one in tuple(self._asked.items())}
        for name, one in asked.items():
            try:
                yield from one.answer(until - time.monotonic())
            except SilentError:
                log.warning("numbers of the %s have not come in %g seconds", name, ANSWER_S)
            except Exception:
                log.exception("numbers of the %s could not be had", name)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, says: str, labels: str) -> Counter:
        return Counter(PREFIX + name, says, labels.split(), registry=self.registry)

    def _histogram(self, name: str, says: str, labels: str) -> Histogram:
        return Histogram(
            PREFIX + name, says, labels.split(), registry=self.registry, buckets=_STEP_S
        )

    def _sizes(self, name: str, says: str) -> Histogram:
        return Histogram(PREFIX + name, says, registry=self.registry, buckets=_COUNTS)
