"""Fixtures of the tests with a real broker: one broker a run, topic names of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.instance import Place, make
from tests.kit.sound import check_sound
from tests.support.kafka_broker import KafkaBroker, NamedBroker, named
from tests.support.transport_roles import Transport


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker | NamedBroker]:
    if running := named():
        yield running
        return
    broker = KafkaBroker(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.stop()


@pytest.fixture
def mortal(
    kafka: KafkaBroker | NamedBroker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KafkaBroker]:
    """A broker that may be stopped and killed: never one that somebody else runs."""
    if isinstance(kafka, KafkaBroker):
        yield kafka
        return
    broker = KafkaBroker(tmp_path_factory.mktemp("kafka"))
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make(tmp_path_factory.mktemp("template") / "place")


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy(tmp_path / "place")


@pytest.fixture
def transport(place: Place, kafka: KafkaBroker | NamedBroker) -> Iterator[Transport]:
    """An instance and topics of its own; no role runs before a test starts it."""
    with place.open() as instance:
        instance.witnessing.start()
        instance.stack.callback(instance.witnessing.close)
        yield Transport(instance, kafka.settings)
        check_sound(instance)
