"""Every sample that a running ledger can export, with its labels, out of the code that makes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from prometheus_client.parser import text_string_to_metric_families

from ledger.audit import Report
from projections.matching import Match
from schemas.observing import Step
from service.assurance import Assurance
from service.observing.observer import Observing
from service.observing.standing import (
    assurance_numbers,
    log_numbers,
    projection_numbers,
    relay_numbers,
    verifier_numbers,
    witness_numbers,
)


@dataclass
class Row:
    """A projection, a witness, a verifier, or an entry: whatever is asked of it."""

    name: str = "one"
    position: int = 1
    failure: str | None = None
    size: int = 1
    state: str = "signed"
    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    is_running: bool = True
    losses: int = 0


class Log:
    """A log of two entries."""

    bound = 2

    @contextmanager
    def snapshot(self) -> Iterator[Log]:
        yield self

    def entry(self, _position: int) -> Row:
        return Row()


def exported() -> dict[str, set[str]]:
    """Return the labels of every sample by its name."""
    observing, log = Observing(), Log()
    for kind in ("command", "job", "finish", "payout"):
        for outcome in ("refused", "malformed", "conflict", "failed"):
            observing.ended(kind, outcome, code="a_code")
    for step in get_args(Step):
        with observing.step(step):
            pass
    observing.batch(commands=1, events=1)
    observing.answered("GET", "/v1/events", 200, duration_s=0.1)
    store: Any = log
    made = Assurance(Row.time, Match(2, 1, ()), Report("ledger.example", 2))
    watch = observing.metrics.watch
    watch("log", lambda: log_numbers(store, waiting=lambda: 0, register_size=lambda: 2))
    watch("p", lambda: projection_numbers(store, lambda: [Row()], clock=lambda: Row.time))
    watch("w", lambda: witness_numbers(lambda: [Row()]))
    watch("a", lambda: assurance_numbers(lambda: made))
    watch("v", lambda: verifier_numbers(Row()))
    watch("r", lambda: relay_numbers(lambda: 1, store))
    text = observing.metrics.text().decode()
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def families() -> set[str]:
    """Return the names as people know them: without the endings of a histogram's samples."""
    endings = ("_bucket", "_sum", "_count")
    return {
        name.removesuffix(next((end for end in endings if name.endswith(end)), ""))
        for name in exported()
        if name.startswith("linernotes_")
    }
