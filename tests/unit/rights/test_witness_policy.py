"""Which witnesses a log asks, and how many of them make a quorum: the log itself says so."""

import pytest

from ledger.evidence.note import COSIGNER, NoteKey
from ledger.evidence.policy import parse_policy, write_policy
from ledger.rights.states import LOG, POLICY
from schemas.commands.log import ReplaceWitnessPolicy
from schemas.envelope.keys import SigningKey
from schemas.refusals import Malformed
from tests.kit.world import CHECKPOINT_VKEY, World

ONE, TWO, THREE = (
    NoteKey(f"{name}.example", SigningKey(name, bytes([number]) * 32), COSIGNER).vkey
    for number, name in enumerate(("one", "two", "three"), start=2)
)
TWO_OF_THREE = (
    f"witness one {ONE} https://one.example/witness",
    f"witness two {TWO}",
    f"witness three {THREE}",
    "group most 2 one two three",
    "quorum most",
)


def test_the_operator_replaces_it_and_the_log_says_since_when(world: World) -> None:
    command = ReplaceWitnessPolicy(witnesses=TWO_OF_THREE)
    said = world.log.say(command, by=world["operator"])
    state = world.log.ask(POLICY, LOG)
    assert (state.witnesses, state.witnesses_since) == (TWO_OF_THREE, said.position)
    assert said.event.tags() == ["policy:log"]


def test_it_may_end_in_no_witness_at_all(world: World) -> None:
    world.log.say(ReplaceWitnessPolicy(witnesses=TWO_OF_THREE), by=world["operator"])
    world.log.say(ReplaceWitnessPolicy(witnesses=()), by=world["operator"])
    assert (
        parse_policy(write_policy((CHECKPOINT_VKEY,), world.log.ask(POLICY, LOG).witnesses)).quorum
        == "none"
    )


@pytest.mark.parametrize("name", ["registrar", "platform", "finance", "process"])
def test_no_other_officer_replaces_it(world: World, name: str) -> None:
    command = ReplaceWitnessPolicy(witnesses=TWO_OF_THREE)
    world.log.refuses("not_controller", command, by=world[name])


def test_what_is_in_force_is_not_said_twice(world: World) -> None:
    command = ReplaceWitnessPolicy(witnesses=TWO_OF_THREE)
    world.log.say(command, by=world["operator"])
    world.log.refuses("id_reused", command, by=world["operator"])


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(TWO_OF_THREE[:-1], id="no quorum"),
        pytest.param((*TWO_OF_THREE, "quorum one"), id="two quorums"),
        pytest.param(("quorum somebody",), id="a quorum of nobody"),
        pytest.param(
            ("log " + CHECKPOINT_VKEY, "quorum none"), id="the log's key is not theirs to say"
        ),
        pytest.param((f"witness one {CHECKPOINT_VKEY}", "quorum one"), id="a log is no witness"),
        pytest.param((f"witness one {ONE[:-4]}AAAA", "quorum one"), id="a key that is none"),
        pytest.param((f"witness one {ONE}\nwitness two {TWO}", "quorum one"), id="two in one"),
        pytest.param((f"witness one {ONE} ftp://x", "quorum one"), id="no address to ask"),
        pytest.param((f"witness one {ONE}", "group most 2 one", "quorum most"), id="two of one"),
    ],
)
def test_what_readers_would_refuse_is_no_policy(world: World, lines: tuple[str, ...]) -> None:
    command = ReplaceWitnessPolicy(witnesses=lines)
    caught = world.log.refuses("value_unknown", command, by=world["operator"])
    assert caught.pointer == "/witnesses"


def test_a_policy_has_an_end() -> None:
    with pytest.raises(Malformed):
        ReplaceWitnessPolicy.read({"witnesses": ["# nothing"] * 97})
