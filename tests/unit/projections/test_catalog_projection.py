"""The catalog: what was registered, claimed and confirmed, at any position, and how it is found."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from projections.catalog import queries
from schemas.commands.catalog import (
    ConfirmLink,
    DeclareMoralRestriction,
    DeclarePublicDomain,
    LeaveInferenceSet,
    LiftMoralRestriction,
    LinkRecordingToWork,
)
from schemas.commands.parties import DeclareDeath, GrantMandate, RevokeKey, RevokeMandate
from schemas.commands.shares import WithdrawShare
from schemas.commands.terms import RetireModel, WithdrawTariff
from schemas.events.parties import PartyRegistered
from schemas.period import parse_instant
from tests.kit.projected import Projected
from tests.kit.words import WORLD, sha
from tests.kit.world import World
from tests.support.places import Place


@pytest.fixture
def world() -> World:
    world = World.opened().party("L", "P").party("V", kind="person")
    return world.recording("S1", isrc="DEA123456789").work("W1", iswc="T0345246801")


def projected(world: World, tables_at: Place) -> Projected:
    return Projected(world.log, tables_at).catch_up()


def test_parties_are_listed_in_the_order_of_their_registration(
    world: World, tables_at: Place
) -> None:
    tables = projected(world, tables_at)
    rows = queries.parties(tables.readings).rows
    assert [row.name for row in rows] == ["ledger.example/2026", "Operator", "L", "P", None]
    page = queries.parties(tables.readings, limit=3).rows
    rest = queries.parties(tables.readings, after=page[-1].position).rows
    assert [row.party for row in rest] == [world.id("pty", "P"), world.id("pty", "V")]


def test_a_death_is_known_from_its_position(world: World, tables_at: Place) -> None:
    before = world.log.head()
    death = DeclareDeath(party=world.id("pty", "V"), evidence_sha256=sha("certificate"))
    world.log.say(death, by=world["registrar"])
    tables = projected(world, tables_at)
    who = world.id("pty", "V")
    now = queries.parties(tables.readings, party=who).one
    then = queries.parties(tables.readings, party=who, as_of=before).one
    assert now is not None
    assert then is not None
    assert (now.deceased, then.deceased) == (True, False)


def test_a_recording_is_found_by_id_isrc_and_hash(world: World, tables_at: Place) -> None:
    tables = projected(world, tables_at)
    row = queries.recordings(tables.readings, recording=world.asset("S1")).one
    assert row is not None
    assert (row.title, row.isrc, row.duration_ms) == ("Song S1", "DEA123456789", 180_000)
    assert queries.recordings(tables.readings, isrc="DEA123456789").rows == (row,)
    for sha256 in (row.audio.file_sha256, row.audio.frames_sha256):
        assert queries.recordings(tables.readings, sha256=sha256).rows == (row,)
    assert queries.recordings(tables.readings, sha256=sha("unknown")).rows == ()


def test_stems_of_a_recording(world: World, tables_at: Place) -> None:
    world.recording("S2", stems=("guitar", "bass"))
    tables = projected(world, tables_at)
    found = queries.stems(tables.readings, world.asset("S2")).rows
    assert [row.stem for row in found] == ["bass", "guitar"]


def test_a_work_in_the_public_domain(world: World, tables_at: Place) -> None:
    before = world.log.head()
    free = DeclarePublicDomain(work=world.asset("W1"), evidence_sha256=sha("1770"))
    world.log.say(free, by=world["registrar"])
    tables = projected(world, tables_at)
    (row,) = queries.works(tables.readings, iswc="T0345246801").rows
    assert row.public_domain
    (then,) = queries.works(tables.readings, as_of=before).rows
    assert not then.public_domain


def test_a_link_is_proposed_then_confirmed(world: World, tables_at: Place) -> None:
    link = world.id("lnk", "one")
    data = {"link": link, "recording": world.asset("S1"), "work": world.asset("W1")}
    proposed = world.log.say(LinkRecordingToWork.read(data), by=world["registrar"]).position
    world.log.say(ConfirmLink(link=link), by=world["registrar"])
    tables = projected(world, tables_at)

    def status(as_of: int | None) -> list[str]:
        rows = queries.links(tables.readings, recording=world.asset("S1"), as_of=as_of).rows
        return [row.status for row in rows]

    assert (status(proposed - 1), status(proposed), status(None)) == (
        [],
        ["proposed"],
        ["confirmed"],
    )
    assert queries.links(tables.readings, work=world.asset("W1")).rows


def test_a_share_is_claimed_confirmed_and_withdrawn(world: World, tables_at: Place) -> None:
    claimed = world.log.head() + 1
    share = world.share("S1", "L", "1", until="2030-01-01T00:00:00Z")
    withdrawal = WithdrawShare(share=share, reason="sold")
    withdrawn = world.log.say(withdrawal, by=world["L"]).position
    tables = projected(world, tables_at)
    asset = world.asset("S1")
    seen = [
        queries.shares(tables.readings, asset=asset, as_of=position).one
        for position in (claimed, claimed + 1, withdrawn)
    ]
    assert [row.status for row in seen if row] == ["claimed", "confirmed", "withdrawn"]
    last = seen[-1]
    assert last is not None
    assert last.window.until is not None
    assert (last.party, str(last.fraction), last.confirmer) == (
        world.id("pty", "L"),
        "1",
        world["registrar"].party,
    )


def test_credits_and_who_sings(world: World, tables_at: Place) -> None:
    world.credit("S1", "V", "singer", vocal=True, stems=["voice"])
    world.vocals("S1", "none").vocals("S1", {"V": ["voice"]})
    tables = projected(world, tables_at)
    (credit,) = queries.credits_of(tables.readings, party=world.id("pty", "V")).rows
    assert (credit.role, credit.vocal, credit.stems) == ("singer", True, ("voice",))
    (vocals,) = queries.vocals(tables.readings, world.asset("S1")).rows
    assert (vocals.vocals, vocals.status) == ("performers", "confirmed")
    assert vocals.performers[0]["party"] == world.id("pty", "V")


def test_a_moral_restriction_is_declared_and_lifted(world: World, tables_at: Place) -> None:
    world.credit("S1", "V")
    declared = DeclareMoralRestriction(asset=world.asset("S1"), purposes=("political",))
    at = world.log.say(declared, by=world["V"]).position
    world.log.say(LiftMoralRestriction(asset=world.asset("S1")), by=world["V"])
    tables = projected(world, tables_at)
    (row,) = queries.restrictions(tables.readings, asset=world.asset("S1"), as_of=at).rows
    assert row.purposes == ("political",)
    assert queries.restrictions(tables.readings, asset=world.asset("S1")).rows == ()


def test_models_and_their_inference_sets(world: World, tables_at: Place) -> None:
    world.share("S1", "L", "1")
    world.consent("yes", "L", ["S1"])
    model = world.model("mosaic")
    world.enter("mosaic", "S1")
    entered = world.log.head()
    leave = LeaveInferenceSet(recording=world.asset("S1"), model=model, reason="asked to")
    world.log.say(leave, by=world["platform"])
    world.log.say(RetireModel(model=model, reason="old"), by=world["platform"])
    tables = projected(world, tables_at)
    (row,) = queries.inference_set(tables.readings, model=model, as_of=entered).rows
    assert row.recording == world.asset("S1")
    assert queries.inference_set(tables.readings, model=model).rows == ()
    now, then = (
        queries.models(tables.readings, model=model, as_of=position).one
        for position in (None, entered)
    )
    assert now is not None
    assert then is not None
    assert (now.status, then.status) == ("retired", "registered")
    assert now.capabilities == then.capabilities


def test_a_tariff_is_in_force_within_its_window_until_it_is_withdrawn(
    world: World, tables_at: Place
) -> None:
    tariff = world.tariff("v1", until="2026-06-01T00:00:00Z")
    published = world.log.head()
    world.log.at("2026-02-01T00:00:00Z")
    world.log.say(WithdrawTariff(tariff=tariff, reason="new one"), by=world["platform"])
    tables = projected(world, tables_at)
    moments = ["2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"]

    def count(moment: str, *, as_of: int | None, in_force: bool = True) -> int:
        answer = queries.tariffs(
            tables.readings, as_of=as_of, valid_at=parse_instant(moment), in_force=in_force
        )
        return len(answer.rows)

    assert [count(moment, as_of=published) for moment in moments] == [1, 0]
    assert count(moments[0], as_of=None) == 0
    assert count(moments[1], as_of=None, in_force=False) == 1


def test_mandates_give_power_until_they_are_revoked(world: World, tables_at: Place) -> None:
    data: dict[str, Any] = {
        "mandate": world.id("mnd", "one"),
        "grantor": world.id("pty", "L"),
        "mandatee": world.id("pty", "P"),
        "capacities": ["owner"],
        "uses": ["song"],
        "territories": WORLD,
    }
    granted = world.log.say(GrantMandate.read(data), by=world["L"]).position
    revoked = RevokeMandate(mandate=data["mandate"], reason="enough")
    world.log.say(revoked, by=world["L"])
    tables = projected(world, tables_at)
    grantor = world.id("pty", "L")
    (then,) = queries.mandates(tables.readings, grantor=grantor, as_of=granted).rows
    assert then.mandatee == world.id("pty", "P")
    assert queries.mandates(tables.readings, grantor=grantor).rows == ()
    (now,) = queries.mandates(tables.readings, grantor=grantor, in_force=False).rows
    assert now.status == "revoked"


def test_keys_and_when_they_were_stolen(world: World, tables_at: Place) -> None:
    stolen = RevokeKey(
        key=world["L"].key, reason="stolen", compromised_since="2025-12-31T00:00:00Z"
    )
    world.log.say(stolen, by=world["registrar"])
    tables = projected(world, tables_at)
    (row,) = queries.keys(tables.readings, party=world.id("pty", "L")).rows
    assert (row.status, row.reason, row.public_key) == ("revoked", "stolen", world["L"].public_key)
    assert row.compromised_since is not None
    (finance,) = queries.keys(tables.readings, key=world["finance"].key).rows
    assert finance.roles == ("finance",)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("song s1", "Song S1, Somebody"),
        ("SOMEBODY", "Song S1, Somebody"),
        ("dea123456789", "Song S1, Somebody"),
        ("work", "Work W1"),
        ("T0345246801", "Work W1"),
        ("operator", "Operator"),
        ("mosaic", "mosaic 1"),
        ("beyonce", "Été, Beyoncé"),
        ("ETE", "Été, Beyoncé"),
    ],
)
def test_search_finds_titles_names_and_numbers(
    world: World, tables_at: Place, text: str, first: str
) -> None:
    world.model("mosaic")
    world.recording("S2", title="Été", artist="Beyoncé")
    tables = projected(world, tables_at)
    assert queries.search(tables.readings, text).rows[0].label == first


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "\\", "no such thing"])
def test_search_takes_nothing_for_a_pattern(world: World, tables_at: Place, text: str) -> None:
    tables = projected(world, tables_at)
    assert queries.search(tables.readings, text).rows == ()


def test_an_exact_name_comes_first_and_kinds_can_be_chosen(world: World, tables_at: Place) -> None:
    world.recording("S2", title="L", artist="Another").recording("S3", title="Love", artist="X")
    tables = projected(world, tables_at)
    found = queries.search(tables.readings, "l").rows
    assert {row.label for row in found[:2]} == {"L", "L, Another"}
    only = queries.search(tables.readings, "l", kind="party").rows
    assert {row.kind for row in only} == {"party"}


def test_a_search_in_the_past_finds_what_was_there(world: World, tables_at: Place) -> None:
    before = world.log.head()
    world.recording("S2", title="Later")
    tables = projected(world, tables_at)
    assert queries.search(tables.readings, "later", as_of=before).rows == ()
    assert len(queries.search(tables.readings, "later").rows) == 1


def test_a_persons_name_is_found_while_it_is_open_and_is_in_no_digest(
    world: World, tables_at: Place, tmp_path: Path
) -> None:
    """The feed opens what may be opened; erasing the opening changes no digest (rules, X12)."""
    erased = projected(world, tables_at)
    person = world.id("pty", "V")
    for number, row in enumerate(world.log.recorded):
        if isinstance(row.event, PartyRegistered) and row.event.party == person:
            opened = row.event.model_copy(update={"name": "Vera Stimme"})
            world.log.recorded[number] = replace(row, event=opened)
    tables = Projected(world.log, tmp_path / "open.db").catch_up()
    (found,) = queries.search(tables.readings, "vera").rows
    assert (found.kind, found.id, found.label) == ("party", person, "Vera Stimme")
    assert tables.digest("catalog") == erased.digest("catalog")
    assert queries.search(erased.readings, "vera").rows == ()
