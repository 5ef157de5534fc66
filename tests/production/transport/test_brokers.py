"""Three brokers: with one of them away work goes on, with two of them nothing counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generation.broker import Broker
from generation.delivery import BrokerAwayError
from service.transport.making import make_topics
from tests.kit.instance import Place
from tests.kit.sound import check_sound
from tests.production.transport.test_broker import read
from tests.production.transport.test_generation import check_completed
from tests.production.transport.test_relay import firsts, log_of
from tests.support.kafka_cluster import KafkaCluster
from tests.support.patience import until
from tests.support.transport_roles import Transport, running


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    found = KafkaCluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.close()


@pytest.fixture
def transport(place: Place, cluster: KafkaCluster) -> Iterator[Transport]:
    with place.open() as instance:
        instance.witnessing.start()
        instance.stack.callback(instance.witnessing.close)
        yield Transport(instance, cluster.settings)
        check_sound(instance)


def test_each_of_three_brokers_is_killed_and_work_goes_on(
    transport: Transport, place: Place, cluster: KafkaCluster, tmp_path: Path
) -> None:
    """One of them led the jobs, the entries, or the group of workers: whichever it was."""
    relay, generations = transport.relay(), []
    with running(relay, transport.finisher(), transport.worker(tmp_path / "worker")):
        for broker in cluster.brokers:
            broker.kill()
            try:
                generations.append(place.authorize(transport.instance))
                transport.wait(generations[-1])
            finally:
                cluster.start(broker)
        until(lambda: relay.entries.position == transport.instance.feed.visible_head())
    check_completed(transport, *generations)
    assert firsts(transport, 0) == log_of(transport)


@pytest.fixture
def led_by_one(tmp_path: Path) -> Iterator[KafkaCluster]:
    """The first one alone elects: it goes on without the two others."""
    found = KafkaCluster(tmp_path / "led", voters=1)
    yield found
    found.close()


def test_what_lies_on_one_of_three_alone_does_not_count(
    led_by_one: KafkaCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.broker.ANSWER_S", 15.0)  # until two are known to be away
    settings, away = led_by_one.settings, led_by_one.brokers[1:]
    make_topics(settings)
    broker, topic = Broker(settings), settings.topics.entries
    with broker.sender() as sender:
        sender.send(topic, key=b"1", value=b"on three")
        sender.flush()
        for one in away:
            one.kill()
        try:
            sender.send(topic, key=b"2", value=b"on one")
            with pytest.raises(BrokerAwayError):
                sender.flush()
        finally:
            led_by_one.start(*away)
    with broker.sender() as sender, broker.reader(topic) as reader:
        # As the relay does: what is not known to be there is sent again.
        sender.send(topic, key=b"2", value=b"on two")
        sender.flush()
        begin, end = reader.ends()[0]
        values = [row.value for row in read(reader, end - begin)]
    assert [row for row in values if row != b"on one"] == [b"on three", b"on two"]
