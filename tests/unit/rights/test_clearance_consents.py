"""Which consent speaks for a party, and what it says (clearance, 9, 12-15)."""

from typing import Any

from schemas.commands.consents import AffirmConsent, ChangeConsent, RevokeConsent
from schemas.commands.parties import RevokeKey
from tests.kit.demand import codes, reasons, request, songs, verify
from tests.kit.world import World


def cited(world: World, *rows: Any, **more: Any) -> set[str]:
    """Return the consents that a cleared request rests on."""
    name = f"v{world.log.head()}"
    found = verify(world, request(world, *(rows or ("S1",)), **more), name).event
    return {each.consent for row in found.references for each in row.consents}


def without_l() -> World:
    """Fixture F in which L has revoked the consent that it gave for S1 and S4, by name."""
    world = songs()
    revoke(world, consent=world.id("cns", "L's masters"))
    return world


def revoke(world: World, party: str = "L", **target: Any) -> None:
    command = RevokeConsent.read({"party": world.id("pty", party), **target})
    world.log.say(command, by=world[party])


def test_of_several_that_permit_the_lowest_floor_is_cited() -> None:
    world = without_l()
    floors = {"private": {"amount": "0.01", "currency": "EUR"}}
    world.consent("dear", "L", ["S1"], floors=floors)
    free = world.consent("free", "L", ["S1"])
    assert free in cited(world)
    assert world.id("cns", "dear") not in cited(world)


def test_of_equal_floors_the_smallest_id_is_cited() -> None:
    world = without_l()
    both = {world.consent("a", "L", ["S1"]), world.consent("b", "L", ["S1"])}
    assert cited(world) & both == {min(both)}


def test_a_consent_to_the_catalog_speaks_for_every_recording() -> None:
    world = without_l()
    name = world.consent("all", "L")
    assert name in cited(world, "S1")
    assert name in cited(world, "S4", name="g2")


def test_clauses_of_two_consents_never_combine() -> None:
    world = without_l()
    world.consent("guitar", "L", ["S1"], parameters=["guitar"], tiers=["private"])
    world.consent("voice", "L", ["S1"], parameters=["voice"], tiers=["commercial"])
    row = {"recording": world.asset("S1"), "use": "parameter", "role": "lead", "weight": "1"}
    both = request(world, row | {"parameters": ["guitar", "voice"]})
    assert codes(verify(world, both))[0] == "parameter_not_permitted"


def test_two_rows_may_rest_on_two_consents() -> None:
    world = without_l()
    one = world.consent("guitar", "L", ["S1"], parameters=["guitar"])
    two = world.consent("voice", "L", ["S1"], parameters=["voice"])
    row = {"recording": world.asset("S1"), "use": "parameter", "role": "lead", "weight": "1"}
    found = cited(world, row | {"parameters": ["guitar"]}, row | {"parameters": ["voice"]})
    assert {one, two} <= found


def test_the_consent_that_comes_closest_speaks_with_all_its_clauses() -> None:
    world = without_l()
    world.consent("far", "L", ["S1"], uses=[], models=["conditioner"])
    near = world.consent("near", "L", ["S1"], tiers=["commercial"], until="2026-02-01T00:00:00Z")
    said = verify(world, request(world, "S1"))
    assert codes(said) == ["tier_not_permitted", "outside_window"]
    assert {each.consent for each in said.event.reasons} == {near}


def test_of_equally_close_ones_the_smallest_id_speaks() -> None:
    world = without_l()
    both = [
        world.consent(name, "L", ["S1"], tiers=["commercial"]) for name in ("one", "two", "three")
    ]
    said = verify(world, request(world, "S1"))
    assert [each.consent for each in said.event.reasons] == [min(both)]


def test_revoked_ones_speak_only_where_there_is_no_other() -> None:
    world = without_l()
    assert codes(verify(world, request(world, "S1"))) == ["consent_revoked"]
    world.consent("expired", "L", ["S1"], until="2026-02-01T00:00:00Z")
    assert codes(verify(world, request(world, "S1"), "v2")) == ["outside_window"]


def test_who_never_consented_is_a_no() -> None:
    world = songs()
    world.recording("S5").work("W5").link("S5", "W5").vocals("S5", "none")
    world.share("S5", "L", "1")
    world.share("W5", "P1", "1")
    world.consent("master", "L", ["S5"])
    world.enter("mosaic", "S5")
    said = verify(world, request(world, "S5"))
    assert reasons(said) == [
        ("no_consent", 0, "publishing", world.id("pty", "P1"), "consent"),
    ]


def test_a_consent_in_one_capacity_does_not_speak_in_another() -> None:
    world = songs()
    world.recording("S5").work("W5").link("S5", "W5").vocals("S5", "none")
    world.share("S5", "Q", "1")
    world.share("W5", "Q", "1")
    world.consent("masters", "Q", capacity="owner")
    world.enter("mosaic", "S5")
    said = verify(world, request(world, "S5"))
    assert [each[:3] for each in reasons(said)] == [("no_consent", 0, "publishing")]


def test_a_revocation_of_an_asset_cuts_it_out_of_a_catalog_too() -> None:
    world = without_l()
    world.consent("all", "L")
    revoke(world, asset=world.asset("S1"))
    assert codes(verify(world, request(world, "S1"))) == ["consent_revoked"]
    assert not verify(world, request(world, "S4"), "v2").refused


def test_a_consent_given_after_a_revocation_is_not_met_by_it() -> None:
    world = songs()
    revoke(world, asset=world.asset("S1"))
    again = world.consent("again", "L", ["S1"])
    assert again in cited(world)


def test_a_recording_and_its_work_are_two_assets() -> None:
    world = songs()
    revoke(world, "Q", asset=world.asset("S2"))
    said = verify(world, request(world, "S2"))
    assert reasons(said) == [("consent_revoked", 0, "master", world.id("pty", "Q"), "revocation")]


def test_a_notice_period_delays_a_revocation_and_never_refuses_it() -> None:
    world = songs(L={"revocation": {"notice_days": 30, "in_flight": "complete", "survives": True}})
    revoke(world, asset=world.asset("S1"))
    assert not verify(world, request(world, "S1")).refused
    world.log.at("2026-03-31T11:59:59Z")
    assert not verify(world, request(world, "S1"), "v2").refused
    world.log.at("2026-03-31T12:00:00Z")
    assert codes(verify(world, request(world, "S1"), "v3")) == ["consent_revoked"]


def test_words_are_those_in_force_and_their_position_is_cited() -> None:
    world = songs()
    name = world.id("cns", "L's masters")
    narrower = world.words("L's masters", "L", ["S1", "S4"], tiers=["commercial"])
    said = world.log.say(ChangeConsent.read({"consent": narrower}), by=world["L"])
    assert codes(verify(world, request(world, "S1"))) == ["tier_not_permitted"]
    found = verify(world, request(world, "S1", tier="commercial"), "v2").event
    positions = {each.consent: each.position for each in found.references[0].consents}
    assert positions[name] == said.position


def test_an_asset_left_out_of_the_new_words_has_no_consent() -> None:
    world = songs()
    narrower = world.words("L's masters", "L", ["S4"])
    world.log.say(ChangeConsent.read({"consent": narrower}), by=world["L"])
    assert codes(verify(world, request(world, "S1"))) == ["no_consent"]


def test_what_a_stolen_key_signed_is_contested_until_it_is_affirmed() -> None:
    world = songs()
    stolen = RevokeKey(
        key=world["L"].key, reason="stolen", compromised_since="2026-01-01T00:00:00Z"
    )
    world.log.say(stolen, by=world["registrar"])
    said = verify(world, request(world, "S1"))
    assert [each[:3] for each in reasons(said)] == [("consent_contested", 0, "master")]
    world.key("L2", "L")
    affirm = AffirmConsent(consent=world.id("cns", "L's masters"))
    world.log.say(affirm, by=world["L2"])
    assert not verify(world, request(world, "S1"), "v2").refused


def test_a_contested_consent_brings_its_other_failing_clauses_as_well() -> None:
    world = songs(L={"tiers": ["commercial"]})
    stolen = RevokeKey(
        key=world["L"].key, reason="stolen", compromised_since="2026-01-01T00:00:00Z"
    )
    world.log.say(stolen, by=world["registrar"])
    assert codes(verify(world, request(world, "S1"))) == [
        "tier_not_permitted",
        "consent_contested",
    ]
