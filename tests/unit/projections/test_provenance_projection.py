"""Where was my song used and what did it earn; what is this file; who was refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from projections.provenance import files, queries, refusals
from schemas.commands.generations import CancelGeneration, CountRefusals, ExpireAuthorization
from schemas.model import Commitment
from tests.kit.demand import authorize, authorized, complete, report, request, songs, verify
from tests.kit.projected import Projected
from tests.kit.words import audio, sha
from tests.kit.world import World
from tests.support.places import Place


def projected(world: World, tables_at: Place) -> Projected:
    return Projected(world.log, tables_at).catch_up()


def completed(name: str = "g", **more: Any) -> World:
    """Fixture F after one commercial generation of S1 (7/10) and S2 (3/10)."""
    world = songs()
    rows = [
        {"recording": world.asset("S1"), "use": "song", "role": "lead", "weight": "7"},
        {"recording": world.asset("S2"), "use": "song", "role": "lead", "weight": "3"},
    ]
    authorize(world, request(world, *rows, name=name, tier="commercial", **more))
    complete(world, name)
    return world


def test_a_holder_sees_where_its_song_was_used_and_what_it_earned(tables_at: Place) -> None:
    world = completed()
    tables = projected(world, tables_at)
    (use,) = queries.uses_of_party(tables.readings, world.id("pty", "L")).rows
    assert (use.generation, use.recording) == (world.id("gen", "g"), world.asset("S1"))
    assert (use.tier, use.step.step, use.outputs) == (
        "commercial",
        "completed",
        (world.id("out", "g"),),
    )
    assert [(leg.side, leg.amount_micro) for leg in use.legs] == [("master", 490_000)]
    (reference,) = use.references
    assert (str(reference.weight), reference.use, reference.role) == ("7/10", "song", "lead")
    assert not hasattr(use, "creator"), "a holder does not learn who asked"


def test_of_an_asset_everybodys_earnings_are_seen(tables_at: Place) -> None:
    world = completed()
    tables = projected(world, tables_at)
    (use,) = queries.uses_of_asset(tables.readings, world.asset("S1")).rows
    assert {(leg.party, leg.amount_micro) for leg in use.legs} == {
        (world.id("pty", "L"), 490_000),
        (world.id("pty", "P1"), 294_000),
        (world.id("pty", "P2"), 196_000),
    }
    work = use.references[0].works[0]
    (of_work,) = queries.uses_of_asset(tables.readings, work).rows
    assert {leg.side for leg in of_work.legs} == {"publishing"}


def test_what_each_recording_has_earned(tables_at: Place) -> None:
    world = completed()
    tables = projected(world, tables_at)
    rows = queries.earned(tables.readings, party=world.id("pty", "Q")).rows
    assert [(row.recording, row.amount_micro, row.generations) for row in rows] == [
        (world.asset("S2"), 420_000, 1)
    ]
    everybody = queries.earned(tables.readings, recording=world.asset("S1")).rows
    assert [row.amount_micro for row in everybody] == [980_000]


def test_what_was_owed_at_the_position_of_the_license(tables_at: Place) -> None:
    world = completed()
    tables = projected(world, tables_at)
    name, license_at = world.id("gen", "g"), _position(world, "FeeAgreed")
    fees = queries.fees_of(tables.readings, name, as_of=license_at).rows
    assert [(fee.stage, fee.fee_micro, fee.pool_micro) for fee in fees] == [
        ("agreed", 2_000_000, 1_400_000)
    ]
    agreed = queries.legs_of(tables.readings, name, as_of=license_at).rows
    assert sum(leg.amount_micro for leg in agreed) == 1_400_000
    assert queries.legs_of(tables.readings, name, stage="accrued", as_of=license_at).rows == ()
    accrued = queries.legs_of(tables.readings, name, stage="accrued").rows
    assert [replace(leg, position=0) for leg in accrued] == [
        replace(leg, position=0) for leg in agreed
    ]


def _position(world: World, topic: str) -> int:
    return next(row.position for row in world.log.recorded if topic == row.event.TOPIC)


def test_before_completion_a_use_has_earned_nothing(tables_at: Place) -> None:
    world = completed()
    tables = projected(world, tables_at)
    party, at = world.id("pty", "L"), _position(world, "FeeAgreed")
    (use,) = queries.uses_of_party(tables.readings, party, as_of=at).rows
    assert (use.step.step, use.outputs, use.legs) == ("authorized", (), ())
    earlier = queries.uses_of_party(tables.readings, party, as_of=at - 2).rows
    assert earlier == ()


def test_a_file_is_found_by_id_urn_and_each_of_its_hashes(tables_at: Place) -> None:
    world = completed()
    tables = projected(world, tables_at)
    found = files.output_of(tables.readings, world.id("out", "g")).one
    assert found is not None
    assert found.manifest is not None
    urn = authorized(world).manifest_urn
    assert found.manifest.manifest_urn == urn
    assert set(found.manifest.ingredients) == {world.asset("S1"), world.asset("S2")}
    identity = audio("output")
    for sha256 in (identity["file_sha256"], identity["frames_sha256"], found.artifact_sha256):
        assert files.outputs_by_hash(tables.readings, sha256).rows == (found,)
    assert files.outputs_by_urn(tables.readings, urn).rows == (found,)
    assert files.outputs_of_generation(tables.readings, world.id("gen", "g")).rows == (found,)
    assert files.outputs_by_hash(tables.readings, sha("never made")).rows == ()


def test_a_manifest_is_known_from_its_authorization_on(tables_at: Place) -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    tables = projected(world, tables_at)
    urn = authorized(world).manifest_urn
    found = queries.generation_by_urn(tables.readings, urn).one
    assert found is not None
    assert (found.generation, found.step.step) == (world.id("gen", "g"), "authorized")
    assert files.outputs_by_urn(tables.readings, urn).rows == ()


def test_a_lying_file_lies_in_quarantine(tables_at: Place) -> None:
    world = songs()
    authorize(world, request(world, "S1", "S2"))
    lie = report(world, ingredients=sorted([world.asset("S1"), world.asset("S3")]))
    world.log.say(lie, by=world["process"])
    tables = projected(world, tables_at)
    (found,) = files.in_quarantine(tables.readings).rows
    assert (found.generation, found.code) == (world.id("gen", "g"), "reference_set_mismatch")
    assert found.differences
    assert found.artifact_sha256 is not None
    assert files.in_quarantine(tables.readings, sha256=found.artifact_sha256).rows == (found,)
    assert files.outputs_by_hash(tables.readings, found.artifact_sha256).rows == ()
    steps = queries.steps_of(tables.readings, world.id("gen", "g")).rows
    assert [(row.step, row.code) for row in steps] == [
        ("authorized", None),
        ("failed", "reference_set_mismatch"),
    ]


@pytest.mark.parametrize("end", ["canceled", "expired"])
def test_a_generation_that_ended_without_a_file(tables_at: Place, end: str) -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    name = world.id("gen", "g")
    if end == "canceled":
        world.log.say(CancelGeneration(generation=name), by=world["C"])
    else:
        world.log.at("2026-03-01T13:00:00Z")
        world.log.say(ExpireAuthorization(generation=name), by=world["process"])
    tables = projected(world, tables_at)
    found = queries.generation_of(tables.readings, name).one
    assert found is not None
    assert found.step.step == end


def refused(times: int = 0) -> World:
    """Fixture F after a refused verification: S1's voice, whose singer nobody confirmed."""
    world = songs(L={"tiers": ["private"]})
    verify(world, request(world, "S1", "S2", tier="commercial"))
    if times:
        said = CountRefusals(
            refusal=_position(world, "VerificationRefused"),
            subject=world.id("ver", "v"),
            repeats=times,
        )
        world.log.say(said, by=world["process"])
    return world


def test_a_holder_sees_the_demand_that_was_turned_down_with_its_own_reasons(
    tables_at: Place,
) -> None:
    world = refused(3)
    tables = projected(world, tables_at)
    (mine,) = refusals.refusals_of_party(tables.readings, world.id("pty", "L")).rows
    assert (mine.code, mine.tier, mine.repeats) == ("tier_not_permitted", "commercial", 3)
    assert {reason["party"] for reason in mine.reasons} == {world.id("pty", "L")}
    assert set(mine.recordings) == {world.asset("S1"), world.asset("S2")}
    (other,) = refusals.refusals_of_party(tables.readings, world.id("pty", "Q")).rows
    assert other.reasons == ()
    assert world.id("pty", "C") not in repr((mine, other)), "nobody learns who asked"


def test_a_creator_sees_clause_and_side_but_not_whose_they_are(tables_at: Place) -> None:
    world = refused()
    tables = projected(world, tables_at)
    (row,) = refusals.refusals_of_creator(tables.readings, world.id("pty", "C")).rows
    (reason,) = row.reasons
    assert (reason["side"], reason["clause"], reason["party"]) == ("master", "tiers", None)
    assert row.alternatives
    (full,) = refusals.refusals_of_asset(tables.readings, world.asset("S1")).rows
    assert full.reasons[0]["party"] == world.id("pty", "L")


def test_a_refused_generation_that_is_authorized_later_is_one_use(tables_at: Place) -> None:
    world = songs(L={"until": "2026-02-01T00:00:00Z"})
    authorize(world, request(world, "S1"))
    world.consent("again", "L", ["S1"])
    authorize(world, request(world, "S1"), name="w")
    tables = projected(world, tables_at)
    uses = queries.uses_of_party(tables.readings, world.id("pty", "L")).rows
    assert [use.position for use in uses] == [_position(world, "GenerationAuthorized")]


def test_a_creator_lists_its_own_generations_newest_first(tables_at: Place) -> None:
    world = songs()
    for name in ("a", "b", "c"):
        authorize(world, request(world, "S1", name=name), name=f"v{name}")
    tables = projected(world, tables_at)
    creator = world.id("pty", "C")
    page = queries.generations_of(tables.readings, creator, limit=2).rows
    assert [row.generation for row in page] == [world.id("gen", "c"), world.id("gen", "b")]
    rest = queries.generations_of(tables.readings, creator, before=page[-1].position).rows
    assert [row.generation for row in rest] == [world.id("gen", "a")]
    assert queries.generations_of(tables.readings, world.id("pty", "L")).rows == ()


def test_a_page_never_ends_between_two_recordings_of_one_generation(tables_at: Place) -> None:
    world = songs()
    for name in ("a", "b"):
        authorize(world, request(world, "S2", "S3", name=name), name=f"v{name}")
    tables = projected(world, tables_at)
    owner = world.id("pty", "Q")
    page = queries.uses_of_party(tables.readings, owner, limit=1).rows
    assert [row.generation for row in page] == [world.id("gen", "b")] * 2
    rest = queries.uses_of_party(tables.readings, owner, limit=1, before=page[-1].position).rows
    assert [row.generation for row in rest] == [world.id("gen", "a")] * 2


def test_a_verification_that_cleared(tables_at: Place) -> None:
    world = songs()
    verify(world, request(world, "S1"))
    tables = projected(world, tables_at)
    found = queries.clearance_of(tables.readings, world.id("ver", "v")).one
    assert found is not None
    assert (found.fee_micro, found.pool_micro) == (100_000, 70_000)


def test_erasing_who_the_creator_is_changes_no_digest(tables_at: Place, tmp_path: Path) -> None:
    """Rules, X12: commitments take the place of openings, and every digest stays what it was."""
    world = completed()
    verify(world, request(world, "S3", name="h"), name="w")
    before = projected(world, tables_at)
    digests = {name: before.digest(name) for name in ("provenance", "royalties", "permissions")}
    hidden = Commitment(commit="B" * 43)
    for number, row in enumerate(world.log.recorded):
        private = {name: hidden for name in row.event.COMMITTED if hasattr(row.event, name)}
        erased = row.event.model_copy(update=private)
        actor = hidden if row.event.PRIVATE_ACTOR else row.actor
        world.log.recorded[number] = replace(row, event=erased, actor=actor)
    after = Projected(world.log, tmp_path / "after.db").catch_up()
    assert {name: after.digest(name) for name in digests} == digests
    assert queries.generations_of(after.readings, world.id("pty", "C")).rows == ()
