"""A key is proposed by itself, confirmed by another, and revoked from a position."""

from dataclasses import replace
from typing import cast

import pytest

from ledger.rights.states import KEY, LOG, PARTY, POLICY
from schemas import canonical
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.lists import KeyRole
from tests.kit.log import Key, key_of
from tests.kit.world import World

SMALL_ORDER = canonical.b64u(b"\x00" * 32)
OFF_THE_CURVE = canonical.b64u(b"\x02" + b"\x00" * 31)


def enrollment(key: Key, **changes: object) -> EnrollKey:
    words = {"key": key.key, "party": key.party, "public_key": key.public_key, "roles": ["holder"]}
    return EnrollKey.read(words | changes)


@pytest.fixture
def new(world: World) -> Key:
    return key_of("new", world.id("pty", "L"))


def test_a_key_proposes_itself(world: World, new: Key) -> None:
    world.log.say(enrollment(new), by=new)
    assert world.log.ask(KEY, new.key).status == "proposed"


def test_a_key_is_proposed_for_its_own_party_alone(world: World, new: Key) -> None:
    other = world.id("pty", "P")
    world.log.refuses("not_controller", enrollment(new, party=other), by=new)


def test_a_key_is_proposed_by_no_other_key(world: World, new: Key) -> None:
    world.log.refuses("key_not_valid", enrollment(new), by=world["L"])


def test_nobody_attests_the_possession_of_a_key(world: World, new: Key) -> None:
    world.log.refuses("key_not_valid", enrollment(new), by=new, roles=["holder"])


def test_a_key_belongs_to_a_registered_party(world: World) -> None:
    key = key_of("new", world.id("pty", "Nobody"))
    world.log.refuses("unknown_id", enrollment(key), by=key)


def test_a_key_id_names_one_key_for_ever(world: World, new: Key) -> None:
    world.log.say(enrollment(new), by=new)
    world.log.refuses("id_reused", enrollment(new), by=new)


@pytest.mark.parametrize("weak", [SMALL_ORDER, OFF_THE_CURVE])
def test_a_weak_key_is_refused(world: World, new: Key, weak: str) -> None:
    caught = world.log.refuses("key_weak", enrollment(new, public_key=weak), by=new)
    assert caught.pointer == "/public_key"


def test_a_registrar_confirms_any_roles(world: World, new: Key) -> None:
    world.log.say(enrollment(new, roles=["worker", "finance"]), by=new)
    world.log.say(ConfirmKey(key=new.key), by=world["registrar"])
    assert world.log.ask(KEY, new.key).roles == {"worker", "finance"}


def test_an_older_key_of_the_party_confirms_roles_that_it_has(world: World, new: Key) -> None:
    world.log.say(enrollment(new), by=new)
    world.log.say(ConfirmKey(key=new.key), by=world["L"])
    assert world.log.ask(KEY, new.key).status == "enrolled"


def test_an_older_key_gives_no_role_that_it_has_not(world: World, new: Key) -> None:
    world.log.say(enrollment(new, roles=["holder", "registrar"]), by=new)
    world.log.refuses("not_controller", ConfirmKey(key=new.key), by=world["L"])


def test_a_key_of_another_party_confirms_nothing(world: World, new: Key) -> None:
    world.log.say(enrollment(new), by=new)
    world.log.refuses("not_controller", ConfirmKey(key=new.key), by=world["P"])


def test_a_token_of_the_party_is_no_older_key(world: World, new: Key) -> None:
    world.log.say(enrollment(new), by=new)
    world.log.refuses(
        "not_controller",
        ConfirmKey(key=new.key),
        by=world["intake"],
        actor=new.party,
        roles=["holder"],
    )


def test_a_key_is_confirmed_once(world: World) -> None:
    world.log.refuses("key_not_valid", ConfirmKey(key=world["L"].key), by=world["registrar"])


def test_a_party_revokes_its_own_key(world: World) -> None:
    world.log.say(RevokeKey(key=world["L"].key, reason="left"), by=world["L"])
    assert world.log.ask(KEY, world["L"].key).status == "revoked"


def test_a_registrar_revokes_any_key(world: World) -> None:
    world.log.say(RevokeKey(key=world["L"].key, reason="stolen"), by=world["registrar"])
    assert world.log.ask(KEY, world["L"].key).status == "revoked"


def test_nobody_revokes_the_last_key_by_which_the_log_itself_signs(world: World) -> None:
    """Else each later entry would be signed by a revoked key, and no audit sound again."""
    command = RevokeKey(key=world["entry"].key, reason="stolen")
    caught = world.log.refuses("key_not_valid", command, by=world["operator"])
    assert caught.pointer == "/key"
    assert world.log.ask(KEY, world["entry"].key).status == "enrolled"


@pytest.mark.parametrize("role", ["entry", "checkpoint"])
def test_a_key_of_the_log_is_enrolled_and_the_one_before_revoked(world: World, role: str) -> None:
    first, second, third = (world.propose_key(name, "Ledger", [role]) for name in "ABC")
    for key in (first, second):
        world.log.say(ConfirmKey(key=key.key), by=world["operator"])
    signing = [row.key for row in world.log.ask(POLICY, LOG).in_force(cast("KeyRole", role))]
    assert signing[-2:] == [first.key, second.key]
    command = RevokeKey(key=first.key, reason="rotated")
    *_, said = world.log.say(command, by=world["operator"]).recorded
    assert said.event.tags() == ["policy:log"]
    state = world.log.ask(POLICY, LOG)
    gone = next(key for key in state.log_keys if key.row.key == first.key)
    assert gone.until == said.position
    assert first.key not in [row.key for row in state.in_force(cast("KeyRole", role))]
    assert third.key not in [key.row.key for key in state.log_keys]


@pytest.mark.parametrize("name", ["registrar", "platform", "finance", "process"])
def test_no_other_officer_says_by_which_keys_the_log_is_signed(world: World, name: str) -> None:
    new = world.propose_key("new", "Ledger", ["entry"])
    world.log.refuses("not_controller", ConfirmKey(key=new.key), by=world[name])
    world.log.say(ConfirmKey(key=new.key), by=world["operator"])
    command = RevokeKey(key=world["entry"].key, reason="rotated")
    world.log.refuses("not_controller", command, by=world[name])


def test_a_key_of_the_log_is_the_ledgers_own_and_has_one_role(world: World, new: Key) -> None:
    caught = world.log.refuses("not_controller", enrollment(new, roles=["entry"]), by=new)
    assert caught.pointer == "/party"
    own = key_of("own", world.id("pty", "Ledger"))
    both = enrollment(own, roles=["entry", "process"])
    assert world.log.refuses("value_unknown", both, by=own).pointer == "/roles"


def test_a_key_of_the_log_that_was_revoked_does_not_come_again(world: World) -> None:
    new = world.propose_key("new", "Ledger", ["entry"])
    world.log.say(ConfirmKey(key=new.key), by=world["operator"])
    old = world["entry"]
    world.log.say(RevokeKey(key=old.key, reason="rotated"), by=world["operator"])
    again = replace(old, key=world.id("key", "again"))
    command = enrollment(again, roles=["entry"])
    assert world.log.refuses("id_reused", command, by=again).pointer == "/public_key"


def test_nobody_else_revokes_a_key(world: World) -> None:
    command = RevokeKey(key=world["L"].key, reason="stolen")
    world.log.refuses("not_controller", command, by=world["P"])


def test_a_key_that_nobody_proposed_cannot_be_revoked(world: World) -> None:
    command = RevokeKey(key=world.id("key", "nobody"), reason="lost")
    world.log.refuses("key_unknown", command, by=world["registrar"])


def test_a_compromise_is_written_down_with_the_party(world: World) -> None:
    command = RevokeKey(
        key=world["L"].key, reason="stolen", compromised_since="2025-12-31T00:00:00Z"
    )
    world.log.say(command, by=world["registrar"])
    assert world.log.ask(PARTY, world.id("pty", "L")).compromised[0].key == world["L"].key


def test_no_key_is_compromised_in_the_future(world: World) -> None:
    command = RevokeKey(
        key=world["L"].key, reason="stolen", compromised_since="2027-01-01T00:00:00Z"
    )
    caught = world.log.refuses("value_unknown", command, by=world["L"])
    assert caught.pointer == "/compromised_since"


def test_a_lost_key_may_turn_out_to_be_stolen_later(world: World) -> None:
    lost = RevokeKey(key=world["L"].key, reason="lost")
    world.log.say(lost, by=world["registrar"])
    world.log.refuses("key_not_valid", lost, by=world["registrar"])
    since = "2025-12-31T00:00:00Z"
    stolen = RevokeKey(key=world["L"].key, reason="stolen", compromised_since=since)
    world.log.say(stolen, by=world["registrar"])
    world.log.refuses("key_not_valid", stolen, by=world["registrar"])
    assert world.log.ask(KEY, world["L"].key).compromised_since is not None
