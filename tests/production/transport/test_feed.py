"""Projections fed from the topic: the same events, whatever else lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ledger.rights.view import Recorded
from schemas.ids import new_id
from service.reading_models import ReadingModels
from service.transport.feed import TopicFeed
from service.transport.watching import ProgressWatch
from tests.kit.instance import Place
from tests.kit.sound import fresh_digests, live_digests
from tests.support.patience import until
from tests.support.transport_roles import Transport, running


@contextmanager
def feed_of(transport: Transport) -> Iterator[TopicFeed]:
    """Give a feed out of the topic."""
    instance = transport.instance
    topic = transport.topics.entries
    with closing(TopicFeed(instance.store, instance.feed, transport.broker, topic=topic)) as feed:
        yield feed


def published(transport: Transport) -> None:
    relay = transport.relay()
    with running(relay):
        until(lambda: relay.entries.position == transport.instance.feed.visible_head())


def read_all(feed: TopicFeed, after: int, limit: int) -> list[Recorded]:
    """Read until a feed has given so many: it waits for the topic a moment at a time."""
    found: list[Recorded] = []

    def is_read() -> bool:
        found.extend(feed.read_after(after + len(found), limit - len(found)))
        return len(found) == limit

    until(is_read, f"{limit} after {after}", told=lambda: f"it gave {len(found)}")
    return found


def test_the_topic_gives_what_the_database_gives(transport: Transport, place: Place) -> None:
    place.authorize(transport.instance)  # private fields too
    published(transport)
    log, head = transport.instance.feed, transport.instance.feed.visible_head()
    with feed_of(transport) as feed:
        assert read_all(feed, 0, head) == log.read_after(0, head)
        assert feed.read_after(3, 4) == log.read_after(3, 4)
        assert feed.read_after(head, 100) == []
        # Behind what is not there yet it waits, and then goes on.
        place.authorize(transport.instance)
        assert feed.read_after(head, 100) == []
        published(transport)
        new = log.read_after(head, 100)
        assert read_all(feed, head, len(new)) == new
        assert feed.read_after(head + len(new), 100) == []
        assert feed.visible_head() == log.visible_head()


@pytest.mark.parametrize("start", [0, 5])
def test_what_is_forged_repeated_or_early_is_passed_over(
    start: int, transport: Transport, place: Place
) -> None:
    log, topic = transport.instance.feed, transport.topics.entries
    entries = log.entries_after(0, 10)
    altered = bytearray(entries[2].data)
    altered[-1] ^= 1
    for position, data in (
        (1, b"no entry"),
        (1, entries[1].data),  # a true entry under another's position
        (9, entries[8].data),  # too early
        (3, bytes(altered)),
    ):
        transport.send(topic, data, key=b"%d" % position)
    published(transport)
    for row in entries:
        transport.send(topic, row.data, key=b"%d" % row.position)
    place.authorize(transport.instance)
    published(transport)
    head = log.visible_head()
    with feed_of(transport) as feed:
        assert read_all(feed, start, head - start) == log.read_after(start, head)


def test_projections_fold_from_the_topic_what_they_fold_from_the_database(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    instance = transport.instance
    place.authorize(instance)
    with feed_of(transport) as feed, running(transport.relay()):
        models = ReadingModels(
            tmp_path / "projections.sqlite",
            instance.store,
            feed,
            instance.storage.visible,
            clock=instance.clock,
            marker=tmp_path / "forgotten",
        )
        with closing(models):
            place.authorize(instance)
            head = instance.feed.visible_head()
            until(lambda: all(row.position == head for row in models.runner.status()))
            assert not [row.failure for row in models.runner.status() if row.failure]
            assert live_digests(models) == fresh_digests(instance)


def test_how_far_a_worker_is(transport: Transport) -> None:
    watch = ProgressWatch(transport.broker, topics=transport.topics)
    generation = new_id("gen")
    said = b'{"generation":"%s","permille":500,"stage":"half"}' % generation.encode()
    with running(watch):
        assert watch.is_listening.wait(60)
        for value in (b"nonsense", b"{}", said):
            transport.send(transport.topics.progress, value)
        until(lambda: watch.status(generation) is not None)
    status = watch.status(generation)
    assert status is not None
    assert (status.permille, status.stage) == (500, "half")
    assert watch.status(new_id("gen")) is None
