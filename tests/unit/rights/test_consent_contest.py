"""What a stolen key signed is contested, until a sound key affirms it."""

from typing import Any

from ledger.rights.standing import is_contested
from ledger.rights.states import CONSENT, Words
from ledger.rights.view import View
from schemas.commands.consents import AffirmConsent, ChangeConsent, GrantConsent, RevokeConsent
from schemas.commands.parties import GrantMandate, RevokeKey
from tests.kit.words import WORLD
from tests.kit.world import World

SINCE = "2026-01-01T00:00:00Z"


def revoking(world: World, party: str = "L", **target: Any) -> RevokeConsent:
    return RevokeConsent.read({"party": world.id("pty", party), **target})


def words_of(world: World, name: str) -> Words:
    held = world.log.ask(CONSENT, name).held
    assert held is not None
    words = held.words_at(world.log.now)
    assert words is not None
    return words


def represented(world: World, **changes: Any) -> str:
    words = {
        "mandate": world.id("mnd", "m"),
        "grantor": world.id("pty", "L"),
        "mandatee": world.id("pty", "P"),
        "capacities": ["owner"],
        "uses": ["song", "parameter"],
        "territories": WORLD,
        **changes,
    }
    grantor = "V" if words["grantor"] == world.id("pty", "V") else "L"
    world.log.say(GrantMandate.read(words), by=world[grantor])
    return str(words["mandate"])


def steal(world: World, key: str = "L", since: str = SINCE) -> None:
    command = RevokeKey(key=world[key].key, reason="stolen", compromised_since=since)
    world.log.say(command, by=world["registrar"])


def contested(world: World, name: str) -> bool:
    held = world.log.ask(CONSENT, name).held
    assert held is not None
    return is_contested(View(world.log), held, words_of(world, name))


def test_what_a_stolen_key_signed_is_contested(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    steal(owned)
    assert contested(owned, name)


def test_what_a_key_signed_before_it_was_stolen_is_not_contested(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    owned.log.at("2026-02-01T00:00:00Z")
    steal(owned, since="2026-01-02T00:00:00Z")
    assert not contested(owned, name)


def test_a_lost_key_contests_nothing(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    owned.log.say(RevokeKey(key=owned["L"].key, reason="lost"), by=owned["L"])
    assert not contested(owned, name)


def test_what_a_stolen_intake_key_attested_is_contested(owned: World) -> None:
    words = owned.words("a", "L", ["S1"])
    command = GrantConsent.read({"consent": words})
    actor = owned.id("pty", "L")
    owned.log.say(command, by=owned["intake"], actor=actor, roles=["holder"])
    steal(owned, "intake")
    assert contested(owned, words["consent"])


def test_an_affirmation_by_a_sound_key_ends_the_contest(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    steal(owned)
    owned.key("L2", "L")
    said = owned.log.say(AffirmConsent(consent=name), by=owned["L2"])
    assert f"rights:{owned.asset('S1')}" in said.event.scopes()
    assert not contested(owned, name)


def test_an_affirmation_by_the_thief_ends_nothing(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    owned.log.say(AffirmConsent(consent=name), by=owned["L"])
    steal(owned)
    assert contested(owned, name)


def test_words_signed_anew_by_a_sound_key_are_not_contested(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    steal(owned)
    owned.key("L2", "L")
    words = owned.words("a", "L", ["S1"], tiers=["preview"])
    owned.log.say(ChangeConsent.read({"consent": words}), by=owned["L2"])
    assert not contested(owned, name)


def test_nobody_affirms_for_another(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    owned.log.refuses("not_controller", AffirmConsent(consent=name), by=owned["P"])


def test_a_representative_affirms_in_its_capacity(owned: World) -> None:
    mandate, name = represented(owned), owned.consent("a", "L", ["S1"])
    owned.log.say(AffirmConsent(consent=name), by=owned["P"], mandate=mandate)


def test_a_voice_is_affirmed_in_person(owned: World) -> None:
    name = owned.consent("a", "V", ["S1"], capacity="performer")
    mandate = represented(owned, grantor=owned.id("pty", "V"), capacities=["performer"])
    command = AffirmConsent(consent=name)
    owned.log.refuses("performer_signature_required", command, by=owned["P"], mandate=mandate)


def test_a_revoked_consent_is_not_affirmed(owned: World) -> None:
    name = owned.consent("a", "L", ["S1"])
    owned.log.say(revoking(owned, consent=name), by=owned["L"])
    owned.log.refuses("consent_not_active", AffirmConsent(consent=name), by=owned["L"])


def test_what_nobody_granted_is_not_affirmed(owned: World) -> None:
    command = AffirmConsent(consent=owned.id("cns", "none"))
    owned.log.refuses("unknown_id", command, by=owned["L"])
