"""Apache Kafka as this project uses it; the one file that imports kafka-python.

The client's ways, and what follows here: constructors block, and say the same of every trouble;
`close` raises when nobody answers; nothing bounds what waits to be sent; after a long outage the
default back-off sleeps for half a minute. So clients are built inside `keep_trying`, closed with
care, bounded by a window, and told to come back within a second. Whatever goes wrong with the
broker is one exception, `BrokerAwayError`: build anew, and do again what is not known to be done.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from generation.broker_settings import BrokerSettings
from generation.delivery import BrokerAwayError, PartitionTakenError, Record, TopicSpec, find

log: Final = logging.getLogger(__name__)

ANSWER_S: Final = 30.0
"""How long a message may take to be acknowledged, or a commit, before we start afresh."""

CONNECT_S: Final = 10.0
"""How long the client looks for a broker."""

SESSION_S: Final = 10.0
"""After how much silence a member's partitions go to another: a worker was killed, say."""

WINDOW: Final = 500
"""Messages that may wait to be acknowledged; the client itself knows no bound."""

CLOSE_S: Final = 2.0
"""How long a client may take to say goodbye."""

_TAKEN_AWAY: Final = (
    CommitFailedError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)


class Broker:
    """Where clients are made. Nothing is asked of the broker before one is."""

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings

    @contextmanager
    def sender(self, *, window: int = WINDOW) -> Iterator[Sender]:
        """Give a producer; what it was given is acknowledged, or this raises."""
        with _client(KafkaProducer, **self._common(), linger_ms=0, **_SENDING) as producer:
            yield Sender(producer, window)

    @contextmanager
    def member(self, group: str, topic: str) -> Iterator[Member]:
        """Give a member of a group, which takes its share of a topic."""
        how = {**_TAKING, "group_id": group, "max_poll_records": 1}
        with _client(KafkaConsumer, topic, **self._common(), **how) as consumer:
            yield Member(consumer)

    @contextmanager
    def reader(self, topic: str) -> Iterator[Reader]:
        """Give a reader of a whole topic, which is in no group and disturbs nobody."""
        with _client(KafkaConsumer, **self._common(), **_TAKING) as consumer:
            with _told():
                found = consumer.partitions_for_topic(topic)
            if not found:
                raise BrokerAwayError(f"there is no topic {topic} yet")
            yield Reader(consumer, [TopicPartition(topic, one) for one in sorted(found)])

    def create(self, topics: Mapping[str, TopicSpec], *, replication: int) -> tuple[str, ...]:
        """Make the topics that are missing; return their names. Others are left as they are."""
        with _client(KafkaAdminClient, **self._common()) as admin, _told():
            missing = sorted(set(topics) - set(admin.list_topics()))
            asked = {
                name: {
                    "num_partitions": topics[name].partitions,
                    "replication_factor": replication,
                    "configs": topics[name].configs(replication=replication),
                }
                for name in missing
            }
            if asked:
                admin.create_topics(asked, wait_for_metadata=True)
        return tuple(missing)

    def _common(self) -> dict[str, Any]:
        """Return what every client is told, if somebody listens there at all.

        Asked first, because a client that finds nobody takes its time, and leaves sockets behind.
        """
        find(self._settings.bootstrap, CONNECT_S)
        return {
            "bootstrap_servers": list(self._settings.bootstrap),
            "bootstrap_timeout_ms": _ms(CONNECT_S),
            "reconnect_backoff_max_ms": 1000,
            **self._settings.security(),
        }


class Sender:
    """Sends messages; an idempotent producer, acknowledged by all replicas in sync."""

    def __init__(self, producer: Any, window: int) -> None:
        self._producer = producer
        self._window = window
        self._waiting: deque[Any] = deque()
        self._mentioned: deque[Any] = deque()
        self._is_mute = False

    def send(
        self, topic: str, *, key: bytes, value: bytes, headers: Mapping[str, bytes] = {}
    ) -> None:
        """Hand over a message; waits for the oldest where too many wait to be acknowledged."""
        if len(self._waiting) >= self._window:
            self._await_oldest()
        with _told():
            sent = self._producer.send(topic, key=key, value=value, headers=[*headers.items()])
        self._waiting.append(sent)

    def flush(self) -> None:
        """Wait until everything that was handed over is acknowledged."""
        while self._waiting:
            self._await_oldest()

    def mention(self, topic: str, *, key: bytes, value: bytes) -> None:
        """Hand over a message that may be lost; after one that nobody took, none any more."""
        while self._mentioned and self._mentioned[0].is_done:
            self._is_mute |= self._mentioned.popleft().failed()
        if len(self._mentioned) < self._window and not self._is_mute:
            try:
                with _told():
                    self._mentioned.append(self._producer.send(topic, key=key, value=value))
            except BrokerAwayError:
                self._is_mute = True

    def _await_oldest(self) -> None:
        with _told():  # without a quorum the client goes on for ever: the bound is ours
            self._waiting.popleft().get(timeout=ANSWER_S)


class Member:
    """Takes messages as a member of a group, one thread's. Committed is what was `done`."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    def take(self, timeout_s: float) -> Record | None:
        """Return the next message, or None when the time is over."""
        with _told():
            self._consumer.resume(*self._consumer.paused())
            found = self._consumer.poll(timeout_ms=_ms(timeout_s), max_records=1)
        return next((_record(row) for rows in found.values() for row in rows), None)

    def hold(self) -> None:
        """Show that we are alive while a message is worked on, and take no other.

        A rebalance forgets what was paused, so it is paused on every turn; what such a turn brings
        all the same is left for later.
        """
        with _told():
            self._consumer.pause(*self._consumer.assignment())
            for partition, rows in self._consumer.poll(timeout_ms=0, max_records=1).items():
                self._consumer.seek(partition, rows[0].offset)

    def done(self, record: Record) -> bool:
        """Commit that a message was dealt with; False if its partition is another's by now."""
        place = TopicPartition(record.topic, record.partition)
        try:
            with _told():
                self._consumer.commit(
                    {place: OffsetAndMetadata(record.offset + 1, "", -1)},
                    timeout_ms=_ms(ANSWER_S),
                )
                self._pass_over(place, record.offset)
        except PartitionTakenError:
            return False
        return True

    def _pass_over(self, place: Any, offset: int) -> None:
        """Do not take again what is done: a rebalance meanwhile went back to what was committed."""
        if place in self._consumer.assignment():
            position = self._consumer.position(place, timeout_ms=_ms(ANSWER_S))
            if position is not None and position <= offset:
                self._consumer.seek(place, offset + 1)


class Reader:
    """Reads all partitions of a topic, from wherever it is told; from their beginning at first."""

    def __init__(self, consumer: Any, partitions: Sequence[Any]) -> None:
        self._consumer = consumer
        self._partitions = partitions
        with _told():
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)

    def seek(self, partition: int, offset: int) -> None:
        """Go on from an offset; from the beginning where the topic begins later."""
        place = self._partitions[partition]
        with _told():
            begins = self._consumer.beginning_offsets([place])[place]
            self._consumer.seek(place, max(begins, offset))

    def ends(self) -> dict[int, tuple[int, int]]:
        """Return the first offset of each partition, and the one after its last."""
        with _told():
            begins = self._consumer.beginning_offsets(self._partitions)
            ends = self._consumer.end_offsets(self._partitions)
        return {place.partition: (begins[place], ends[place]) for place in self._partitions}

    def between(self, partition: int, begin: int, end: int) -> list[Record]:
        """Return the records of one partition in [begin, end), those that are still there."""
        place = self._partitions[partition]
        found: list[Record] = []
        with _told():
            self._consumer.assign([place])
            self._consumer.seek(place, begin)
            while self._consumer.position(place, timeout_ms=_ms(ANSWER_S)) < end:
                rows = self._consumer.poll(timeout_ms=_ms(ANSWER_S))
                if not rows:
                    raise BrokerAwayError(f"{place.topic} does not give what it has")
                found += [_record(row) for part in rows.values() for row in part]
            self._consumer.assign(self._partitions)
        return [row for row in found if row.offset < end]

    def read(self, timeout_s: float, *, limit: int = WINDOW) -> list[Record]:
        """Return what comes next, nothing when the time is over; each partition in its order."""
        with _told():
            found = self._consumer.poll(timeout_ms=_ms(timeout_s), max_records=limit)
        return [_record(row) for rows in found.values() for row in rows]


_SENDING: Final[dict[str, Any]] = {"acks": "all", "max_block_ms": 10_000, "batch_size": 131_072}
_TAKING: Final[dict[str, Any]] = {
    "auto_offset_reset": "earliest",
    "enable_auto_commit": False,
    "allow_auto_create_topics": False,
    "partition_assignment_strategy": (StickyPartitionAssignor,),
    "session_timeout_ms": int(SESSION_S * 1000),
    "heartbeat_interval_ms": 1000,  # a rebalance is heard of by the answer
}


@contextmanager
def _client(make: Callable[..., Any], *what: Any, **how: Any) -> Iterator[Any]:
    """Build a client and close it; closing says nothing, as there is nothing to do about it."""
    with _told():
        client = make(*what, **how)
    try:
        yield client
    finally:
        try:
            _close(client)
        except Exception as error:  # noqa: BLE001 - it raises what it likes when nobody answers
            log.info("a client of the broker was not closed in order: %s", error)


def _close(client: Any) -> None:
    if isinstance(client, KafkaProducer):
        client.close(timeout=CLOSE_S)
    elif isinstance(client, KafkaConsumer):
        client.close(autocommit=False, timeout_ms=_ms(CLOSE_S))
    else:
        client.close()


@contextmanager
def _told() -> Iterator[None]:
    """Tell everything that the client raises as one of ours."""
    try:
        yield
    except _TAKEN_AWAY as error:
        raise PartitionTakenError(str(error)) from error
    except KafkaError as error:
        raise BrokerAwayError(f"{type(error).__name__}: {error}") from error


def _record(row: Any) -> Record:
    headers = {name: value or b"" for name, value in row.headers or ()}
    key, value = row.key or b"", row.value or b""
    return Record(row.topic, row.partition, row.offset, key, value, row.timestamp, headers)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
