"""Forged, altered, repeated, reordered: it changes nothing, and it is in nobody's way."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generation.job import Job
from ledger.storage.errors import Busy
from schemas.commands.generations import CancelGeneration
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import read_statement, sign_statement
from schemas.events.generations import GenerationAuthorized
from schemas.ids import new_id
from schemas.messages import GenerationAuthorizedMessage, GenerationCancelMessage
from schemas.period import parse_instant
from service.rendering import public_keys
from service.transport.dead_letters import DeadLetters, LetterError
from service.workers.finisher import Finisher
from tests.integration.thread.liars import Patient, liar, message, work
from tests.kit.instance import Place
from tests.kit.sound import events, topics
from tests.production.transport.test_generation import AUTHORIZED, COMPLETED, check_completed
from tests.support.patience import until
from tests.support.transport_roles import BACKEND, WAIT_S, Transport, running


def flipped(raw: bytes) -> bytes:
    """Return a message with one bit turned over in its middle."""
    changed = bytearray(raw)
    changed[len(raw) // 2] ^= 1
    return bytes(changed)


def test_a_job_that_is_not_the_ledgers_word_is_put_away(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    instance = transport.instance
    generation, other = (place.authorize(instance) for _ in range(2))
    true, origin = message(instance, generation), instance.facts.origin
    opened = GenerationAuthorizedMessage.open(true, public_keys(origin, instance.keys))
    theirs = GenerationAuthorizedMessage.open(
        message(instance, other), public_keys(origin, instance.keys)
    )
    stranger = SigningKey.generate(instance.keys.process.kid)
    forged = [
        flipped(true),
        true[:-9],
        b"no message",
        b"x" * 400_000,
        opened.sign(stranger, ledger=origin),
        opened.sign(instance.keys.process, ledger="other.example/2026"),
        opened.model_copy(update={"entry": theirs.entry}).sign(
            instance.keys.process, ledger=origin
        ),
    ]
    for one in forged:
        transport.send(transport.topics.authorized, one, key=generation.encode())
    transport.send(transport.topics.authorized, true, key=generation.encode())
    before = instance.feed.visible_head()
    with running(transport.worker(tmp_path / "worker")):
        transport.records(transport.topics.finished, 1)
    assert instance.feed.visible_head() == before
    assert transport.ends.counts["job dead"] == len(forged)
    letters = DeadLetters(transport.broker, transport.topics).list()
    assert [letter.value for letter in letters] == [
        one if len(one) < 300_000 else b"" for one in forged
    ]
    assert all("not the ledger's word" in letter.reason for letter in letters)
    with running(transport.finisher()):
        transport.wait(generation)
    check_completed(transport, generation)
    assert topics(instance, f"job:{other}") == AUTHORIZED


def test_an_answer_that_is_not_the_workers_word_changes_nothing(
    transport: Transport, place: Place
) -> None:
    instance = transport.instance
    generation, other = (place.authorize(instance) for _ in range(2))
    worker = liar(instance, backend=BACKEND)
    true = work(worker, message(instance, generation))
    statement = read_statement(true)
    stranger = SigningKey.generate(statement.kid)

    def again(key: SigningKey, **changes: Any) -> bytes:
        payload = {**statement.payload, **changes}
        return sign_statement(payload, key, issuer=payload["actor"], ledger=payload["ledger"])

    own = worker._identity.key
    forged = [
        flipped(true),
        b"",
        b"no statement",
        again(stranger),
        again(SigningKey.generate(new_id("key"))),
        again(own, ledger="other.example/2026"),
        again(own, command="CancelGeneration"),
        again(own, data=statement.data | {"generation": new_id("gen")}),
    ]
    for one in forged:
        transport.send(transport.topics.finished, one)
    before = instance.feed.visible_head()
    with running(transport.finisher()):
        until(lambda: transport.ends.counts["finish refused"] == len(forged))
        assert instance.feed.visible_head() == before
        # The true one, three times, and once more in other words.
        for one in (true, true, true, again(own, id=new_id("cmd"))):
            transport.send(transport.topics.finished, one)
        until(lambda: transport.ends.counts["finish late already_completed"] == 1)
    check_completed(transport, generation)
    assert topics(instance, f"job:{other}") == AUTHORIZED
    assert len(DeadLetters(transport.broker, transport.topics).list()) == len(forged)


def test_the_order_of_answers_and_jobs_does_not_matter(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    """Answers before anybody asked the finisher, the younger first; a job after its own answer."""
    instance = transport.instance
    generations = [place.authorize(instance) for _ in range(3)]
    jobs = [message(instance, one) for one in generations]
    worker = liar(instance, backend=BACKEND)
    for job in reversed(jobs[1:]):
        transport.send(transport.topics.finished, work(worker, job), key=b"one key")
    with running(transport.finisher(), transport.worker(tmp_path / "worker")):
        transport.wait(*generations[1:])
        for job in (jobs[2], jobs[0], jobs[1]):
            transport.send(transport.topics.authorized, job, key=b"one key")
        transport.wait(generations[0])
        until(lambda: transport.ends.counts["finish late already_completed"] == 2)
    check_completed(transport, *generations)


def test_a_forged_cancellation_cancels_nothing(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    instance, begun = transport.instance, threading.Event()
    generation = place.authorize(instance)
    origin = instance.facts.origin
    said = GenerationCancelMessage(generation=generation)
    stranger = SigningKey.generate(instance.keys.process.kid)
    true = said.sign(instance.keys.process, ledger=origin)
    consumer = transport.worker(tmp_path / "worker", backend=Patient(begun))
    transport.send(transport.topics.authorized, message(instance, generation))
    with running(consumer):
        assert begun.wait(WAIT_S)
        for one in (said.sign(stranger, ledger=origin), flipped(true), b"stop"):
            transport.send(transport.topics.cancel, one)
        threading.Event().wait(1.5)
        assert transport.ends.counts["job canceled"] == 0
        transport.send(transport.topics.cancel, true)
        until(lambda: transport.ends.counts["job canceled"] == 1)
    # The ledger itself was not asked: what it says stands.
    assert topics(instance, f"job:{generation}") == AUTHORIZED


def test_an_authorization_whose_hour_has_passed_is_not_rendered(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    instance = transport.instance
    generation = place.authorize(instance)
    transport.send(transport.topics.authorized, message(instance, generation))
    consumer = transport.worker(tmp_path / "worker")
    authorized = events(instance, f"job:{generation}")[0]
    assert isinstance(authorized, GenerationAuthorized)
    expires = parse_instant(authorized.expires_at)
    consumer._post = replace(consumer._post, clock=lambda: expires)
    with running(consumer):
        until(lambda: transport.ends.counts["job expired"] == 1)
    assert not (tmp_path / "worker").exists()


def test_a_job_at_which_we_break_is_put_away_and_sent_again_by_hand(
    transport: Transport, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next job is done; the letter says what happened; sent once more, it is done too."""
    instance = transport.instance
    generation, other = (place.authorize(instance) for _ in range(2))
    broken = threading.Event()
    broken.set()
    consumer = transport.worker(tmp_path / "worker")
    manifest = consumer._post.worker._manifest

    def breaks(job: Job, *more: Any) -> Any:
        if broken.is_set() and job.authorization.generation == generation:
            raise RuntimeError("a mistake of ours")
        return manifest(job, *more)

    monkeypatch.setattr(consumer._post.worker, "_manifest", breaks)
    for one in (generation, other):
        transport.send(transport.topics.authorized, message(instance, one), key=b"one key")
    letters = DeadLetters(transport.broker, transport.topics)
    with running(consumer, transport.finisher()):
        transport.wait(other)
        (letter,) = letters.list()
        assert letter.reason == "RuntimeError: a mistake of ours"
        assert (letter.topic, letter.is_replayed) == (transport.topics.authorized, False)
        broken.clear()
        letters.replay(letter.offset)
        transport.wait(generation)
    check_completed(transport, generation, other)
    (letter,) = letters.list()
    assert letter.is_replayed
    with pytest.raises(LetterError, match="no dead letter"):
        letters.show(4711)


def test_a_letter_from_nowhere_is_sent_nowhere(transport: Transport) -> None:
    transport.send(
        transport.topics.dead, b"a bomb", headers={"topic": b"somewhere.else", "bytes": b"6"}
    )
    cut = {"topic": transport.topics.finished.encode(), "bytes": b"400000"}
    transport.send(transport.topics.dead, b"", headers=cut)
    letters = DeadLetters(transport.broker, transport.topics)
    for letter in letters.list():
        with pytest.raises(LetterError) as caught:
            letters.replay(letter.offset)
        assert caught.value.code == "letter_not_replayable"


def test_a_busy_ledger_is_waited_for_and_a_file_that_cannot_be_read_is_not(
    transport: Transport, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Busy: the message waits. Unreadable for good: it is set aside, and the next one is done."""
    monkeypatch.setattr("service.transport.finishing.BACKOFF_MAX_S", 0.2)
    instance = transport.instance
    generation, other = (place.authorize(instance) for _ in range(2))
    worker = liar(instance, backend=BACKEND)
    answers = [work(worker, message(instance, one)) for one in (generation, other)]
    tries = dict.fromkeys(answers, 0)
    finish = Finisher.finish

    def faulty(self: Any, finished: bytes, **how: Any) -> Any:
        tries[finished] += 1
        if finished == answers[0]:
            raise OSError("a bad block")
        if tries[finished] <= 30:
            raise Busy("the queue is full")
        return finish(self, finished, **how)

    monkeypatch.setattr(Finisher, "finish", faulty)
    for answer in answers:
        transport.send(transport.topics.finished, answer, key=b"one key")
    with running(transport.finisher()):
        transport.wait(other)
    assert transport.ends.counts["finish dead"] == 1
    monkeypatch.undo()
    letters = DeadLetters(transport.broker, transport.topics)
    (letter,) = letters.list()
    assert letter.reason == "OSError: a bad block"
    letters.replay(letter.offset)
    with running(transport.finisher()):
        transport.wait(generation)
    check_completed(transport, generation, other)


def test_a_canceled_generation_takes_no_answer(transport: Transport, place: Place) -> None:
    instance = transport.instance
    generation = place.authorize(instance)
    answer = work(liar(instance, backend=BACKEND), message(instance, generation))
    instance.speaker(place.creator).say(CancelGeneration(generation=generation))
    transport.send(transport.topics.finished, answer)
    with running(transport.finisher()):
        until(lambda: transport.ends.counts["finish late not_authorized"] == 1)
    assert topics(instance, f"job:{generation}") == [*AUTHORIZED, "GenerationCanceled"]
    assert not set(COMPLETED) & set(topics(instance, f"job:{generation}"))
