"""The process is killed between any two steps of a generation; it is made, owed and told once."""

from __future__ import annotations

import pytest

from projections.royalties.queries import balances
from schemas.commands.generations import AuthorizeGeneration
from schemas.events.generations import GenerationCompleted
from schemas.events.royalties import RoyaltyAccrued
from schemas.ids import new_id
from service.instance import Instance
from service.speaking import Said
from tests.e2e.driving import Driver, rows
from tests.e2e.steps import is_lost, of_append
from tests.kit.instance import Place, signed
from tests.kit.sound import check_sound, events, topics, wait_ended, wait_folded

AUTHORIZED = ["GenerationAuthorized", "FeeAgreed"]
COMPLETED = ["GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued"]

WORKER = (
    "before_render",
    "rendered_before_embed",
    "embedded_before_put",
    "put_before_finished",
    "finished_before_named",
    "after_render",
    "before_report",
    "after_report",
)
POINTS = (
    *of_append(1),  # authorized
    *WORKER,
    *of_append(2),  # completed
    "before_projection_commit:1",
    "before_projection_commit:6",
)


def authorize(place: Place) -> tuple[str, Said]:
    with place.open() as instance:
        request = place.request(instance)
        command = AuthorizeGeneration(verification=new_id("ver"), request=request)
        return request.generation, signed(instance.speaker(place.creator), command)


@pytest.mark.parametrize("point", POINTS)
def test_a_generation_is_made_once(point: str, place: Place, driver: Driver) -> None:
    generation, said = authorize(place)
    killed = driver.run(place, said=rows(said), wait=generation, kill=point).check_killed()
    with place.open(work=True) as instance:
        if not is_lost(point):
            wait_ended(instance, generation)
        again = instance.application.handle(said.raw)
        assert again.replayed == (not is_lost(point))
        assert killed.acknowledged in ({}, {again.command: again.positions})
        wait_ended(instance, generation)
        check_once(place, instance, generation)
        # The worker's word again, and the creator's: nothing more happens.
        finished = instance.settings.workers / generation / "finished.cose"
        assert instance.finisher.finish(finished.read_bytes()).replayed
        assert instance.application.handle(said.raw).positions == again.positions
        assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]


def check_once(place: Place, instance: Instance, generation: str) -> None:
    """One authorization, one output, one accrual: by events, by balances and by files."""
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
    found = events(instance, f"job:{generation}")
    completed = next(event for event in found if isinstance(event, GenerationCompleted))
    accrued = next(event for event in found if isinstance(event, RoyaltyAccrued))
    assert instance.artifacts.path(completed.artifact_sha256).is_file()
    left = {path.name for path in (instance.settings.workers / generation).iterdir()}
    assert left == {"finished.cose", "units.json", "expires"}
    assert sum(leg.amount.micro() for leg in accrued.legs) == accrued.pool.micro()
    check_sound(instance)
    for piece in place.pieces:
        earned = sum(leg.amount.micro() for leg in accrued.legs if leg.party == piece.holder)
        (balance,) = balances(instance.readings, piece.holder).rows
        assert balance.owed_micro == earned > 0


def test_what_nobody_asked_for_again_is_found_and_finished(place: Place, driver: Driver) -> None:
    """Two that were authorized, the first of them half rendered: a start needs nobody to ask."""
    pairs = [authorize(place) for _ in range(2)]
    said = rows(*(one for _, one in pairs))
    driver.run(place, said=said, wait=pairs[1][0], kill="embedded_before_put").check_killed()
    with place.open(work=True) as instance:
        for generation, one in pairs:
            instance.application.handle(one.raw)
            wait_ended(instance, generation)
            assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
        wait_folded(instance)
        check_sound(instance)


def test_killed_again_and_again(place: Place, driver: Driver) -> None:
    generation, said = authorize(place)
    for point in ("before_render", "put_before_finished", "after_render", "before_commit"):
        driver.run(place, said=rows(said), wait=generation, kill=point)
    with place.open(work=True) as instance:
        wait_ended(instance, generation)
        assert instance.application.handle(said.raw).replayed
        check_once(place, instance, generation)
