"""What an erasure erases, and what the law has us keep for a while."""

from __future__ import annotations

import pytest

from schemas.commands.erasure import RequestErasure
from schemas.commands.royalties import PlaceHold, ReleaseHold
from schemas.events.erasure import ErasureRefused
from tests.kit.money import Till


def erased(till: Till) -> tuple[tuple[str, ...], str]:
    """Have a registrar ask; return which subjects are erased, and why something is kept."""
    command = RequestErasure(party=till.party("V"), basis="gdpr_article_17")
    said = till.world.log.say(command, by=till.world["registrar"])
    kept = [event.reason for event in said.events if isinstance(event, ErasureRefused)]
    (found,) = [event.subjects for event in said.events if hasattr(event, "subjects")]
    return found, "".join(kept)


@pytest.fixture
def till() -> Till:
    till = Till.opened()
    till.world.party("V", kind="person")
    till.ready("V")
    return till


def test_of_whom_nothing_must_be_kept_all_is_erased(till: Till) -> None:
    subjects, kept = erased(till)
    assert (len(subjects), kept) == (2, "")


@pytest.mark.parametrize("reason", ["court_order", "sanctions", "kyc"])
def test_under_a_hold_the_records_of_payments_are_kept(till: Till, reason: str) -> None:
    place = PlaceHold.read({"party": till.party("V"), "reason": reason})
    till.world.log.say(place, by=till.world["F1 pays"])
    subjects, kept = erased(till)
    assert len(subjects) == 1
    assert reason in kept
    release = ReleaseHold.read({"party": till.party("V"), "reason": reason})
    till.world.log.say(release, by=till.world["F2 pays"])
    assert erased(till)[1] == ""
