"""From an authorization to its royalties over a real broker: once, whatever is repeated or lost."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from generation.broker import _SENDING
from schemas import canonical
from schemas.commands.generations import CancelGeneration
from schemas.messages import GenerationAuthorizedMessage, GenerationProgress
from schemas.topics import Topics
from service.rendering import public_keys
from tests.integration.thread.liars import Patient, message
from tests.kit.instance import Place
from tests.kit.sound import events, topics
from tests.support.patience import until
from tests.support.transport_roles import WAIT_S, Transport, running

AUTHORIZED = ["GenerationAuthorized", "FeeAgreed"]
COMPLETED = ["GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued"]


def check_completed(transport: Transport, *generations: str) -> None:
    """One output and one accrual each."""
    for generation in generations:
        assert topics(transport.instance, f"job:{generation}") == [*AUTHORIZED, *COMPLETED]


def test_a_generation_over_the_broker(transport: Transport, place: Place, tmp_path: Path) -> None:
    generation = place.authorize(transport.instance)
    worker, relay = transport.worker(tmp_path / "worker"), transport.relay()
    with running(relay, transport.finisher(), worker):
        transport.wait(generation)
        later = place.authorize(transport.instance)
        transport.wait(later)
        until(lambda: relay.entries.position == transport.instance.feed.visible_head())
    check_completed(transport, generation, later)
    jobs = transport.records(transport.topics.authorized, 2)
    assert {row.key.decode() for row in jobs} == {generation, later}
    told = [
        GenerationProgress.read(canonical.parse(row.value, bytes_max=10_000))
        for row in transport.records(transport.topics.progress, 1)
    ]
    assert {row.generation for row in told} <= {generation, later}
    check_entries(transport)


def check_entries(transport: Transport) -> None:
    """What the topic holds are the log's entries in its order, and nothing beside them."""
    log = transport.instance.feed.entries_after(0, 10_000)
    rows = transport.records(transport.topics.entries, len(log))
    assert [(int(row.key), row.value) for row in rows] == [
        (entry.position, entry.data) for entry in log
    ]
    assert {name for row in rows for name in row.headers} == {"mark"}


def test_a_job_that_comes_twice_is_answered_twice_and_counts_once(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    generation = place.authorize(transport.instance)
    raw = message(transport.instance, generation)
    for _ in range(2):
        transport.send(transport.topics.authorized, raw, key=generation.encode())
    with running(transport.finisher(), transport.worker(tmp_path / "worker")):
        answers = transport.records(transport.topics.finished, 2)
        transport.wait(generation)
    assert answers[0].value == answers[1].value
    check_completed(transport, generation)


def test_two_workers_that_made_the_same_and_the_log_takes_one(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    """As after a rebalance in mid-job: both answer, each with a file of its own."""
    generation = place.authorize(transport.instance)
    raw = message(transport.instance, generation)
    for name in ("one", "other"):
        with running(transport.worker(tmp_path / name)):
            transport.send(transport.topics.authorized, raw, key=generation.encode())
            transport.records(transport.topics.finished, 1 if name == "one" else 2)
    answers = transport.records(transport.topics.finished, 2)
    assert answers[0].value != answers[1].value
    with running(transport.finisher()):
        transport.wait(generation)
        until(lambda: transport.ends.counts["finish late already_completed"] == 1)
    check_completed(transport, generation)


def test_a_generation_that_is_called_off_while_it_is_made(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    begun = threading.Event()
    worker = transport.worker(tmp_path / "worker", backend=Patient(begun))
    with running(transport.relay(), transport.finisher(), worker):
        generation = place.authorize(transport.instance)
        assert begun.wait(WAIT_S)
        creator = transport.instance.speaker(place.creator)
        creator.say(CancelGeneration(generation=generation))
        until(lambda: transport.ends.counts["job canceled"] == 1)
    assert topics(transport.instance, f"job:{generation}") == [*AUTHORIZED, "GenerationCanceled"]
    assert transport.records(transport.topics.finished) == []


def test_a_worker_whom_nobody_lets_say_how_far_it_is_answers_all_the_same(
    transport: Transport, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no topic of progress: what is best effort stands in nobody's way."""
    monkeypatch.setitem(_SENDING, "max_block_ms", 2_000)
    generation = place.authorize(transport.instance)
    monkeypatch.setattr(Topics, "progress", property(lambda one: f"{one.prefix}nowhere"))
    worker = transport.worker(tmp_path / "worker")
    with running(transport.relay(), transport.finisher(), worker):
        transport.wait(generation)
    check_completed(transport, generation)


def test_the_jobs_of_a_relay_are_this_ledgers_word(transport: Transport, place: Place) -> None:
    generation = place.authorize(transport.instance)
    with running(transport.relay()):
        (job,) = transport.records(transport.topics.authorized, 1)
    keys = public_keys(transport.instance.facts.origin, transport.instance.keys)
    opened = GenerationAuthorizedMessage.open(job.value, keys)
    assert opened.generation == generation
    found = events(transport.instance, f"job:{generation}")
    assert [event.TOPIC for event in found] == AUTHORIZED
