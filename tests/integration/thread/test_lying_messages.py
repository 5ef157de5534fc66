"""Messages that are forged, altered or repeated change nothing; other lies end as they must."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from generation.worker import Worker
from ledger.keys import write_key
from ledger.provenance.record import Question
from schemas import canonical
from schemas.commands.generations import AuthorizeGeneration
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import read_statement, sign_statement
from schemas.events.generations import GenerationFailed
from schemas.ids import new_id
from schemas.lists import KeyRole
from schemas.messages import GenerationAuthorizedMessage
from schemas.refusals import Malformed
from service.instance import Instance
from tests.integration.thread.liars import (
    Lies,
    finished_changed,
    ledger_keys,
    liar,
    message,
    work,
)
from tests.kit.instance import Place
from tests.kit.sound import events, topics

AUTHORIZED = ["GenerationAuthorized", "FeeAgreed"]
COMPLETED = ["GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued"]


def refused(instance: Instance, generation: str, finished: bytes, *codes: str) -> None:
    """Insist that a finished message is not believed, and that nothing came of it."""
    before = instance.feed.visible_head()
    with pytest.raises(Malformed) as caught:
        instance.finisher.finish(finished)
    assert caught.value.code in codes, caught.value
    assert instance.feed.visible_head() == before
    assert topics(instance, f"job:{generation}") == AUTHORIZED


def enroll(instance: Instance, party: str, *roles: KeyRole) -> SigningKey:
    """Enroll a further key of a party."""
    key = SigningKey.generate(new_id("key"))
    write_key(instance.settings.keyring / f"{key.kid}.key", key)
    command = EnrollKey(
        key=key.kid, party=party, public_key=canonical.b64u(key.public), roles=roles
    )
    speaker = instance.operator()
    type(speaker)(speaker.application, party, key, speaker.clock).say(command)
    speaker.say(ConfirmKey(key=key.kid))
    return key


def again(finished: bytes, key: SigningKey, **changes: Any) -> bytes:
    """Return a finished statement signed again, with other fields."""
    payload = {**read_statement(finished).payload, **changes}
    return sign_statement(payload, key, issuer=payload["actor"], ledger=payload["ledger"])


def test_a_finished_message_that_is_not_the_workers_word_changes_nothing(
    instance: Instance, shared: Place
) -> None:
    generation = shared.authorize(instance)
    worker = liar(instance)
    finished = work(worker, message(instance, generation))
    statement = read_statement(finished)
    stranger = SigningKey.generate(statement.kid)
    unknown = SigningKey.generate(new_id("key"))
    other = statement.data | {"generation": new_id("gen")}
    facts = instance.facts
    holder = enroll(instance, shared.pieces[0].holder, "holder")
    # (1) altered on its way, in the signature or in what it says
    flipped = bytearray(finished)
    flipped[-1] ^= 1
    refused(instance, generation, bytes(flipped), "signature_invalid")
    altered = finished.replace(b'"outcome":"completed"', b'"outcome":"c0mpleted"')
    refused(instance, generation, altered, "value_unknown")
    bigger = finished.replace(
        canonical.encode(statement.data["artifact_bytes"]), b"9" * 6, 1
    )  # of another length than the envelope says, or another word than was signed
    refused(instance, generation, bigger, "signature_invalid", "not_canonical")
    # (2) signed by somebody who took the worker's name, by nobody's key, by no worker
    refused(instance, generation, again(finished, stranger), "signature_invalid")
    refused(instance, generation, again(finished, unknown), "key_unknown")
    theirs = again(finished, holder, actor=shared.pieces[0].holder)
    refused(instance, generation, theirs, "key_not_valid")
    # (3) a true word about something else, or to somebody else
    refused(instance, generation, again(finished, _key(worker), data=other), "unknown_id")
    foreign = again(finished, _key(worker), ledger="other.example/2026")
    refused(instance, generation, foreign, "wrong_ledger")
    another = again(finished, _key(worker), command="CancelGeneration")
    refused(instance, generation, another, "value_unknown")
    # Nothing of it has spoiled the true one.
    instance.finisher.finish(finished)
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]
    assert facts.worker_party == statement.actor


def _key(worker: Worker) -> SigningKey:
    return worker._identity.key


def test_a_finished_message_that_is_repeated_accrues_once(
    instance: Instance, shared: Place
) -> None:
    generation = shared.authorize(instance)
    worker = liar(instance)
    finished = work(worker, message(instance, generation))
    first = instance.finisher.finish(finished)
    for _ in range(3):
        repeated = instance.finisher.finish(finished)
        assert repeated.replayed
        assert repeated.positions == first.positions
    # Said again in other words: the generation has its output.
    with pytest.raises(Malformed, match="already_completed"):
        instance.finisher.finish(again(finished, _key(worker), id=new_id("cmd")))
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]


def test_a_valid_authorization_serves_one_file_alone(instance: Instance, shared: Place) -> None:
    """The same authorization, entry and proof, in a second file: signed, trusted, and no output."""
    generation = shared.authorize(instance)
    raw = message(instance, generation)
    first = work(liar(instance), raw)
    instance.finisher.finish(first)
    (instance.settings.workers / generation / "finished.cose").unlink()
    second = work(liar(instance), raw)  # the worker makes it once more
    before = instance.feed.visible_head()
    with pytest.raises(Malformed, match="already_completed"):
        instance.finisher.finish(second)
    assert instance.feed.visible_head() == before
    assert topics(instance, f"job:{generation}").count("RoyaltyAccrued") == 1
    # Both files are whole, signed by the worker and carry the entry; one of them is the output.
    question = Question(tier="private", channel="download", territory="DE", at=datetime.now(UTC))
    verdicts = []
    for finished in (first, second):
        digest = read_statement(finished).data["artifact_sha256"]
        verdicts.append(instance.inspector.inspect(instance.artifacts.path(digest), question)[1])
    assert [one.exit_code == 0 for one in verdicts] == [True, False]
    assert verdicts[1].intact.code == verdicts[0].intact.code


def test_another_worker_than_the_one_assigned(instance: Instance, shared: Place) -> None:
    """Both are enrolled, and only one of them was given this."""
    other = enroll(instance, instance.facts.worker_party, "worker")
    request = shared.request(instance)
    command = AuthorizeGeneration(
        verification=new_id("ver"), request=request, worker=instance.facts.worker_key
    )
    instance.speaker(shared.creator).say(command)
    finished = work(liar(instance, key=other), message(instance, request.generation))
    refused(instance, request.generation, finished, "not_authorized")
    instance.finisher.finish(again(finished, _key(liar(instance))))
    assert topics(instance, f"job:{request.generation}") == [*AUTHORIZED, *COMPLETED]


def test_a_worker_whose_key_was_revoked_meanwhile(instance: Instance, shared: Place) -> None:
    key = enroll(instance, instance.facts.worker_party, "worker")
    generation = shared.authorize(instance)
    finished = work(liar(instance, key=key), message(instance, generation))
    instance.operator().say(RevokeKey(key=key.kid, reason="lost"))
    refused(instance, generation, finished, "key_not_valid")


@pytest.mark.parametrize("code", ["worker_failed", "artifact_missing"])
def test_a_worker_that_says_it_failed_or_never_stored_its_file(
    code: str, instance: Instance, shared: Place
) -> None:
    fields: dict[str, Any] = {"artifact_sha256": "1" * 64}
    if code == "worker_failed":
        fields = {"outcome": "failed", "artifact_sha256": None, "reason": "no sound"}
    generation = shared.authorize(instance)
    worker = liar(instance, Lies(finished=finished_changed(**fields)))
    instance.finisher.finish(work(worker, message(instance, generation)))
    failed = events(instance, f"job:{generation}")[-1]
    assert isinstance(failed, GenerationFailed)
    assert failed.code == code
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationFailed"]


def test_a_worker_believes_only_its_ledger(instance: Instance, shared: Place) -> None:
    """A forged or altered `generation.authorized` leaves nothing behind, not even a folder."""
    generation, other = shared.authorize(instance), shared.authorize(instance)
    raw, worker = message(instance, generation), liar(instance)
    known = GenerationAuthorizedMessage.open(raw, ledger_keys(instance))
    origin = instance.facts.origin
    stranger = SigningKey.generate(instance.keys.process.kid)
    flipped = bytearray(raw)
    flipped[len(raw) // 2] ^= 1
    process = instance.keys.process
    theirs = GenerationAuthorizedMessage.open(message(instance, other), ledger_keys(instance))
    wrong_entry = known.model_copy(update={"entry": theirs.entry})
    forged = {
        "flipped": bytes(flipped),
        "cut": raw[:-9],
        "empty": b"",
        "stranger": known.sign(stranger, ledger=origin),
        "unknown key": known.sign(SigningKey.generate(new_id("key")), ledger=origin),
        "another ledger": known.sign(process, ledger="other.example/2026"),
        "another entry": wrong_entry.sign(process, ledger=origin),
        "no authorization": known.model_copy(
            update={"entry": canonical.b64u(_entry_at(instance, 1))}
        ).sign(process, ledger=origin),
    }
    for name, one in forged.items():
        with pytest.raises(Malformed):
            work(worker, one)
        assert not (instance.settings.workers / generation).exists(), name
    assert topics(instance, f"job:{generation}") == AUTHORIZED
    # The true one, after all of them.
    instance.finisher.finish(work(worker, raw))
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]


def _entry_at(instance: Instance, position: int) -> bytes:
    return instance.feed.entries_after(position - 1, 1)[0].data
