"""The process is killed half-way through a founding; saying it again gives one whole instance."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.beginning import begin
from service.founding import AlreadyFoundedError
from tests.e2e.driving import Driver
from tests.kit.instance import ORIGIN, POLICY, Place
from tests.kit.sound import check_sound, topics

WHOLE = ["LogOpened", "PartyRegistered", "KeyProposed", "KeyEnrolled", "ModelRegistered"]
POINTS = (
    "founding_after_keys",
    "founding_after_authority",
    "in_register_before_write:1",  # an empty register
    "facts_before_named",
    "founding_after_named",
    "before_commit:1",
    "after_commit_before_register:1",
    "in_register_before_write:2",
    "after_visible_head_before_answer:1",
    "after_answer:1",
    "before_commit:3",
    "after_answer:3",
    "before_submit:5",
    "after_answer:5",
)


def found(place: Place, origin: str = ORIGIN) -> None:
    begin(
        place.settings,
        origin=origin,
        operator_name="Operator",
        policy=POLICY,
    )


@pytest.mark.parametrize("point", POINTS)
def test_a_founding_is_finished_by_saying_it_again(
    point: str, driver: Driver, tmp_path: Path
) -> None:
    place = Place(tmp_path / "place")
    driver.run(place, "found", kill=point).check_killed()
    if point == "after_answer:5":
        with pytest.raises(AlreadyFoundedError):  # it was whole, and nobody had been told
            found(place)
    else:
        found(place)
    with place.open(work=True) as instance:
        assert topics(instance) == WHOLE
        check_sound(instance)
        credentials = instance.credentials()
        assert credentials.chain.is_file()
        assert credentials.key.is_file()
        assert instance.settings.policy.read_text().startswith("log ")
    with pytest.raises(AlreadyFoundedError):
        found(place)


def test_another_origin_is_not_put_over_one_that_stopped_half_way(
    driver: Driver, tmp_path: Path
) -> None:
    place = Place(tmp_path / "place")
    driver.run(place, "found", kill="founding_after_named").check_killed()
    with pytest.raises(AlreadyFoundedError):
        found(place, "other.example/2026")


def test_an_instance_that_somebody_holds_is_founded_already(place: Place) -> None:
    with place.open(), pytest.raises(AlreadyFoundedError, match="there is an instance in"):
        found(place)
