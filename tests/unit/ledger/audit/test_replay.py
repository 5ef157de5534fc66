"""What a replayed world is asked of the past is what it took in, from memory or from its file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.audit.replay import World
from ledger.rights.view import Recorded
from schemas import canonical
from schemas.events.base import Event
from schemas.model import Commitment
from schemas.registry import EVENTS
from tests.kit.specimens import specimens

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
CLASSES = sorted(EVENTS.values(), key=lambda cls: cls.__name__)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), actor=st.sampled_from(["pty_x", Commitment(commit="A" * 43)]))
def test_history_is_what_was_taken_in(
    cls: type[Event], data: st.DataObject, actor: str | Commitment
) -> None:
    event = cls.read(data.draw(specimens(cls)), recorded=True)
    world = World(events=2)
    taken = []
    for position in range(1, 7):
        recorded = Recorded(position, BEGAN + timedelta(seconds=position), actor, event)
        at_hand = canonical.encode(event.data()) if position % 2 else None
        world.take(recorded, (), ("it",), data=at_hand)
        taken.append(recorded)
    assert world.in_file > 0
    assert world.history("it", after=0, until=6) == taken
    assert world.history("it", after=2, until=4) == taken[2:4]
    assert world.history("another", after=0, until=6) == []
