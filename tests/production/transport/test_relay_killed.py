"""A relay that is killed before it knows what arrived, and one whose broker goes away."""

from __future__ import annotations

import signal
import threading

import pytest

from generation.broker import Broker
from service.transport.making import make_topics
from tests.kit.instance import Place
from tests.production.transport.test_relay import firsts, log_of
from tests.support.kafka_broker import KafkaBroker, NamedBroker
from tests.support.patience import until
from tests.support.transport_roles import (
    WAIT_S,
    Transport,
    keys,
    records,
    relay_process,
    running,
)


@pytest.mark.parametrize(
    "point", ["entries_sent_before_acknowledged", "jobs_sent_before_acknowledged"]
)
def test_a_relay_that_is_killed_before_it_knows_what_arrived(
    point: str, place: Place, kafka: KafkaBroker | NamedBroker
) -> None:
    settings = kafka.settings
    make_topics(settings)
    with place.open() as instance:
        generations = {place.authorize(instance) for _ in range(3)}
    with relay_process(place, settings, kill=point) as process:
        assert process.wait(WAIT_S) == -signal.SIGKILL
    with place.open() as instance:
        generations.add(place.authorize(instance))
        log = [(row.position, row.data) for row in instance.feed.entries_after(0, 10_000)]
    broker, topics = Broker(settings), settings.topics
    with relay_process(place, settings):
        until(lambda: {int(row.key) for row in records(broker, topics.entries)} >= {len(log)})
        until(lambda: keys(broker, topics.authorized) == generations, "a job of each")
    found: dict[int, bytes] = {}
    for row in records(broker, topics.entries, len(log)):
        found.setdefault(int(row.key), row.value)
    assert list(found.items()) == log
    assert keys(broker, topics.authorized) == generations


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_relay_waits_for_a_broker_that_is_away(
    how: str, place: Place, mortal: KafkaBroker
) -> None:
    with place.open() as instance:
        transport = Transport(instance, mortal.settings)
        instance.witnessing.start()
        instance.stack.callback(instance.witnessing.close)
        relay = transport.relay()
        with running(relay):
            until(lambda: relay.entries.position == instance.feed.visible_head())
            (mortal.stop if how == "stopped" else mortal.kill)()
            try:
                generation = place.authorize(instance)
                threading.Event().wait(2.0)
            finally:
                mortal.start()
            until(lambda: relay.entries.position == instance.feed.visible_head())
            until(lambda: keys(transport.broker, transport.topics.authorized) == {generation})
        assert firsts(transport, 0) == log_of(transport)
