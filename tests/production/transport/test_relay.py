"""The relay: at least once, in order, never with a gap, and never more than the log shows."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from generation.broker import Broker
from schemas.commands.generations import CancelGeneration
from schemas.commands.log import ReplaceWitnessPolicy
from schemas.envelope.keys import SigningKey
from schemas.messages import GenerationAuthorizedMessage, LedgerKeys
from service.rendering import public_keys
from service.transport.making import make_topics, specs
from service.transport.marks import HEADER, Marks
from tests.kit.instance import Place
from tests.support.kafka_broker import KafkaBroker, NamedBroker
from tests.support.patience import until
from tests.support.transport_roles import (
    WAIT_S,
    Transport,
    keys,
    running,
)
from tests.support.witness_servers import ABSENT, quorum

MILLISECOND = timedelta(milliseconds=1)


def firsts(transport: Transport, count: int) -> list[tuple[int, bytes]]:
    """Return position and bytes of the entries in the topic, each as it first came."""
    found: dict[int, bytes] = {}
    for row in transport.records(transport.topics.entries, count):
        found.setdefault(int(row.key), row.value)
    return list(found.items())


def log_of(transport: Transport) -> list[tuple[int, bytes]]:
    rows = transport.instance.feed.entries_after(0, 10_000)
    return [(row.position, row.data) for row in rows]


def published(transport: Transport, *generations: str) -> None:
    """Run a relay until everything that is visible is in the topic, and a job of each of these."""
    relay, jobs = transport.relay(), set(generations)
    with running(relay):
        until(lambda: relay.entries.position == transport.instance.feed.visible_head())
        until(lambda: keys(transport.broker, transport.topics.authorized) >= jobs)


def test_a_start_goes_on_where_the_last_one_was(
    transport: Transport, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.transport.entries.CHUNK", 5)
    published(transport)
    before = len(transport.records(transport.topics.entries))
    assert before == transport.instance.feed.visible_head()
    one = place.authorize(transport.instance)
    published(transport, one)
    rows = transport.records(transport.topics.entries)
    assert firsts(transport, before) == log_of(transport)
    assert len(rows) - transport.instance.feed.visible_head() <= 5
    # Jobs too: this one was sent by the second start; a third one may repeat it, and no other.
    other = place.authorize(transport.instance)
    published(transport, one, other)
    assert keys(transport.broker, transport.topics.authorized) == {one, other}


def test_a_mark_that_is_not_the_ledgers_is_not_believed(transport: Transport, place: Place) -> None:
    published(transport)
    instance, topics = transport.instance, transport.topics
    ledger = public_keys(instance.facts.origin, instance.keys)
    ours = Marks(ledger, instance.keys.process)
    stranger = Marks(ledger, SigningKey.generate(instance.keys.process.kid))
    foreign = Marks(LedgerKeys("other.example/2026", {}, {}), instance.keys.process)
    for mark in (
        stranger.make(topics.entries, 1_000_000),
        foreign.make(topics.entries, 1_000_000),
        ours.make(topics.authorized, 1_000_000),  # ours, about another topic
        b"no mark at all",
    ):
        transport.send(topics.entries, b"no entry", key=b"1000000", headers={HEADER: mark})
    transport.send(topics.entries, b"no entry", key=b"1000001")
    place.authorize(instance)
    published(transport)
    true = [row for row in firsts(transport, 0) if row[1] != b"no entry"]
    assert true == log_of(transport)


def test_who_does_not_hold_the_lock_publishes_nothing(transport: Transport) -> None:
    held, asked = threading.Event(), threading.Semaphore(0)

    def hold() -> bool:
        asked.release()
        return held.is_set()

    relay = transport.relay(hold=hold)
    with running(relay):
        for _ in range(3):
            assert asked.acquire(timeout=WAIT_S)
        assert transport.records(transport.topics.entries) == []
        held.set()
        until(lambda: relay.entries.position == transport.instance.feed.visible_head())
        held.clear()
        seen = len(transport.records(transport.topics.entries))
        for _ in range(3):
            assert asked.acquire(timeout=WAIT_S)
    assert len(transport.records(transport.topics.entries)) == seen


def test_what_has_ended_is_no_job(transport: Transport, place: Place) -> None:
    ended, open_one = (place.authorize(transport.instance) for _ in range(2))
    transport.instance.speaker(place.creator).say(CancelGeneration(generation=ended))
    with running(transport.relay()):
        (job,) = transport.records(transport.topics.authorized, 1)
        (called_off,) = transport.records(transport.topics.cancel, 1)
    assert job.key.decode() == open_one
    assert called_off.key.decode() == ended
    keys = public_keys(transport.instance.facts.origin, transport.instance.keys)
    assert GenerationAuthorizedMessage.open(job.value, keys).generation == open_one


def test_topics_are_made_once_and_left_as_they_are(kafka: KafkaBroker | NamedBroker) -> None:
    settings = kafka.settings
    assert set(make_topics(settings)) == set(specs(settings))
    assert make_topics(settings) == ()
    with Broker(settings).reader(settings.topics.authorized) as reader:
        assert len(reader.ends()) == settings.job_partitions


def test_a_job_waits_for_its_witnesses_and_entries_do_not(
    transport: Transport, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that never signs: the entries are out, the job comes when its time is over."""
    wait = timedelta(seconds=4)
    monkeypatch.setattr("service.transport.jobs.WITNESS_WAIT", wait)
    instance = transport.instance
    instance.operator().say(ReplaceWitnessPolicy(witnesses=quorum(1, {"w": ABSENT})))
    relay = transport.relay()
    with running(relay):
        generation = place.authorize(instance)
        head = instance.feed.visible_head()
        until(lambda: relay.entries.position == head)
        (job,) = transport.records(transport.topics.authorized, 1)
    keys = public_keys(instance.facts.origin, instance.keys)
    message = GenerationAuthorizedMessage.open(job.value, keys)
    assert message.generation == generation
    authorized_at = instance.feed.entries_after(message.position - 1, 1)[0].time
    # The topic's time has milliseconds, and the log's has more of them.
    assert job.time_ms / 1000 >= (authorized_at + wait - MILLISECOND).timestamp()
    entries = transport.records(transport.topics.entries, head)
    assert max(row.time_ms for row in entries) <= job.time_ms
