"""A broker that is stopped or killed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from generation.delivery import BrokerAwayError
from service.transport.making import make_topics, make_topics_soon
from tests.production.transport.test_broker import made, read, sent, things
from tests.support.kafka_broker import KafkaBroker
from tests.support.patience import PATIENCE_S


def stopped(broker: KafkaBroker) -> None:
    broker.stop()


def killed(broker: KafkaBroker) -> None:
    broker.kill()


@contextmanager
def away(broker: KafkaBroker, how: Callable[[KafkaBroker], None]) -> Iterator[None]:
    """The broker is gone inside, and back afterwards."""
    how(broker)
    try:
        yield
    finally:
        broker.start()


@pytest.mark.parametrize("how", [stopped, killed])
def test_a_broker_that_went_and_came_back(
    how: Callable[[KafkaBroker], None], mortal: KafkaBroker
) -> None:
    settings = mortal.settings
    broker, topic = made(settings), things(settings)
    sent(broker, topic, [b"before"])
    with broker.reader(topic) as reader, broker.sender() as sender:
        sender.send(topic, key=b"k", value=b"still there")
        sender.flush()
        assert [row.value for row in read(reader, 2)] == [b"before", b"still there"]
        with away(mortal, how):
            assert reader.read(0.5) == []
            with pytest.raises(BrokerAwayError), broker.reader(topic):
                pass
            sender.send(topic, key=b"k", value=b"meanwhile")
        sender.flush()
        assert [row.value for row in read(reader, 1)] == [b"meanwhile"]


def test_topics_are_made_when_the_broker_is_back_or_not_at_all(mortal: KafkaBroker) -> None:
    settings, stop = mortal.settings, threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with away(mortal, killed):
            made = pool.submit(make_topics_soon, settings, stop)
            with pytest.raises(TimeoutError):
                made.result(2.0)
        assert made.result(PATIENCE_S)
        assert make_topics(settings) == ()
        with away(mortal, killed):
            never = pool.submit(make_topics_soon, settings, stop)
            stop.set()
            assert not never.result(PATIENCE_S)
