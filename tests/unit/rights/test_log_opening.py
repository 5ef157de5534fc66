"""The log opens once, with keys that nobody could forge."""

import pytest

from ledger.rights.decide import RULES_OF
from ledger.rights.scopes import SCOPES, scope_for
from ledger.rights.states import KEY, LOG, PARTY, POLICY
from schemas import canonical
from schemas.commands.generations import FinishGeneration
from schemas.commands.log import OpenLog
from schemas.commands.parties import RegisterParty
from schemas.registry import COMMANDS
from tests.kit.log import Log, key_of, name_id
from tests.kit.world import CHECKPOINT_VKEY, World

WEAK = canonical.b64u(b"\x01" + b"\x00" * 31)


def opening(**changes: object) -> OpenLog:
    operator = name_id("pty", "Operator")
    root = key_of("root", operator)
    words = {
        "origin": "ledger.example/2026",
        "ledger_party": name_id("pty", "Ledger"),
        "operator_party": operator,
        "operator_name": "Operator",
        "root_public_key": root.public_key,
        "checkpoint_vkey": CHECKPOINT_VKEY,
        "keys": [],
        "policy": {},
        "trust_anchors_sha256": [],
        "witnesses": [],
    }
    return OpenLog.read(words | changes)


def row(name: str, **changes: object) -> dict[str, object]:
    key = key_of(name, name_id("pty", "Operator"))
    words = {"key": key.key, "public_key": key.public_key, "roles": ["registrar"]}
    return words | {"party": key.party} | changes


ROOT = key_of("root", name_id("pty", "Operator"))


def test_opening_enrolls_the_keys_and_registers_the_two_parties() -> None:
    world = World.opened(policy={"payout_threshold_minor": 1})
    log = world.log
    assert log.ask(KEY, world["registrar"].key).status == "enrolled"
    assert log.ask(KEY, world["registrar"].key).roles == {"registrar"}
    assert log.ask(PARTY, world.id("pty", "Operator")).kind == "organization"
    assert log.ask(PARTY, world.id("pty", "Ledger")).kind == "organization"
    assert log.ask(POLICY, LOG).policy.payout_threshold_minor == 1


def test_a_log_opens_only_once() -> None:
    World.opened().log.refuses("id_reused", opening(), by=ROOT)


def test_nothing_can_be_said_to_a_log_that_is_not_open() -> None:
    command = RegisterParty(party=name_id("pty", "L"), kind="organization", name="L")
    Log().refuses("wrong_ledger", command, by=ROOT)


def test_only_the_ledger_or_its_operator_opens_the_log() -> None:
    Log().refuses("not_controller", opening(), by=key_of("root", name_id("pty", "L")))


def test_a_weak_root_key_opens_nothing() -> None:
    caught = Log().refuses("key_weak", opening(root_public_key=WEAK), by=ROOT)
    assert caught.pointer == "/root_public_key"


def test_a_weak_instance_key_is_named_by_its_place() -> None:
    keys = [row("a"), row("b", public_key=WEAK)]
    caught = Log().refuses("key_weak", opening(keys=keys), by=ROOT)
    assert caught.pointer == "/keys/1/public_key"


def test_a_key_id_is_given_once() -> None:
    Log().refuses("id_reused", opening(keys=[row("a"), row("a")]), by=ROOT)


def test_an_instance_key_belongs_to_the_ledger_or_its_operator() -> None:
    keys = [row("a", party=name_id("pty", "L"))]
    Log().refuses("unknown_id", opening(keys=keys), by=ROOT)


def test_the_policy_names_a_currency_that_exists() -> None:
    Log().refuses("value_unknown", opening(policy={"currency": "ABC"}), by=ROOT)


def test_a_workers_report_is_no_statement_to_the_ledger() -> None:
    world = World.opened()
    command = FinishGeneration(generation=name_id("gen", "g"), outcome="failed")
    world.log.refuses("value_unknown", command, by=world["process"])


def test_every_command_has_a_rule_but_the_workers_report() -> None:
    assert set(COMMANDS.values()) - set(RULES_OF) == {FinishGeneration}


def test_no_beginning_of_a_scope_is_the_beginning_of_another() -> None:
    beginnings = sorted(SCOPES)
    for one in beginnings:
        assert [other for other in beginnings if other.startswith(one)] == [one]


def test_a_tag_without_a_scope_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="no scope has this tag"):
        scope_for("about:pty_x")
