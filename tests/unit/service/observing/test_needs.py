"""What a process needs: a log that goes on, a register that answers, projections that keep up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledger.storage.errors import RegisterSilent
from ledger.storage.signal import VisibleHead
from service.listening import bind, url_of
from service.observing.needs import (
    projections_that_keep_up,
    the_broker,
    the_database,
    the_log,
    the_register,
)
from service.observing.readiness import Readiness
from tests.support.exported import Log, Row
from tests.support.ports import free_port

AT = Row.time
NOBODY = "127.0.0.1:9"
"""Nobody listens on the discard port."""


def missing(*rows: Row, late_s: float = 0) -> str | None:
    store: Any = Log()
    return projections_that_keep_up(
        store, lambda: rows, clock=lambda: AT + timedelta(seconds=late_s)
    )()


def test_projections_at_the_head_are_enough() -> None:
    assert missing(Row("royalties", position=2), late_s=1_000) is None


@pytest.mark.parametrize(("late_s", "said"), [(59, None), (61, "royalties is 1 entries behind")])
def test_a_projection_may_be_a_minute_behind(late_s: float, said: str | None) -> None:
    assert missing(Row("royalties", position=1), late_s=late_s) == said


def test_a_projection_that_stopped_is_named_and_its_reason_is_not() -> None:
    said = missing(Row("royalties", position=2, failure="KeyError: a secret"), Row("catalog"))
    assert said == "royalties stopped"


def test_a_log_that_ended_and_a_silent_register_are_missing() -> None:
    visible, needs = VisibleHead(0), Readiness()

    def silent() -> int:
        raise RegisterSilent("a secret address")

    needs.need("log", the_log(visible))
    needs.need("register", the_register(lambda: 0))
    assert needs.missing() == {}
    visible.close()
    needs.need("register", the_register(silent))
    assert set(needs.missing()) == {"log", "register"}
    assert "secret" not in str(needs.missing())


def test_a_broker_is_there_when_one_of_its_addresses_answers() -> None:
    with bind(port=free_port()) as listening:
        here = url_of(listening).removeprefix("http://")
        assert the_broker([here])() is None
        assert the_broker([NOBODY, here])() is None
    assert the_broker([NOBODY, here])() == "none of 2 addresses of the broker answers"


def test_a_database_that_does_not_answer_is_missing() -> None:
    needs, log = Readiness(), Log()
    store: Any = log
    needs.need("database", the_database(store))
    assert needs.missing() == {}
    log.bound = property(lambda _: None)  # type: ignore[assignment]  # any fault will do
    assert set(needs.missing()) == {"database"}
