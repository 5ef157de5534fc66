"""WIRE: names and fields that others have stored never change in silence (decision 0004)."""

import json
import re

import pytest

from schemas.registry import COMMANDS, EVENTS
from tests.architecture.make_wire import FILE, wire

COMMITTED = json.loads(FILE.read_text(encoding="ascii"))
NOW = wire()


@pytest.mark.parametrize("part", NOW)
def test_names_versions_and_fields_are_those_of_the_committed_file(part: str) -> None:
    assert NOW[part] == COMMITTED[part], "see tests/architecture/make_wire.py"


def test_an_event_says_its_topic_and_takes_it_from_no_module() -> None:
    for (topic, version), event in EVENTS.items():
        assert vars(event)["TOPIC"] == topic, f"{event.__name__} sets its TOPIC itself"
        assert version >= 1
        assert "." not in topic
        assert ":" not in topic


def test_events_are_past_and_commands_imperative() -> None:
    past = re.compile(r"(?:[a-z]ed|Left|Withdrawn)(?:[A-Z]\w*)?$")
    assert not [topic for topic, _ in EVENTS if not past.search(topic)]
    assert not [topic for topic, _ in EVENTS if topic.endswith(("Updated", "Changed", "Processed"))]
    assert not [name for name, _ in COMMANDS if past.search(name)]
