"""The observer: what is told is counted under closed names, and a broken part hides no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.core import GaugeMetricFamily, Metric

from schemas.observing import UNOBSERVED
from service.observing.correlation import begin, carrying, current
from service.observing.observer import Observing
from service.observing.standing import witness_numbers
from tests.support.exported import Row

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def value(observing: Observing, name: str, **labels: str) -> float | None:
    return observing.metrics.registry.get_sample_value(f"linernotes_{name}", labels)


@pytest.mark.parametrize(
    ("outcome", "counted"),
    [
        ("refused", "refused_total"),
        ("malformed", "malformed_total"),
        ("conflict", "conflicts_total"),
    ],
)
def test_each_no_is_counted_by_its_code(outcome: str, counted: str) -> None:
    observing = Observing()
    observing.ended("command", outcome, code="no_consent")
    assert value(observing, counted, code="no_consent") == 1
    assert value(observing, "ended_total", kind="command", outcome=outcome) == 1


def test_a_failure_is_counted_by_what_failed() -> None:
    observing = Observing()
    observing.ended("job", "failed", code="artifact_missing")
    observing.ended("job", "completed")
    assert value(observing, "failures_total", kind="job", code="artifact_missing") == 1
    assert value(observing, "ended_total", kind="job", outcome="completed") == 1


def test_a_step_that_raises_is_timed_too() -> None:
    observing = Observing()
    with pytest.raises(ZeroDivisionError), observing.step("render"):
        raise ZeroDivisionError
    with observing.step("render"):
        pass
    assert value(observing, "step_seconds_count", step="render") == 2


def test_batches_are_measured() -> None:
    observing = Observing()
    observing.batch(commands=3, events=5)
    assert value(observing, "batch_commands_sum") == 3
    assert value(observing, "batch_entries_sum") == 5


def test_what_was_carried_here_is_carried_on() -> None:
    observing = Observing()
    assert observing.carried() is None
    with observing.step("work", carried=GIVEN):
        assert observing.carried() == GIVEN
    with carrying(begin()), observing.step("work", carried="no traceparent"):
        found = current()
        assert found is not None
        assert observing.carried() == found.traceparent


def test_a_part_that_cannot_be_asked_hides_no_other() -> None:
    observing = Observing()

    def broken() -> Iterator[Metric]:
        yield GaugeMetricFamily("linernotes_half", "Half of it.", value=1)
        raise OSError

    observing.metrics.watch("broken", broken)
    observing.metrics.watch("sound", lambda: [GaugeMetricFamily("linernotes_x", "X.", value=7)])
    text = observing.metrics.text().decode()
    assert "linernotes_x 7.0" in text
    assert "linernotes_half" not in text


def test_two_processes_parts_do_not_share_numbers() -> None:
    one, other = Observing(), Observing()
    one.batch(commands=1, events=1)
    assert value(other, "batch_commands_count") == 0


def test_unobserved_nothing_is_carried() -> None:
    with UNOBSERVED.step("command", carried=GIVEN):
        assert UNOBSERVED.carried() is None
    UNOBSERVED.ended("job", "completed")
    UNOBSERVED.batch(commands=1, events=1)


def test_a_witness_that_was_not_asked_here_is_not_said_to_be_silent() -> None:
    rows = [Row("asked"), Row("silent", state="silent"), Row("elsewhere", state="new")]
    samples = [sample for metric in witness_numbers(lambda: rows) for sample in metric.samples]
    signs = {one.labels["witness"]: one.value for one in samples if one.name.endswith("_signs")}
    assert signs == {"asked": 1, "silent": 0}
