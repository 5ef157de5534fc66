"""What happens to cited consents between authorization and completion (clearance, 19)."""

from typing import Any

import pytest

from ledger.rights.generations_states import GENERATION
from schemas.commands.consents import ChangeConsent, RevokeConsent
from schemas.events.generations import FeeAgreed
from tests.kit.demand import authorize, complete, request, row, songs
from tests.kit.words import COMMITMENT
from tests.kit.world import World

CANCEL = {"revocation": {"notice_days": 0, "in_flight": "cancel", "survives": True}}
LATER = {"revocation": {"notice_days": 1, "in_flight": "cancel", "survives": True}}


def running(*rows: Any, **given: Any) -> World:
    world = songs(**given)
    authorize(world, request(world, *(rows or ("S1", "S2"))))
    return world


def revoke(world: World, who: str, **target: Any) -> None:
    command = RevokeConsent.read({"party": world.id("pty", who), **target})
    world.log.say(command, by=world[who])


def ended(world: World) -> tuple[str, tuple[str, ...]]:
    event = complete(world).event
    if event.TOPIC == "GenerationCanceled":
        return event.because, event.consents
    return "completed", event.authorized_before_revocation


def test_a_revoked_consent_is_flagged_and_the_job_completes() -> None:
    world = running()
    revoke(world, "P2", asset=world.asset("W1"))
    assert ended(world) == ("completed", (world.id("cns", "P2's works"),))


@pytest.mark.parametrize(("who", "target"), [("P2", "W1"), ("P2", "everything"), ("P2", "by name")])
def test_whichever_way_it_is_revoked_it_cancels_if_it_says_so(who: str, target: str) -> None:
    world = running(P2=CANCEL)
    name = world.id("cns", "P2's works")
    targets: dict[str, dict[str, Any]] = {
        "everything": {"everything": True},
        "by name": {"consent": name},
    }
    revoke(world, who, **targets.get(target, {"asset": world.asset("W1")}))
    assert ended(world) == ("consent_revoked", (name,))


def test_a_revocation_of_the_recording_does_not_meet_the_consent_for_its_work() -> None:
    world = running("S2", Q=CANCEL)
    revoke(world, "Q", asset=world.asset("S2"))
    assert ended(world) == ("consent_revoked", (world.id("cns", "Q's masters"),))


def test_a_revocation_that_waits_for_its_notice_has_not_happened() -> None:
    world = running(P2=LATER)
    revoke(world, "P2", asset=world.asset("W1"))
    assert ended(world) == ("completed", ())


def test_what_the_cited_words_say_counts_and_not_what_came_later() -> None:
    world = running(P2=CANCEL)
    words = world.words("P2's works", "P2", ["W1"])
    world.log.say(ChangeConsent.read({"consent": words}), by=world["P2"])
    revoke(world, "P2", asset=world.asset("W1"))
    assert ended(world)[0] == "consent_revoked"


def test_a_renewed_window_has_not_ended() -> None:
    window = {"until": "2026-03-01T12:10:00Z", **CANCEL}
    world = songs()
    ends = world.words("P2's works", "P2", ["W1"], **window)
    world.log.say(ChangeConsent.read({"consent": ends}), by=world["P2"])
    authorize(world, request(world, "S1"))
    renewed = world.words("P2's works", "P2", ["W1"], **window | {"until": "2027-01-01T00:00:00Z"})
    world.log.say(ChangeConsent.read({"consent": renewed}), by=world["P2"])
    world.log.at("2026-03-01T12:20:00Z")
    assert ended(world) == ("completed", ())


def test_an_ended_window_cancels_only_where_the_consent_says_so() -> None:
    window: dict[str, Any] = {"until": "2026-03-01T12:10:00Z"}
    for more, expected in (({}, "completed"), (CANCEL, "outside_window")):
        world = songs()
        ends = world.words("P2's works", "P2", ["W1"], **window | more)
        world.log.say(ChangeConsent.read({"consent": ends}), by=world["P2"])
        authorize(world, request(world, "S1"))
        world.log.at("2026-03-01T12:10:00Z")
        assert ended(world)[0] == expected


def test_a_singer_may_say_cancel_too() -> None:
    world = songs().party("V", kind="person").vocals("S1", {"V": []})
    name = world.consent("voice", "V", ["S1"], capacity="performer", parameters=["voice"], **CANCEL)
    voice = row(world, "S1", use="parameter", parameters=["voice"])
    authorize(world, request(world, voice))
    revoke(world, "V", consent=name)
    assert ended(world) == ("consent_revoked", (name,))


def test_what_was_not_cited_cancels_nothing() -> None:
    world = running("S2", L=CANCEL)
    revoke(world, "L", everything=True)
    assert ended(world) == ("completed", ())


def test_completion_is_guarded_by_the_scopes_of_its_references() -> None:
    world = running("S1")
    asked = complete(world).asked
    assert {f"rights:{world.asset('S1')}", f"rights:{world.asset('W1')}"} <= asked.keys()
    assert f"rights:{world.id('pty', 'L')}" in asked


def test_a_payer_whose_opening_was_erased_stays_a_commitment() -> None:
    world = running("S1")
    fee = world.log.ask(GENERATION, world.id("gen", "g")).agreed
    assert isinstance(fee, FeeAgreed)
    world.log.append(fee.model_copy(update={"payer": COMMITMENT}), world.id("pty", "C"))
    assert complete(world).events[-1].payer == COMMITMENT  # type: ignore[attr-defined]
