"""The bucket of each caller: full at first, refilled evenly, never overfull."""

import pytest

from service.api import limits
from service.api.limits import Limiter, Limits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_so_many_at_once_and_then_one_by_one(clock: Clock) -> None:
    limiter = Limiter(Limits(requests=2, window_s=60), clock)
    assert [limiter.take("a").wait_s for _ in range(2)] == [0, 0]
    assert limiter.take("a").wait_s == 31
    clock.now += 30
    assert limiter.take("a").wait_s == 0
    assert limiter.take("a").wait_s > 0


def test_a_refused_request_costs_nothing(clock: Clock) -> None:
    limiter = Limiter(Limits(requests=1, window_s=10), clock)
    limiter.take("a")
    for _ in range(50):
        limiter.take("a")
    clock.now += 10
    assert limiter.take("a").wait_s == 0


def test_a_long_rest_fills_the_bucket_and_no_more(clock: Clock) -> None:
    limiter = Limiter(Limits(requests=3, window_s=60), clock)
    limiter.take("a")
    clock.now += 1_000_000
    assert [limiter.take("a").remaining for _ in range(3)] == [2, 1, 0]
    assert limiter.take("a").wait_s > 0


def test_callers_do_not_know_each_other(clock: Clock) -> None:
    limiter = Limiter(Limits(requests=1, window_s=60), clock)
    assert limiter.take("a").wait_s == 0
    assert limiter.take("b").wait_s == 0


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CALLERS_MAX", 3)
    limiter = Limiter(Limits(requests=1, window_s=60), clock)
    for n in range(10):
        limiter.take(f"caller {n}")
    assert len(limiter._buckets) == 3


def test_the_fields_are_those_of_the_draft(clock: Clock) -> None:
    chosen = Limits(requests=5, window_s=60)
    allowance = Limiter(chosen, clock).take("a")
    assert chosen.policy == '"requests";q=5;w=60'
    assert allowance.field == '"requests";r=4;t=13'
