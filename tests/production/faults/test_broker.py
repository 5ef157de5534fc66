"""A broker that is away for a while, and one that says everything again in another order.

Half a minute with the other tests; `LINERNOTES_FAULT_AWAY_S=180` for three minutes, say.
"""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from generation.broker import Broker
from generation.broker_settings import BrokerSettings
from schemas.commands.generations import AuthorizeGeneration
from schemas.ids import new_id
from service.facts import InstanceFacts
from service.transport.finishing import GROUP
from tests.kit.aftermath import (
    check_acknowledged,
    check_nothing_doubled,
    generations,
    liner,
    reading,
)
from tests.kit.insisting import Acknowledged, Insisting
from tests.production.faults.unsteady import Unsteady

AWAY_S = float(os.environ.get("LINERNOTES_FAULT_AWAY_S", "30"))
CALM_S = 5.0
WAIT_S = 120.0

OF_ITSELF = {"IndexRootPublished", "RefusalsRepeated"}
"""What the ledger writes down as time passes, whatever is said."""

pytestmark = pytest.mark.timeout(1200)


def test_a_broker_that_is_away_holds_up_nobody_who_asks_and_everything_is_made_after_it(
    unsteady: Unsteady, seed: int
) -> None:
    ended = len(unsteady.supervisor.ended)
    with unsteady.unrest(seed) as unrest:
        time.sleep(CALM_S)
        unsteady.broker.kill()
        until = time.monotonic() + AWAY_S
        meanwhile = authorized_by_somebody_else(unsteady)
        time.sleep(max(0.0, until - time.monotonic()))
        unsteady.broker.start()
        time.sleep(CALM_S)
    counts = unsteady.settle().counts
    assert unsteady.supervisor.ended[ended:] == [], "whoever needs the broker waits for it"
    assert counts["GenerationCompleted"] >= len(unrest.authorized) + 1
    check_acknowledged(unsteady.cluster, [*unrest.acknowledged, meanwhile])


def authorized_by_somebody_else(unsteady: Unsteady) -> Acknowledged:
    """Ask until something is authorized, as it must be while the broker is away.

    Who makes the unrest may wait for all that it has asked for already, and ask for nothing more;
    and a holder may have said no for the moment.
    """
    place = unsteady.cluster.place
    model = InstanceFacts.load(place.settings.instance).mosaic_model
    with closing(Insisting(place, unsteady.doors, place.creator, ("creator",))) as who:
        while True:
            request = place.request_of(model)
            said = who.say(AuthorizeGeneration(verification=new_id("ver"), request=request))
            if not said.is_refused:
                return said


def chosen(unsteady: Unsteady) -> BrokerSettings:
    found = unsteady.cluster.place.settings.broker
    assert found is not None
    return found


@pytest.fixture
def said_again(unsteady: Unsteady) -> int:
    """Everything that workers have said, once more and backwards, then once more as it was.

    Gives the length of the log before, when the finisher has taken all of it.
    """
    settings = chosen(unsteady)
    broker, topic = Broker(settings), settings.topics.finished
    with reading(unsteady.cluster) as log:
        before = log.bound
    with broker.reader(topic) as reader, broker.sender() as sender:
        said = [
            row
            for one, (begin, end) in reader.ends().items()
            for row in reader.between(one, begin, end)
        ]
        for row in [*reversed(said), *said]:
            sender.send(topic, key=b"one key", value=row.value)
        sender.flush()
        ends = {one: end for one, (_, end) in reader.ends().items()}
    until = time.monotonic() + WAIT_S
    while any(committed(settings, topic, one) < end for one, end in ends.items()):
        assert time.monotonic() < until, "the finisher has not taken them"
        time.sleep(0.5)
    return before


def committed(settings: BrokerSettings, topic: str, partition: int) -> int:
    """Return up to where the finisher has dealt with a partition."""
    consumer = KafkaConsumer(
        bootstrap_servers=list(settings.bootstrap), group_id=f"{settings.prefix}{GROUP}"
    )
    with closing(consumer), suppress(KafkaError):  # of a group that is being made there is none
        return consumer.committed(TopicPartition(topic, partition)) or 0
    return 0


def test_what_workers_have_said_twice_and_backwards_changes_nothing(
    unsteady: Unsteady, said_again: int
) -> None:
    assert generations(unsteady.cluster).counts["GenerationCompleted"] > 0
    check_nothing_doubled(unsteady.cluster)
    with reading(unsteady.cluster) as log:
        rows = [log.entry(position) for position in range(said_again + 1, log.bound + 1)]
        later = {row.type if row is not None else "none" for row in rows}
    assert later <= OF_ITSELF, "what is said again is answered, and not written down"
    assert "0 differ" in liner(unsteady.cluster, "audit")
