"""Parties are registered once, give mandates of one step, and die."""

import pytest

from ledger.rights.states import MANDATE, NAME, PARTY
from schemas.commands.parties import DeclareDeath, GrantMandate, RegisterParty, RevokeMandate
from schemas.events.parties import PartyRegistered
from tests.kit.words import COMMITMENT, WORLD, sha, when
from tests.kit.world import World

ISNI = "0000000121032683"
IPI_BASE = "I-000000229-7"


def registration(world: World, called: str, **more: object) -> RegisterParty:
    words = {"party": world.id("pty", called), "kind": "organization", "name": called}
    return RegisterParty.read(words | more)


def mandate(world: World, **changes: object) -> GrantMandate:
    words = {
        "mandate": world.id("mnd", "m"),
        "grantor": world.id("pty", "L"),
        "mandatee": world.id("pty", "P"),
        "capacities": ["owner"],
        "uses": ["song"],
        "territories": WORLD,
        "effective_from": None,
        "effective_until": None,
    }
    return GrantMandate.read(words | changes)


def test_an_organization_is_registered_by_its_name(world: World) -> None:
    said = world.log.say(registration(world, "Q"), by=world["registrar"])
    assert isinstance(said.event, PartyRegistered)
    assert said.event.name == "Q"


def test_a_party_is_registered_once(world: World) -> None:
    world.log.refuses("party_duplicate", registration(world, "L"), by=world["registrar"])


def test_only_a_registrar_registers_parties(world: World) -> None:
    world.log.refuses("not_controller", registration(world, "Q"), by=world["L"])


@pytest.mark.parametrize(("scheme", "value"), [("isni", ISNI), ("ipi_base", IPI_BASE)])
def test_two_parties_never_carry_one_name(world: World, scheme: str, value: str) -> None:
    world.party("Q", **{scheme: value})
    command = registration(world, "R", **{scheme: value})
    caught = world.log.refuses("party_duplicate", command, by=world["registrar"])
    assert caught.pointer == f"/{scheme}"


def test_a_name_is_unique_in_its_compact_form(world: World) -> None:
    world.party("Q", isni="0000 0001 2103 2683")
    assert world.log.ask(NAME, f"isni/{ISNI}").party == world.id("pty", "Q")
    world.log.refuses("party_duplicate", registration(world, "R", isni=ISNI), by=world["registrar"])


def test_a_persons_name_is_a_commitment(world: World) -> None:
    command = registration(world, "Q", kind="person")
    assert world.log.refuses("value_unknown", command, by=world["registrar"]).pointer == "/name"


def test_an_organizations_name_stands_in_the_clear(world: World) -> None:
    command = registration(world, "Q", name=COMMITMENT.data())
    assert world.log.refuses("value_unknown", command, by=world["registrar"]).pointer == "/name"


def test_a_grantor_gives_a_mandate(world: World) -> None:
    world.log.say(mandate(world), by=world["L"])
    assert world.log.ask(MANDATE, world.id("mnd", "m")).valid_at(world.log.now)
    assert world.id("mnd", "m") in world.log.ask(PARTY, world.id("pty", "L")).mandates


def test_a_mandate_never_moves_the_mandatees_scope(world: World) -> None:
    tags = world.log.say(mandate(world), by=world["L"]).event.tags()
    assert f"rights:{world.id('pty', 'P')}" not in tags


def test_nobody_mandates_for_another(world: World) -> None:
    world.log.refuses("not_controller", mandate(world), by=world["P"])
    world.log.refuses("not_controller", mandate(world), by=world["registrar"])


def test_nobody_represents_itself(world: World) -> None:
    command = mandate(world, mandatee=world.id("pty", "L"))
    world.log.refuses("mandate_cycle", command, by=world["L"])


def test_a_mandate_has_one_step(world: World) -> None:
    command = mandate(world, capacities=["representative"])
    world.log.refuses("mandate_exceeds_grantor", command, by=world["L"])


def test_a_mandate_goes_to_a_registered_party(world: World) -> None:
    command = mandate(world, mandatee=world.id("pty", "Nobody"))
    assert world.log.refuses("unknown_id", command, by=world["L"]).pointer == "/mandatee"


def test_a_mandate_is_given_once(world: World) -> None:
    world.log.say(mandate(world), by=world["L"])
    world.log.refuses("id_reused", mandate(world), by=world["L"])


def test_a_mandate_reaches_somewhere(world: World) -> None:
    nowhere = {"include": ["DE"], "exclude": ["DE"]}
    world.log.refuses("territory_unknown", mandate(world, territories=nowhere), by=world["L"])


def test_a_mandate_ends_after_it_begins(world: World) -> None:
    window = {
        "effective_from": when("2026-02-01T00:00:00Z"),
        "effective_until": when("2026-02-01T00:00:00Z"),
    }
    world.log.refuses("value_unknown", mandate(world, **window), by=world["L"])


def test_a_mandate_is_valid_in_its_window_alone(world: World) -> None:
    window = {
        "effective_from": when("2026-02-01T00:00:00Z"),
        "effective_until": when("2026-03-01T00:00:00Z"),
    }
    world.log.say(mandate(world, **window), by=world["L"])
    state = world.log.ask(MANDATE, world.id("mnd", "m"))
    instants = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"]
    valid = [state.valid_at(world.log.at(f"{day}T00:00:00Z").now) for day in instants]
    assert valid == [False, True, True, False]


@pytest.mark.parametrize("who", ["L", "P", "registrar"])
def test_either_party_or_a_registrar_ends_a_mandate(world: World, who: str) -> None:
    world.log.say(mandate(world), by=world["L"])
    end = RevokeMandate(mandate=world.id("mnd", "m"), reason="over")
    world.log.say(end, by=world[who])
    assert not world.log.ask(MANDATE, world.id("mnd", "m")).valid_at(world.log.now)
    world.log.refuses("unknown_id", end, by=world["L"])


def test_a_stranger_ends_no_mandate(world: World) -> None:
    world.log.say(mandate(world), by=world["L"])
    end = RevokeMandate(mandate=world.id("mnd", "m"), reason="over")
    world.log.refuses("not_controller", end, by=world["V"])


def death(world: World, name: str) -> DeclareDeath:
    return DeclareDeath(party=world.id("pty", name), evidence_sha256=sha("certificate"))


def test_a_death_is_recorded_with_its_time(world: World) -> None:
    world.log.say(death(world, "V"), by=world["registrar"])
    assert world.log.ask(PARTY, world.id("pty", "V")).deceased_at == world.log.now


def test_nobody_dies_twice(world: World) -> None:
    world.log.say(death(world, "V"), by=world["registrar"])
    world.log.refuses("value_unknown", death(world, "V"), by=world["registrar"])


def test_an_organization_does_not_die(world: World) -> None:
    world.log.refuses("value_unknown", death(world, "L"), by=world["registrar"])


def test_the_death_of_a_stranger_is_not_recorded(world: World) -> None:
    world.log.refuses("unknown_id", death(world, "Nobody"), by=world["registrar"])


def test_an_estate_is_a_mandate_that_a_registrar_registers_after_a_death(world: World) -> None:
    estate = mandate(world, grantor=world.id("pty", "V"), capacities=["performer"])
    world.log.refuses("not_controller", estate, by=world["registrar"])
    world.log.say(death(world, "V"), by=world["registrar"])
    assert not world.log.ask(PARTY, world.id("pty", "V")).has_estate(world.log.now)
    world.log.say(estate, by=world["registrar"])
    assert world.log.ask(PARTY, world.id("pty", "V")).has_estate(world.log.now)


def test_a_mandate_given_in_life_is_no_estate(world: World) -> None:
    world.log.say(mandate(world, grantor=world.id("pty", "V")), by=world["V"])
    world.log.say(death(world, "V"), by=world["registrar"])
    assert not world.log.ask(PARTY, world.id("pty", "V")).has_estate(world.log.now)
