"""What is relied on of the broker and its client: order, repetition, groups, outages, passwords."""

from __future__ import annotations

import threading

from generation.broker import Broker, Member, Reader
from generation.broker_settings import BrokerSettings
from generation.delivery import Record, TopicSpec
from tests.support.kafka_broker import KafkaBroker, NamedBroker
from tests.support.patience import until


def made(settings: BrokerSettings, partitions: int = 1) -> Broker:
    """Return a broker with a topic `things`."""
    broker = Broker(settings)
    spec = TopicSpec(partitions, keeps_ms=None)
    assert broker.create({things(settings): spec}, replication=1) == (things(settings),)
    assert broker.create({things(settings): spec}, replication=1) == ()
    return broker


def things(settings: BrokerSettings) -> str:
    return f"{settings.prefix}things"


def sent(broker: Broker, topic: str, values: list[bytes], key: bytes = b"k") -> None:
    with broker.sender(window=3) as sender:
        for value in values:
            sender.send(topic, key=key, value=value, headers={"n": value})
        sender.flush()


def read(reader: Reader, count: int) -> list[Record]:
    found: list[Record] = []

    def are_read() -> bool:
        found.extend(reader.read(1.0))
        return len(found) >= count

    until(are_read, f"{count} records", told=lambda: f"{len(found)} came")
    assert len(found) == count
    return found


def take(member: Member) -> Record:
    found: list[Record] = []

    def is_taken() -> bool:
        record = member.take(1.0)
        found.extend([record] if record else [])
        return bool(found)

    until(is_taken, "a record")
    return found[0]


def test_what_is_acknowledged_is_read_in_its_order(kafka: KafkaBroker | NamedBroker) -> None:
    settings = kafka.settings
    broker, topic = made(settings), things(settings)
    values = [b"%d" % number for number in range(10)]
    sent(broker, topic, values)
    with broker.reader(topic) as reader:
        rows = read(reader, 10)
        assert [(row.offset, row.value) for row in rows] == list(enumerate(values))
        assert [row.headers["n"] for row in rows] == values
        assert reader.ends() == {0: (0, 10)}
        reader.seek(0, 7)
        assert [row.value for row in read(reader, 3)] == values[7:]


def test_what_was_not_committed_comes_again_and_what_was_does_not(
    kafka: KafkaBroker | NamedBroker,
) -> None:
    settings = kafka.settings
    broker, topic = made(settings), things(settings)
    sent(broker, topic, [b"0", b"1"])
    # It is held for a while and never done: whoever took it has died, say.
    with broker.member("group", topic) as member:
        assert take(member).value == b"0"
        for _ in range(3):
            member.hold()
    for expected in (b"0", b"1"):
        with broker.member("group", topic) as member:
            record = take(member)
            assert record.value == expected
            assert member.done(record)
    with broker.member("group", topic) as member:
        assert member.take(2.0) is None


def test_nothing_is_passed_over_while_a_message_is_worked_on(
    kafka: KafkaBroker | NamedBroker,
) -> None:
    """A second member joins and leaves while the first holds: each message is dealt with once."""
    settings = kafka.settings
    broker, topic = made(settings, partitions=4), things(settings)
    with broker.sender() as sender:
        for number in range(40):
            sender.send(topic, key=b"%d" % number, value=b"%d" % number)
        sender.flush()
    done: list[bytes] = []

    def work(member: Member, count: int) -> None:
        for _ in range(count):
            record = take(member)
            for _ in range(3):
                member.hold()
            if member.done(record):
                done.append(record.value)

    with broker.member("group", topic) as first:
        work(first, 5)
        with broker.member("group", topic) as second:
            both = threading.Thread(target=work, args=(second, 5))
            both.start()
            while both.is_alive():
                first.hold()
                both.join(0.05)
        while len(set(done)) < 40:
            record = take(first)
            if first.done(record):
                done.append(record.value)
    assert sorted(set(done), key=int) == [b"%d" % number for number in range(40)]
