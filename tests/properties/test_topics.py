"""A projection is given the events of its topics alone: no other would change its tables."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.rights.view import Recorded
from projections.base import Projection, Step
from projections.database import Row
from projections.standard import standard
from schemas.registry import EVENTS
from tests.kit.log import Log
from tests.kit.projected import LogFeed, Projected
from tests.kit.random_logs import MONEY, RIGHTS, played, steps
from tests.kit.random_world import Step as Played
from tests.kit.specimens import specimens
from tests.support.places import empty_place

FEED = LogFeed(Log())
KINDS = {each.NAME: type(each) for each in standard(FEED) if each.TOPICS is not None}
CASES = [
    pytest.param(name, cls, id=f"{name}-{cls.TOPIC}")
    for name, kind in KINDS.items()
    for cls in EVENTS.values()
    if kind.TOPICS is not None and cls.TOPIC not in kind.TOPICS
]
relaxed = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class Empty:
    """Implements `projections.base.Tables`: nothing is there, and what would change is noted."""

    def __init__(self) -> None:
        self.changes: list[Step] = []

    def rows(self, statement: str, /, **values: Any) -> list[Row]:
        del statement, values
        return []

    def apply(self, changes: Iterable[Step]) -> None:
        self.changes += changes


def made(name: str) -> Projection:
    return next(each for each in standard(FEED) if name == each.NAME)


@pytest.mark.parametrize("name", KINDS)
def test_topics_are_those_of_events(name: str) -> None:
    assert (KINDS[name].TOPICS or set()) <= {topic for topic, _ in EVENTS}


@pytest.mark.parametrize(("name", "cls"), CASES)
@relaxed
@given(data=st.data())
def test_what_has_another_topic_changes_nothing(name: str, cls: Any, data: st.DataObject) -> None:
    event = cls.read(data.draw(specimens(cls)), recorded=True)
    tables = Empty()
    made(name).fold(tables, Recorded(1, datetime(2026, 1, 1, tzinfo=UTC), "pty_x", event))
    assert tables.changes == []


@settings(max_examples=15)
@given(steps(*RIGHTS, *MONEY))
def test_who_is_given_everything_has_the_same_tables(taken: list[Played]) -> None:
    log = played(taken).till.world.log
    with empty_place("sqlite") as some, empty_place("sqlite") as whole:
        given_some = Projected(log, some).catch_up()
        everything: list[Projection] = list(standard(LogFeed(log)))
        for each in everything:
            object.__setattr__(each, "TOPICS", None)
        given_all = Projected(log, whole, projections=everything).catch_up()
        for name in KINDS:
            assert given_some.digest(name) == given_all.digest(name)
