"""Links, credits and vocals are proposed by anybody and confirmed by who is touched."""

from fractions import Fraction

import pytest

from ledger.rights.states import CLAIM, RECORDING, WORK
from schemas.commands.catalog import (
    ConfirmCredit,
    ConfirmLink,
    ConfirmVocals,
    CreditContributor,
    DeclareVocals,
    LinkRecordingToWork,
)
from tests.kit.world import World


def linking(world: World, name: str, work: str, fraction: str | None = None) -> str:
    link = world.id("lnk", name)
    words = {
        "link": link,
        "recording": world.id("rec", "S1"),
        "work": world.id("wrk", work),
        "fraction": fraction,
    }
    world.log.say(LinkRecordingToWork.read(words), by=world["L"])
    return link


def crediting(world: World, **changes: object) -> CreditContributor:
    words = {
        "credit": world.id("crd", "c"),
        "asset": world.id("rec", "S1"),
        "party": world.id("pty", "V"),
        "role": "singer",
    }
    return CreditContributor.read(words | changes)


def singing(world: World, **changes: object) -> DeclareVocals:
    words = {
        "credit": world.id("crd", "v"),
        "recording": world.id("rec", "S1"),
        "vocals": "performers",
        "performers": [{"party": world.id("pty", "V"), "stems": ["voice"]}],
    }
    return DeclareVocals.read(words | changes)


def test_a_proposed_link_moves_nothing_but_itself(world: World) -> None:
    link = linking(world, "a", "W1", "60%")
    assert world.log.ask(CLAIM, link).status == "proposed"
    assert not world.log.ask(RECORDING, world.id("rec", "S1")).links


def test_a_confirmed_link_ties_recording_and_work(world: World) -> None:
    world.log.say(ConfirmLink(link=linking(world, "a", "W1", "60%")), by=world["registrar"])
    held = world.log.ask(RECORDING, world.id("rec", "S1")).links[world.id("wrk", "W1")]
    assert held.fraction == Fraction(3, 5)
    assert world.log.ask(WORK, world.id("wrk", "W1")).recordings == {world.id("rec", "S1")}


@pytest.mark.parametrize("fraction", ["0", "11/10"])
def test_a_link_carries_a_part_of_the_whole(world: World, fraction: str) -> None:
    words = {
        "link": world.id("lnk", "a"),
        "recording": world.id("rec", "S1"),
        "work": world.id("wrk", "W1"),
        "fraction": fraction,
    }
    world.log.refuses("share_invalid", LinkRecordingToWork.read(words), by=world["L"])


@pytest.mark.parametrize("missing", ["recording", "work"])
def test_a_link_ties_what_is_registered(world: World, missing: str) -> None:
    words = {
        "link": world.id("lnk", "a"),
        "recording": world.id("rec", "S1"),
        "work": world.id("wrk", "W1"),
        missing: world.id(missing[:3] if missing == "recording" else "wrk", "none"),
    }
    command = LinkRecordingToWork.read(words)
    assert world.log.refuses("unknown_id", command, by=world["L"]).pointer == f"/{missing}"


def test_a_link_is_proposed_once(world: World) -> None:
    linking(world, "a", "W1")
    words = {
        "link": world.id("lnk", "a"),
        "recording": world.id("rec", "S1"),
        "work": world.id("wrk", "W1"),
    }
    world.log.refuses("id_reused", LinkRecordingToWork.read(words), by=world["P"])


def test_the_first_link_is_confirmed_by_a_registrar(world: World) -> None:
    world.share("W1", "P", "1")
    command = ConfirmLink(link=linking(world, "a", "W1"))
    world.log.refuses("not_controller", command, by=world["P"])
    world.log.say(command, by=world["registrar"])


def test_a_later_link_is_confirmed_by_who_gets_less_by_it(owned: World) -> None:
    owned.work("W2")
    command = ConfirmLink(link=linking(owned, "b", "W2"))
    owned.log.refuses("not_controller", command, by=owned["V"])
    owned.log.say(command, by=owned["P"])


def test_who_proposed_a_link_does_not_confirm_it(owned: World) -> None:
    owned.work("W2").share("W1", "L", "1/2", reduces=owned.id("shr", "W1 P"))
    command = ConfirmLink(link=linking(owned, "b", "W2"))
    owned.log.refuses("not_controller", command, by=owned["L"])


def test_links_carry_fractions_all_or_none_of_them(owned: World) -> None:
    owned.work("W2")
    command = ConfirmLink(link=linking(owned, "b", "W2", "1/2"))
    owned.log.refuses("share_invalid", command, by=owned["registrar"])


def test_a_work_is_linked_once(owned: World) -> None:
    command = ConfirmLink(link=linking(owned, "again", "W1"))
    owned.log.refuses("share_invalid", command, by=owned["registrar"])


def test_what_nobody_proposed_is_not_confirmed(owned: World) -> None:
    command = ConfirmLink(link=owned.id("lnk", "none"))
    owned.log.refuses("unknown_id", command, by=owned["registrar"])
    credit = ConfirmCredit(credit=owned.id("crd", "none"))
    owned.log.refuses("unknown_id", credit, by=owned["registrar"])


def test_what_is_confirmed_is_not_confirmed_again(owned: World) -> None:
    command = ConfirmLink(link=owned.id("lnk", "S1 W1"))
    owned.log.refuses("id_reused", command, by=owned["registrar"])


def test_a_credit_counts_when_it_is_confirmed(world: World) -> None:
    world.log.say(crediting(world), by=world["V"])
    state = world.log.ask(RECORDING, world.id("rec", "S1"))
    assert not state.performs(world.id("pty", "V"))
    world.log.say(ConfirmCredit(credit=world.id("crd", "c")), by=world["registrar"])
    state = world.log.ask(RECORDING, world.id("rec", "S1"))
    assert state.performs(world.id("pty", "V"))


def test_who_holds_the_asset_confirms_anothers_credit(owned: World) -> None:
    owned.log.say(crediting(owned), by=owned["V"])
    owned.log.say(ConfirmCredit(credit=owned.id("crd", "c")), by=owned["L"])


@pytest.mark.parametrize("who", ["V", "P"])
def test_neither_the_credited_nor_a_stranger_confirms_a_credit(owned: World, who: str) -> None:
    owned.log.say(crediting(owned), by=owned["V"])
    command = ConfirmCredit(credit=owned.id("crd", "c"))
    owned.log.refuses("not_controller", command, by=owned[who])


def test_who_proposed_a_credit_does_not_confirm_it(owned: World) -> None:
    owned.log.say(crediting(owned), by=owned["L"])
    command = ConfirmCredit(credit=owned.id("crd", "c"))
    owned.log.refuses("not_controller", command, by=owned["L"])


def test_a_registrar_does_not_confirm_its_own_credit_or_voice(world: World) -> None:
    own = world.id("pty", "Operator")
    world.party("R").key("another registrar", "R", roles=["registrar"])
    credited = crediting(world, party=own)
    voiced = singing(world, performers=[{"party": own, "stems": []}])
    confirmations = (ConfirmCredit(credit=credited.credit), ConfirmVocals(credit=voiced.credit))
    for said, command in zip((credited, voiced), confirmations, strict=True):
        world.log.say(said, by=world["registrar"])
        world.log.refuses("duties_not_separated", command, by=world["registrar"])
        world.log.say(command, by=world["another registrar"])


def test_a_credit_names_registered_things(world: World) -> None:
    nobody = crediting(world, party=world.id("pty", "Nobody"))
    assert world.log.refuses("unknown_id", nobody, by=world["L"]).pointer == "/party"
    nothing = crediting(world, asset=world.id("wrk", "W9"))
    assert world.log.refuses("unknown_id", nothing, by=world["L"]).pointer == "/asset"


def test_stems_say_where_a_singer_is_heard(world: World) -> None:
    command = crediting(world, stems=["voice"], vocal=False)
    world.log.refuses("value_unknown", command, by=world["L"])


def test_a_credit_is_proposed_once(world: World) -> None:
    world.log.say(crediting(world), by=world["V"])
    world.log.refuses("id_reused", crediting(world), by=world["L"])


def test_a_registrar_alone_confirms_who_sings(owned: World) -> None:
    owned.log.say(singing(owned), by=owned["L"])
    command = ConfirmVocals(credit=owned.id("crd", "v"))
    owned.log.refuses("not_controller", command, by=owned["L"])
    owned.log.say(command, by=owned["registrar"])


def test_a_new_declaration_of_vocals_replaces_the_old(owned: World) -> None:
    owned.vocals("S1", "none")
    state = owned.log.ask(RECORDING, owned.id("rec", "S1"))
    assert state.vocals is not None
    assert state.vocals.vocals == "none"


@pytest.mark.parametrize("vocals", ["none", "synthetic"])
def test_where_nobody_sings_no_performer_is_named(world: World, vocals: str) -> None:
    world.log.refuses("value_unknown", singing(world, vocals=vocals), by=world["L"])


def test_where_performers_sing_they_are_named(world: World) -> None:
    world.log.refuses("value_unknown", singing(world, performers=[]), by=world["L"])


def test_a_singer_is_named_once(world: World) -> None:
    row = {"party": world.id("pty", "V"), "stems": []}
    world.log.refuses("value_unknown", singing(world, performers=[row, row]), by=world["L"])


def test_a_singer_is_a_registered_party(world: World) -> None:
    row = {"party": world.id("pty", "Nobody"), "stems": []}
    caught = world.log.refuses("unknown_id", singing(world, performers=[row]), by=world["L"])
    assert caught.pointer == "/performers/0/party"


def test_a_link_is_not_confirmed_as_vocals(world: World) -> None:
    world.log.say(crediting(world), by=world["V"])
    command = ConfirmVocals(credit=world.id("crd", "c"))
    world.log.refuses("unknown_id", command, by=world["registrar"])
