"""The last step: what the file says must be what was authorized, by the worker's own word."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.rights.generations_finish import DIFFERENCES_MAX
from ledger.rights.generations_states import GENERATION
from schemas import canonical
from schemas.commands.generations import CancelGeneration, ExpireAuthorization, ReportFailure
from schemas.commands.parties import RevokeKey
from tests.kit.demand import (
    authorize,
    authorized,
    complete,
    finished,
    report,
    request,
    songs,
    worker_key,
)
from tests.kit.words import audio, sha
from tests.kit.world import World


def running(**more: Any) -> World:
    """Fixture F with the generation g of S1 and S2 on its way."""
    world = songs()
    authorize(world, request(world, "S1", "S2"), **more)
    return world


def step(world: World) -> str:
    return world.log.ask(GENERATION, world.id("gen", "g")).step


def test_completion_manifest_and_accrual_come_in_one_append() -> None:
    world = running()
    fee = world.log.ask(GENERATION, world.id("gen", "g")).agreed
    completed, embedded, accrued = complete(world).events
    assert [each.TOPIC for each in (completed, embedded, accrued)] == [
        "GenerationCompleted",
        "ManifestEmbedded",
        "RoyaltyAccrued",
    ]
    assert fee is not None
    assert accrued.legs == fee.legs  # type: ignore[attr-defined]
    assert accrued.vector_sha256 == fee.vector_sha256  # type: ignore[attr-defined]
    assert completed.worker == worker_key(world)  # type: ignore[attr-defined]
    assert step(world) == "completed"


@pytest.mark.parametrize(
    ("differs", "word"),
    [
        ({"urn": "urn:c2pa:00000000-0000-4000-8000-000000000000"}, "manifest URN"),
        ({"urn": None}, "manifest URN"),
        ({"claim_signer_sha256": sha("another certificate")}, "claim signer"),
        ({"claim_signer_sha256": None}, "claim signer"),
        ({"references_sha256": sha("other rows")}, "reference rows"),
        ({"references_sha256": None}, "reference rows"),
        ({"audio": audio("another output")}, "file"),
        ({"failures": ["assertion.dataHash.mismatch"]}, "validation"),
        ({"ingredients": []}, "ingredients"),
        ({"ingredients": ["rec_somebody_elses", "unnamed"]}, "ingredients"),
    ],
)
def test_each_difference_fails_the_generation(differs: dict[str, Any], word: str) -> None:
    world = running()
    event = world.log.say(report(world, **differs), by=world["process"]).event
    assert (event.TOPIC, event.code) == ("GenerationFailed", "reference_set_mismatch")
    assert any(each.startswith(word) for each in event.differences)
    assert event.quarantined_sha256 == audio("output")["file_sha256"]
    assert step(world) == "failed"


def test_a_file_that_names_thousands_of_things_still_fails_in_one_entry() -> None:
    world = running()
    many = [f"thing {number}" for number in range(3000)]
    event = world.log.say(report(world, ingredients=many), by=world["process"]).event
    assert len(event.differences) == DIFFERENCES_MAX
    assert event.differences[-1] == "and 2939 more"


@pytest.mark.parametrize("read", [{}, {"claim_signer_sha256": None}])
def test_a_worker_that_names_no_certificate_proves_no_signer(read: dict[str, Any]) -> None:
    """Not even where the file names none either: nothing equals nothing, and nobody signed."""
    world = running()
    said = finished(authorized(world), world.log.now, claim_signer_sha256=None)
    event = world.log.say(report(world, said=said, **read), by=world["process"]).event
    assert event.TOPIC == "GenerationFailed"
    assert any(each.startswith("claim signer") for each in event.differences)


Forged = Callable[[World], str]


def bent(world: World) -> str:
    raw = bytearray(canonical.unb64u(finished(authorized(world), world.log.now)))
    raw[-1] ^= 1
    return canonical.b64u(bytes(raw))


def foreign(world: World) -> str:
    return finished(authorized(world), world.log.now, ledger="other.example/2026")


def stranger(world: World) -> str:
    return finished(authorized(world), world.log.now, worker="nobody")


def owner(world: World) -> str:
    return finished(authorized(world), world.log.now, worker="L", party="L")


def lent(world: World) -> str:
    return finished(authorized(world), world.log.now, party="L")


def other_command(world: World) -> str:
    return finished(authorized(world), world.log.now, command="CancelGeneration")


def other_generation(world: World) -> str:
    return finished(authorized(world), world.log.now, generation=world.id("gen", "other"))


def failed(world: World) -> str:
    words: dict[str, Any] = {
        "outcome": "failed",
        "artifact_sha256": None,
        "claim_signer_sha256": None,
    }
    return finished(authorized(world), world.log.now, **words)


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (bent, "signature_invalid"),
        (foreign, "wrong_ledger"),
        (stranger, "key_unknown"),
        (owner, "key_not_valid"),
        (lent, "key_not_valid"),
        (other_command, "value_unknown"),
        (other_generation, "value_unknown"),
        (failed, "value_unknown"),
    ],
)
def test_a_forged_word_changes_nothing(forge: Forged, code: str) -> None:
    world = running()
    world.log.refuses(code, report(world, said=forge(world)), by=world["process"])
    assert step(world) == "authorized"
    complete(world)


def test_another_worker_than_the_one_assigned_finishes_nothing() -> None:
    world = songs()
    world.key("worker 2", "Operator", ["worker"])
    authorize(world, request(world, "S1"), worker=worker_key(world))
    said = finished(authorized(world), world.log.now, worker="worker 2")
    world.log.refuses("not_authorized", report(world, said=said), by=world["process"])
    complete(world)


def test_a_revoked_worker_finishes_nothing() -> None:
    world = running()
    revoke = RevokeKey(key=worker_key(world), reason="stolen")
    world.log.say(revoke, by=world["registrar"])
    world.log.refuses("key_not_valid", report(world), by=world["process"])


def test_only_a_process_reports() -> None:
    world = running()
    world.log.refuses("not_controller", report(world), by=world["C"])
    world.log.refuses("not_controller", report(world), by=world["worker"])


def test_what_nobody_authorized_is_unknown() -> None:
    world = running()
    other = report(world).model_copy(update={"generation": world.id("gen", "other")})
    world.log.refuses("unknown_id", other, by=world["process"])


def test_a_second_file_for_the_same_authorization_is_turned_away() -> None:
    world = running()
    complete(world)
    second = report(world, audio=audio("second"), said=None)
    world.log.refuses("already_completed", second, by=world["process"])


def cancel(world: World) -> CancelGeneration:
    return CancelGeneration(generation=world.id("gen", "g"))


def expire(world: World) -> ExpireAuthorization:
    return ExpireAuthorization(generation=world.id("gen", "g"))


def test_its_creator_alone_cancels() -> None:
    world = running()
    world.log.refuses("not_controller", cancel(world), by=world["X"])
    event = world.log.say(cancel(world), by=world["C"]).event
    assert (event.because, event.consents) == ("creator", ())
    world.log.refuses("not_authorized", cancel(world), by=world["C"])
    world.log.refuses("not_authorized", report(world), by=world["process"])


def test_a_completed_generation_is_not_canceled() -> None:
    world = running()
    complete(world)
    world.log.refuses("already_completed", cancel(world), by=world["C"])


def test_an_authorization_expires_at_its_hour_and_not_before() -> None:
    world = running()
    world.log.at("2026-03-01T12:59:59.999999Z")
    world.log.refuses("not_authorized", expire(world), by=world["process"])
    world.log.at("2026-03-01T13:00:00Z")
    world.log.refuses("not_authorized", report(world), by=world["process"])
    world.log.refuses("not_controller", expire(world), by=world["C"])
    assert world.log.say(expire(world), by=world["process"]).event.TOPIC == "AuthorizationExpired"
    world.log.refuses("not_authorized", expire(world), by=world["process"])
    assert step(world) == "expired"


def failure(world: World, code: str, said: str | None) -> ReportFailure:
    return ReportFailure.read({"generation": world.id("gen", "g"), "code": code, "finished": said})


@pytest.mark.parametrize("code", ["artifact_missing", "artifact_unreadable"])
def test_a_file_that_cannot_be_read_fails_by_the_finishers_word(code: str) -> None:
    world = running()
    said = finished(authorized(world), world.log.now)
    event = world.log.say(failure(world, code, said), by=world["process"]).event
    assert (event.code, event.quarantined_sha256) == (code, audio("output")["file_sha256"])
    assert step(world) == "failed"


def test_a_worker_that_failed_says_so_itself() -> None:
    world = running()
    world.log.refuses("value_unknown", failure(world, "worker_failed", None), by=world["process"])
    done = finished(authorized(world), world.log.now)
    world.log.refuses("value_unknown", failure(world, "worker_failed", done), by=world["process"])
    event = world.log.say(failure(world, "worker_failed", failed(world)), by=world["process"]).event
    assert (event.code, event.quarantined_sha256) == ("worker_failed", None)


def test_a_silent_worker_fails_without_a_word() -> None:
    world = running()
    event = world.log.say(failure(world, "worker_silent", None), by=world["process"]).event
    assert event.code == "worker_silent"
