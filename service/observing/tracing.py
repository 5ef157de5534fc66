"""Spans for whoever collects them by OTLP; the one file that imports OpenTelemetry.

A span holds the name of a step, how long it took, and whether it failed with which kind of error;
never a message or a value, which might be private. The context comes as a traceparent and goes on
as one, so that one trace leads from the API to a worker in another process and back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, Span, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from schemas.observing import TRACEPARENT

_CARRIER: Final = TraceContextTextMapPropagator()


class Tracing:
    """Makes spans and hands them to an exporter, in a thread that no request waits for."""

    def __init__(self, *, role: str, exporter: SpanExporter | None = None) -> None:
        resource = Resource.create({"service.name": "linernotes", "service.instance.role": role})
        # Which share of traces is kept is OTEL_TRACES_SAMPLER's to say, as everywhere.
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("linernotes")

    @contextmanager
    def span(self, name: str, parent: str | None, links: Iterable[str | None]) -> Iterator[str]:
        """Make a span of the block, under `parent`; gives the traceparent of what is inside."""
        span = self._tracer.start_span(
            name,
            context=_context(parent),
            links=[Link(get_current_span(_context(link)).get_span_context()) for link in links],
            record_exception=False,
            set_status_on_exception=False,
        )
        try:
            yield _written(span)
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            span.end()

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        self._provider.shutdown()


def _context(traceparent: str | None) -> Context:
    return _CARRIER.extract({TRACEPARENT: traceparent} if traceparent else {}, context=Context())


def _written(span: Span) -> str:
    at = span.get_span_context()
    return f"00-{at.trace_id:032x}-{at.span_id:016x}-{at.trace_flags:02x}"
