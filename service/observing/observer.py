"""Who listens in a running process: counts, times, and traces where a collector is named."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol, get_args

from prometheus_client import Counter, Histogram

from schemas.observing import Kind, Step
from service.observing.correlation import current, inside, valid
from service.observing.metrics import Metrics
from service.observing.readiness import Readiness

COLLECTOR: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""Where spans go, by the standard's own variable; unset, none are made."""


class Tracer(Protocol):
    """Makes spans; `service.observing.tracing` has the one that there is."""

    def span(
        self, name: str, parent: str | None, links: Iterable[str | None]
    ) -> AbstractContextManager[str]:
        """Make a span of the block; gives the traceparent of what is inside."""
        ...

    def close(self) -> None:
        """Send what is left."""
        ...


class Observing:
    """The observer of one process; `tracer` makes spans where traces are collected."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self.metrics: Final = Metrics()
        self.readiness: Final = Readiness()
        self._tracer = tracer
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._ended: dict[tuple[Kind, str], Counter] = {}
        self._timers = {name: self.metrics.step_seconds.labels(name) for name in get_args(Step)}

    @property
    def traces(self) -> bool:
        """Whether somebody collects traces."""
        return self._tracer is not None

    def step(
        self, name: Step, *, carried: str | None = None, links: Iterable[str | None] = ()
    ) -> AbstractContextManager[None]:
        """Time a step, and make a span of it where somebody collects them."""
        if self._tracer is None and carried is None:
            return _Timed(self._timers[name])
        return self._within(self._tracer, name, valid(carried), links)

    def carried(self) -> str | None:
        """Return the traceparent of the step under way."""
        found = current()
        return found.traceparent if found is not None else None

    def ended(self, kind: Kind, outcome: str, *, code: str = "") -> None:
        """Count an end; a code is counted by what kind of no it is."""
        counter = self._ended.get((kind, outcome))
        if counter is None:
            counter = self._ended[kind, outcome] = self.metrics.ended.labels(kind, outcome)
        counter.inc()
        if not code:
            return
        match outcome:
            case "refused":
                self.metrics.refused.labels(code).inc()
            case "malformed":
                self.metrics.malformed.labels(code).inc()
            case "conflict":
                self.metrics.conflicts.labels(code).inc()
            case _:
                self.metrics.failures.labels(kind, code).inc()

    def batch(self, *, commands: int, events: int) -> None:
        """Take the size of one transaction of the writer."""
        self.metrics.batch_commands.observe(commands)
        self.metrics.batch_entries.observe(events)

    @contextmanager
    def request(self) -> Iterator[None]:
        """Make a span of a request over HTTP, where somebody collects them."""
        if self._tracer is None:
            yield
            return
        with self._tracer.span("request", self.carried(), ()) as made, inside(made):
            yield

    def answered(self, method: str, route: str, status: int, *, duration_s: float) -> None:
        """Count a request over HTTP; `route` is its template, never its path."""
        found = self._answered.get((method, route, status))
        if found is None:
            found = self._answered[method, route, status] = (
                self.metrics.http.labels(method, route, str(status)),
                self.metrics.http_seconds.labels(method, route),
            )
        found[0].inc()
        found[1].observe(duration_s)

    def close(self) -> None:
        """Send what was not sent yet."""
        if self._tracer is not None:
            self._tracer.close()

    @contextmanager
    def _within(
        self, tracer: Tracer | None, name: Step, carried: str | None, links: Iterable[str | None]
    ) -> Iterator[None]:
        parent = carried or self.carried()
        with _Timed(self._timers[name]):
            if tracer is not None:
                with tracer.span(name, parent, links) as made, inside(made):
                    yield
            elif carried is not None:
                with inside(carried):
                    yield
            else:
                yield


class _Timed:
    """Times a block. A class, because it stands in the way of every command."""

    __slots__ = ("_began", "_timer")

    def __init__(self, timer: Histogram) -> None:
        self._timer = timer

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._timer.observe(time.perf_counter() - self._began)


def observing_of(role: str, env: Mapping[str, str] = os.environ) -> Observing:
    """Return the observer of a process; it makes spans where a collector is named."""
    if not env.get(COLLECTOR):
        return Observing()
    # Here, because it takes a quarter of a second and threads of its own.
    from service.observing.tracing import Tracing  # noqa: PLC0415 - see the line above

    return Observing(Tracing(role=role))
