"""Who may speak for whom: keys, roles, attestation."""

import pytest

from ledger.rights.authority import public_key
from ledger.rights.view import View
from schemas import canonical
from schemas.commands.catalog import DeclarePublicDomain, RegisterWork
from schemas.commands.parties import ConfirmKey, DeclareDeath, EnrollKey, RevokeKey
from schemas.commands.terms import RetireModel
from schemas.refusals import Malformed
from tests.kit.log import Key, key_of
from tests.kit.words import sha
from tests.kit.world import World


def work(world: World, name: str = "W9") -> RegisterWork:
    return RegisterWork(work=world.id("wrk", name), title="A work")


def test_an_enrolled_key_speaks_for_its_party(world: World) -> None:
    assert world.log.say(work(world), by=world["L"]).event.registrant == world.id("pty", "L")


def test_a_key_that_nobody_enrolled_is_unknown(world: World) -> None:
    stranger = key_of("stranger", world.id("pty", "L"))
    world.log.refuses("key_unknown", work(world), by=stranger)


def test_a_key_that_waits_for_confirmation_is_not_valid(world: World) -> None:
    world.log.refuses("key_not_valid", work(world), by=world.propose_key("L2", "L"))


def test_a_revoked_key_is_not_valid(world: World) -> None:
    world.log.say(RevokeKey(key=world["L"].key, reason="lost"), by=world["L"])
    world.log.refuses("key_not_valid", work(world), by=world["L"])


def test_a_key_does_not_speak_for_another_party(world: World) -> None:
    world.log.refuses("key_not_valid", work(world), by=world["L"], actor=world.id("pty", "P"))


def test_a_key_that_signs_entries_speaks_for_nobody(world: World) -> None:
    world.log.refuses("key_not_valid", work(world), by=world["entry"])


def test_a_command_for_officers_needs_their_role(world: World) -> None:
    command = DeclarePublicDomain(work=world.id("wrk", "W1"), evidence_sha256=sha("e"))
    world.log.refuses("not_controller", command, by=world["L"])
    world.log.refuses("not_controller", command, by=world["platform"])
    world.log.say(command, by=world["registrar"])


def test_the_intake_key_attests_what_a_party_said(world: World) -> None:
    actor = world.id("pty", "L")
    said = world.log.say(work(world), by=world["intake"], actor=actor, roles=["holder"])
    assert said.event.registrant == actor


def test_attested_roles_are_those_of_the_token(world: World) -> None:
    command = DeclarePublicDomain(work=world.id("wrk", "W1"), evidence_sha256=sha("e"))
    actor = world.id("pty", "L")
    world.log.refuses("not_controller", command, by=world["intake"], actor=actor, roles=["holder"])
    world.log.say(command, by=world["intake"], actor=actor, roles=["registrar"])


def test_only_an_intake_key_attests(world: World) -> None:
    actor = world.id("pty", "L")
    world.log.refuses(
        "key_not_valid", work(world), by=world["registrar"], actor=actor, roles=["holder"]
    )


@pytest.mark.parametrize("role", ["process", "worker", "intake", "entry", "checkpoint"])
def test_no_token_confers_the_role_of_a_machine(world: World, role: str) -> None:
    actor = world.id("pty", "L")
    world.log.refuses("key_not_valid", work(world), by=world["intake"], actor=actor, roles=[role])


def test_a_party_that_nobody_registered_cannot_be_attested(world: World) -> None:
    nobody = world.id("pty", "Nobody")
    caught = world.log.refuses(
        "unknown_id", work(world), by=world["intake"], actor=nobody, roles=["holder"]
    )
    assert caught.pointer == "/actor"


def test_the_dead_sign_nothing(world: World) -> None:
    command = DeclareDeath(party=world.id("pty", "V"), evidence_sha256=sha("e"))
    world.log.say(command, by=world["registrar"])
    world.log.refuses("key_not_valid", work(world), by=world["V"])
    world.log.refuses(
        "key_not_valid",
        work(world),
        by=world["intake"],
        actor=world.id("pty", "V"),
        roles=["holder"],
    )


def test_a_command_that_no_representative_gives_names_no_mandate(world: World) -> None:
    command = RetireModel(model=world.id("mod", "m"), reason="old")
    caught = world.log.refuses(
        "not_controller", command, by=world["platform"], mandate=world.id("mnd", "m")
    )
    assert caught.pointer == "/mandate"


def test_what_authority_read_guards_the_append(world: World) -> None:
    asked = world.log.say(work(world), by=world["L"]).asked
    assert f"key:{world['L'].key}" in asked
    assert "policy:log" in asked


def test_the_public_key_of_a_proposed_key_stands_in_its_own_command(world: World) -> None:
    key = key_of("new", world.id("pty", "L"))
    words = {"key": key.key, "party": key.party, "public_key": key.public_key, "roles": ["holder"]}
    command = EnrollKey.read(words)
    assert public_key(View(world.log), command, key.key) == canonical.unb64u(key.public_key)


def test_the_public_key_of_an_enrolled_key_stands_in_the_log(world: World) -> None:
    found = public_key(View(world.log), work(world), world["L"].key)
    assert found == canonical.unb64u(world["L"].public_key)


def test_a_signature_by_an_unknown_key_cannot_be_verified(world: World) -> None:
    with pytest.raises(Malformed) as caught:
        public_key(View(world.log), work(world), world.id("key", "nobody"))
    assert caught.value.code == "key_unknown"


def test_another_keys_enrollment_proves_nothing_about_the_signer(world: World) -> None:
    new: Key = key_of("new", world.id("pty", "L"))
    words = {"key": new.key, "party": new.party, "public_key": new.public_key, "roles": ["holder"]}
    found = public_key(View(world.log), EnrollKey.read(words), world["L"].key)
    assert found == canonical.unb64u(world["L"].public_key)
    world.log.refuses("key_not_valid", EnrollKey.read(words), by=world["L"])
    world.log.refuses("key_unknown", ConfirmKey(key=new.key), by=world["registrar"])
