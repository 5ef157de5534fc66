"""Recordings and works are registered once; moral rights; the inference set."""

import pytest

from ledger.rights.states import RECORDING, WORK
from schemas.commands.catalog import (
    DeclareMoralRestriction,
    DeclarePublicDomain,
    EnterInferenceSet,
    LeaveInferenceSet,
    LiftMoralRestriction,
    RegisterRecording,
    RegisterStem,
    RegisterWork,
)
from schemas.commands.consents import RevokeConsent
from tests.kit.words import audio, sha
from tests.kit.world import World


def registration(world: World, name: str, **more: object) -> RegisterRecording:
    words = {
        "recording": world.id("rec", name),
        "title": "A song",
        "artist": "Somebody",
        "duration_ms": 1000,
        "sample_rate_hz": 44_100,
        "audio": audio(name),
    }
    return RegisterRecording.read(words | more)


def stem(world: World, name: str = "guitar") -> RegisterStem:
    words = {"recording": world.id("rec", "S1"), "stem": name, "audio": audio(name)}
    return RegisterStem.read(words)


def entering(world: World, **changes: str) -> EnterInferenceSet:
    words = {"recording": world.id("rec", "S1"), "model": world.id("mod", "mosaic")}
    return EnterInferenceSet.read(words | changes)


def test_any_party_registers_a_recording(world: World) -> None:
    said = world.log.say(registration(world, "S2", isrc="USRC17607839"), by=world["L"])
    assert said.event.isrc == "USRC17607839"
    assert said.event.registrant == world.id("pty", "L")


def test_a_recording_is_registered_once(world: World) -> None:
    world.log.refuses("id_reused", registration(world, "S1"), by=world["L"])


def test_two_recordings_may_carry_one_isrc(world: World) -> None:
    world.log.say(registration(world, "S2", isrc="USRC17607839"), by=world["L"])
    world.log.say(registration(world, "S3", isrc="USRC17607839"), by=world["P"])


def test_a_work_is_registered_once(world: World) -> None:
    command = RegisterWork(work=world.id("wrk", "W1"), title="A work")
    world.log.refuses("id_reused", command, by=world["L"])


def test_a_registered_recording_belongs_to_nobody(world: World) -> None:
    world.log.say(registration(world, "S2"), by=world["L"])
    assert not world.log.ask(RECORDING, world.id("rec", "S2")).shares


def test_who_registered_a_recording_adds_its_stems(world: World) -> None:
    world.log.say(stem(world), by=world["registrar"])
    assert set(world.log.ask(RECORDING, world.id("rec", "S1")).stems) == {"guitar"}


def test_who_holds_the_master_adds_stems(owned: World) -> None:
    owned.log.say(stem(owned), by=owned["L"])


def test_a_stranger_adds_no_stem(owned: World) -> None:
    owned.log.refuses("not_controller", stem(owned), by=owned["P"])


def test_a_stem_is_registered_once(owned: World) -> None:
    owned.log.say(stem(owned), by=owned["L"])
    assert owned.log.refuses("id_reused", stem(owned), by=owned["L"]).pointer == "/stem"


def test_a_stem_belongs_to_a_registered_recording(world: World) -> None:
    words = {"recording": world.id("rec", "S9"), "stem": "voice", "audio": audio("v")}
    world.log.refuses("unknown_id", RegisterStem.read(words), by=world["registrar"])


def test_a_registrar_declares_a_work_free_once(world: World) -> None:
    command = DeclarePublicDomain(work=world.id("wrk", "W1"), evidence_sha256=sha("e"))
    world.log.say(command, by=world["registrar"])
    assert world.log.ask(WORK, world.id("wrk", "W1")).public_domain
    world.log.refuses("value_unknown", command, by=world["registrar"])


def test_a_work_that_nobody_registered_is_not_free(world: World) -> None:
    command = DeclarePublicDomain(work=world.id("wrk", "W9"), evidence_sha256=sha("e"))
    world.log.refuses("unknown_id", command, by=world["registrar"])


def veto(world: World, asset: str) -> DeclareMoralRestriction:
    return DeclareMoralRestriction(asset=world.asset(asset), purposes=("political",))


def test_a_credited_performer_vetoes_purposes(owned: World) -> None:
    owned.log.say(veto(owned, "S1"), by=owned["V"])
    held = owned.log.ask(RECORDING, owned.id("rec", "S1")).restrictions
    assert held == {owned.id("pty", "V"): {"political"}}


def test_a_declared_singer_is_a_performer(world: World) -> None:
    world.vocals("S1", {"V": []})
    world.log.say(veto(world, "S1"), by=world["V"])


def test_a_credited_author_vetoes_purposes(world: World) -> None:
    world.credit("W1", "V", "composer")
    world.log.say(veto(world, "W1"), by=world["V"])


def test_who_merely_owns_has_no_moral_right(owned: World) -> None:
    owned.log.refuses("not_controller", veto(owned, "S1"), by=owned["L"])


def test_a_veto_is_lifted_by_who_declared_it(owned: World) -> None:
    owned.log.say(veto(owned, "S1"), by=owned["V"])
    lift = LiftMoralRestriction(asset=owned.asset("S1"))
    owned.log.refuses("not_controller", lift, by=owned["L"])
    owned.log.say(lift, by=owned["V"])
    assert not owned.log.ask(RECORDING, owned.id("rec", "S1")).restrictions


def test_a_recording_with_a_consent_enters_an_inference_set(owned: World) -> None:
    owned.consent("c", "L", ["S1"])
    owned.log.say(entering(owned), by=owned["platform"])
    assert owned.log.ask(RECORDING, owned.id("rec", "S1")).models == {owned.id("mod", "mosaic")}


def test_a_catalog_consent_is_enough_to_enter(owned: World) -> None:
    owned.consent("c", "P", capacity="publisher")
    owned.log.say(entering(owned), by=owned["platform"])


def test_a_consent_to_no_use_at_all_is_a_consent(owned: World) -> None:
    owned.consent("c", "L", ["S1"], uses=[])
    owned.log.say(entering(owned), by=owned["platform"])


def test_a_recording_to_which_nobody_consented_does_not_enter(owned: World) -> None:
    owned.log.refuses("no_consent", entering(owned), by=owned["platform"])


def test_a_catalog_of_who_controls_nothing_here_is_not_enough(owned: World) -> None:
    owned.party("Q").consent("c", "Q")
    owned.log.refuses("no_consent", entering(owned), by=owned["platform"])


@pytest.mark.parametrize("how", ["consent", "asset", "everything"])
def test_a_revoked_consent_is_not_enough(owned: World, how: str) -> None:
    consent = owned.consent("c", "L", ["S1"])
    target = {"consent": consent, "asset": owned.asset("S1"), "everything": True}
    words = {"party": owned.id("pty", "L"), how: target[how]}
    owned.log.say(RevokeConsent.read(words), by=owned["L"])
    owned.log.refuses("no_consent", entering(owned), by=owned["platform"])


def test_an_expired_consent_is_not_enough(owned: World) -> None:
    owned.consent("c", "L", ["S1"], until="2026-02-01T00:00:00Z")
    owned.log.at("2026-02-01T00:00:00Z")
    owned.log.refuses("no_consent", entering(owned), by=owned["platform"])


def test_a_recording_enters_a_set_once(owned: World) -> None:
    owned.consent("c", "L", ["S1"])
    owned.log.say(entering(owned), by=owned["platform"])
    owned.log.refuses("value_unknown", entering(owned), by=owned["platform"])


def test_only_a_registered_recording_enters_a_registered_model(owned: World) -> None:
    nothing = entering(owned, recording=owned.id("rec", "S9"))
    assert owned.log.refuses("unknown_id", nothing, by=owned["platform"]).pointer == "/recording"
    nowhere = entering(owned, model=owned.id("mod", "none"))
    assert owned.log.refuses("unknown_id", nowhere, by=owned["platform"]).pointer == "/model"


def test_a_recording_leaves_a_set_that_it_is_in(owned: World) -> None:
    words = {"recording": owned.id("rec", "S1"), "model": owned.id("mod", "mosaic")}
    leave = LeaveInferenceSet(**words, reason="asked for")
    owned.log.refuses("unknown_id", leave, by=owned["platform"])
    owned.consent("c", "L", ["S1"])
    owned.log.say(entering(owned), by=owned["platform"])
    owned.log.say(leave, by=owned["platform"])
    assert not owned.log.ask(RECORDING, owned.id("rec", "S1")).models
