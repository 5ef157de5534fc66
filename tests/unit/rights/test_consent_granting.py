"""A consent is granted by who controls, in words that do not contradict themselves."""

from typing import Any

import pytest

from ledger.rights.states import CONSENT, PARTY, RECORDING
from schemas.commands.consents import GrantConsent
from schemas.refusals import Malformed
from tests.kit.world import World

EURO_FLOOR = {"commercial": {"amount": "0.60", "currency": "EUR"}}


def granting(world: World, grantor: str, *on: str, **words: Any) -> GrantConsent:
    return GrantConsent.read({"consent": world.words("c", grantor, on, **words)})


def test_an_owner_consents_for_its_master(owned: World) -> None:
    said = owned.log.say(granting(owned, "L", "S1"), by=owned["L"])
    assert said.event.signed_by == owned["L"].key
    assert said.event.territories_version == "2024-12"
    held = owned.log.ask(RECORDING, owned.id("rec", "S1")).consents[owned.id("cns", "c")]
    words = held.words_at(owned.log.now)
    assert words is not None
    assert words.position == said.position


@pytest.mark.parametrize("capacity", ["publisher", "writer"])
def test_publisher_and_writer_consent_for_works(owned: World, capacity: str) -> None:
    owned.log.say(granting(owned, "P", "W1", capacity=capacity), by=owned["P"])


def test_a_credited_performer_consents_for_a_performance(owned: World) -> None:
    owned.log.say(granting(owned, "V", "S1", capacity="performer"), by=owned["V"])


def test_a_catalog_moves_the_party_alone(owned: World) -> None:
    said = owned.log.say(granting(owned, "L"), by=owned["L"])
    assert set(said.event.scopes()) == {
        f"consent:{owned.id('cns', 'c')}",
        f"rights:{owned.id('pty', 'L')}",
    }
    assert owned.id("cns", "c") in owned.log.ask(PARTY, owned.id("pty", "L")).catalog


def test_a_consent_is_granted_once(owned: World) -> None:
    owned.consent("c", "L", ["S1"])
    caught = owned.log.refuses("id_reused", granting(owned, "L", "S1"), by=owned["L"])
    assert caught.pointer == "/consent/consent"


def test_who_holds_nothing_consents_to_nothing(owned: World) -> None:
    owned.log.refuses("not_controller", granting(owned, "P", "S1"), by=owned["P"])


def test_a_claim_gives_no_consent(owned: World) -> None:
    owned.claim("S1", "P", "1/2")
    owned.log.refuses("not_controller", granting(owned, "P", "S1"), by=owned["P"])


def test_a_share_that_has_ended_gives_no_consent(world: World) -> None:
    world.share("S1", "L", "1", until="2026-02-01T00:00:00Z")
    world.log.at("2026-02-01T00:00:00Z")
    world.log.refuses("not_controller", granting(world, "L", "S1"), by=world["L"])


def test_who_will_hold_a_share_may_consent_ahead(world: World) -> None:
    world.share("S1", "L", "1", since="2026-06-01T00:00:00Z")
    world.log.say(granting(world, "L", "S1"), by=world["L"])


def test_every_named_asset_must_be_controlled(owned: World) -> None:
    owned.recording("S2")
    owned.log.refuses("not_controller", granting(owned, "L", "S1", "S2"), by=owned["L"])


def test_an_uncredited_performer_consents_to_nothing(owned: World) -> None:
    command = granting(owned, "L", "S1", capacity="performer")
    owned.log.refuses("not_controller", command, by=owned["L"])


def test_nobody_consents_for_another(owned: World) -> None:
    owned.log.refuses("not_controller", granting(owned, "L", "S1"), by=owned["P"])
    owned.log.refuses("not_controller", granting(owned, "L", "S1"), by=owned["registrar"])


def test_a_catalog_is_ones_own(owned: World) -> None:
    applies_to = {"catalog": owned.id("pty", "P")}
    command = granting(owned, "L", applies_to=applies_to)
    owned.log.refuses("not_controller", command, by=owned["L"])


def test_an_asset_must_be_registered(owned: World) -> None:
    owned.log.refuses("unknown_id", granting(owned, "L", "S9"), by=owned["L"])


def test_a_model_must_be_registered(owned: World) -> None:
    command = granting(owned, "L", "S1", models=["mosaic", "other"])
    caught = owned.log.refuses("unknown_id", command, by=owned["L"])
    assert caught.pointer == "/consent/models/1"


@pytest.mark.parametrize(
    ("grantor", "on", "capacity"),
    [
        ("P", "W1", "owner"),
        ("L", "S1", "publisher"),
        ("L", "S1", "writer"),
        ("V", "W1", "performer"),
    ],
)
def test_each_capacity_speaks_for_its_own_kind(
    owned: World, grantor: str, on: str, capacity: str
) -> None:
    command = granting(owned, grantor, on, capacity=capacity)
    owned.log.refuses("consent_invalid", command, by=owned[grantor])


def test_what_a_consent_applies_to_is_of_one_kind(owned: World) -> None:
    both = {"recordings": [owned.asset("S1")], "works": [owned.asset("W1")]}
    with pytest.raises(Malformed) as caught:
        granting(owned, "L", applies_to=both)
    assert caught.value.code == "consent_invalid"


@pytest.mark.parametrize("parameters", ["all", ["melody", "voice"]])
def test_a_voice_is_never_given_for_a_catalog(owned: World, parameters: Any) -> None:
    command = granting(owned, "V", capacity="performer", parameters=parameters)
    owned.log.refuses("blanket_consent_forbidden", command, by=owned["V"])


def test_a_performer_gives_the_rest_of_a_catalog(owned: World) -> None:
    command = granting(owned, "V", capacity="performer", parameters=["melody"])
    owned.log.say(command, by=owned["V"])


def test_performers_set_no_floors(owned: World) -> None:
    command = granting(owned, "V", "S1", capacity="performer", floors=EURO_FLOOR)
    caught = owned.log.refuses("consent_invalid", command, by=owned["V"])
    assert caught.pointer == "/consent/floors"


def test_a_floor_is_for_a_tier_that_is_permitted(owned: World) -> None:
    command = granting(owned, "L", "S1", tiers=["private"], floors=EURO_FLOOR)
    owned.log.refuses("consent_invalid", command, by=owned["L"])


def test_a_floor_is_in_the_currency_of_the_tariff(owned: World) -> None:
    owned.tariff(currency="USD")
    command = granting(owned, "L", "S1", floors=EURO_FLOOR)
    caught = owned.log.refuses("floor_currency", command, by=owned["L"])
    assert caught.pointer == "/consent/floors/commercial"


def test_without_a_tariff_a_floor_is_in_the_currency_of_the_ledger(owned: World) -> None:
    owned.log.say(granting(owned, "L", "S1", floors=EURO_FLOOR), by=owned["L"])
    dollars = {"commercial": {"amount": "0.60", "currency": "USD"}}
    words = owned.words("d", "L", ["S1"], floors=dollars)
    owned.log.refuses("floor_currency", GrantConsent.read({"consent": words}), by=owned["L"])


@pytest.mark.parametrize("weight", ["0", "101%", "2"])
def test_a_minimum_weight_is_a_part_of_the_whole(owned: World, weight: str) -> None:
    command = granting(owned, "L", "S1", minimum_weight=weight)
    owned.log.refuses("consent_invalid", command, by=owned["L"])


def test_a_minimum_weight_is_kept_in_lowest_terms(owned: World) -> None:
    said = owned.log.say(granting(owned, "L", "S1", minimum_weight="5%"), by=owned["L"])
    assert said.event.consent.minimum_weight == "1/20"


def test_a_window_ends_after_it_begins(owned: World) -> None:
    window = {"since": "2026-02-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    command = granting(owned, "L", "S1", **window)
    owned.log.refuses("consent_invalid", command, by=owned["L"])


@pytest.mark.parametrize(
    ("local", "code"),
    [
        ("2026-03-29T02:30:00", "local_time_nonexistent"),
        ("2026-10-25T02:30:00", "local_time_ambiguous"),
    ],
)
def test_a_local_time_must_be_one_instant(owned: World, local: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        granting(owned, "L", "S1", effective_until={"local": local, "zone": "Europe/Berlin"})
    assert caught.value.code == code


def test_a_local_time_needs_its_zone(owned: World) -> None:
    with pytest.raises(Malformed) as caught:
        granting(owned, "L", "S1", effective_until={"local": "2026-03-29T02:30:00"})
    assert caught.value.code == "timezone_required"


@pytest.mark.parametrize(
    "field", ["uses", "tiers", "purposes", "channels", "parameters", "modules"]
)
def test_no_value_is_named_twice(owned: World, field: str) -> None:
    twice = {
        "uses": ["song"] * 2,
        "tiers": ["private"] * 2,
        "purposes": ["personal"] * 2,
        "channels": ["download"] * 2,
        "parameters": ["melody"] * 2,
        "modules": ["generator"] * 2,
    }
    command = granting(owned, "L", "S1", **{field: twice[field]})
    caught = owned.log.refuses("consent_invalid", command, by=owned["L"])
    assert caught.pointer == f"/consent/{field}"


def test_no_asset_is_named_twice(owned: World) -> None:
    owned.log.refuses("consent_invalid", granting(owned, "L", "S1", "S1"), by=owned["L"])


def test_more_models_than_a_command_may_carry_are_divided(owned: World) -> None:
    many = [f"m{number}" for number in range(201)]
    owned.log.refuses("entry_too_large", granting(owned, "L", "S1", models=many), by=owned["L"])


def test_a_consent_by_token_is_signed_by_the_intake_key(owned: World) -> None:
    actor = owned.id("pty", "L")
    said = owned.log.say(
        granting(owned, "L", "S1"), by=owned["intake"], actor=actor, roles=["holder"]
    )
    assert said.event.signed_by == owned["intake"].key


def test_a_consent_stands_under_its_own_scope(owned: World) -> None:
    name = owned.consent("c", "L", ["S1"])
    held = owned.log.ask(CONSENT, name).held
    assert held is not None
    assert held.grantor == owned.id("pty", "L")
