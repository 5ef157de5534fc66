"""What was known then against what is known now, and which entries made the difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from projections.differences import differences
from schemas.commands.consents import RevokeConsent
from tests.kit.earning import earn
from tests.kit.instance import Place, make


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make(tmp_path_factory.mktemp("differences") / "place")
    earn(place)
    return place


def test_a_revocation_is_the_difference(place: Place, tmp_path: Path) -> None:
    copy = place.copy(tmp_path / "place")
    one = copy.pieces[0]
    with copy.open() as instance:
        then = instance.feed.visible_head()
        holder = instance.speaker(one.holder)
        answer = holder.say(RevokeConsent(party=one.holder, consent=one.master_consent))
        found = differences(instance.readings, then)
    (change,) = found.permissions
    assert (change.subject, change.consent) == (one.recording, one.master_consent)
    assert change.before is not None
    assert change.after is None
    assert change.positions == answer.positions
    assert found.balances == ()


def test_as_known_then_and_as_known_now_are_asked_at_one_instant(
    place: Place, tmp_path: Path
) -> None:
    copy = place.copy(tmp_path / "place")
    one = copy.pieces[0]
    with copy.open() as instance:
        then = instance.feed.visible_head()
        before = instance.clock()
        holder = instance.speaker(one.holder)
        holder.say(RevokeConsent(party=one.holder, everything=True))
        # A revocation acts from its position: at the instant before it, nothing differs.
        assert differences(instance.readings, then, valid_at=before).permissions == ()
        assert differences(instance.readings, then).permissions != ()


def test_every_balance_that_moved_names_its_entries_and_sums_to_zero(place: Place) -> None:
    with place.open() as instance:
        found = differences(instance.readings, 1)
        assert sum(row.after_micro - row.before_micro for row in found.balances) == 0
        assert {row.account.partition(":")[0] for row in found.balances} >= {
            "payable",
            "receivable",
            "commission",
        }
        for row in found.balances:
            assert row.positions
            assert row.before_micro == 0


def test_two_equal_points_do_not_differ(place: Place) -> None:
    with place.open() as instance:
        head = instance.feed.visible_head()
        found = differences(instance.readings, head, head)
        assert (found.permissions, found.balances) == ((), ())


def test_points_in_the_wrong_order_are_refused(place: Place) -> None:
    with place.open() as instance, pytest.raises(ValueError, match="before the first"):
        differences(instance.readings, 5, 3)
