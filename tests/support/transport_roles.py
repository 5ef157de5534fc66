"""The roles of the transport around one open instance: in threads, and workers in processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kafka import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError
from kafka.partitioner import murmur2

from generation.broker import Broker
from generation.broker_settings import BrokerSettings
from generation.consumer import GenerationConsumer
from generation.delivery import BrokerAwayError, Record
from generation.synthesizer import Backend
from generation.worker import Worker
from generation.worker_folder import WorkerFolder
from schemas.ids import new_id
from schemas.observing import Kind, Unobserved
from service.instance import Instance
from service.rendering import make_worker, public_keys
from service.transport.finishing import FinishedConsumer
from service.transport.making import make_topics
from service.transport.relay import Relay
from service.workers.embedded import wait_for_end
from tests.kit.instance import Place
from tests.kit.remembering import Remembering
from tests.support.patience import PATIENCE_S, until

ROOT = Path(__file__).parents[2]
WAIT_S = PATIENCE_S

BACKEND = Remembering()
"""One memory for all workers of this process."""


class Role(Protocol):
    """What runs until it is told to stop."""

    def run(self, stop: threading.Event) -> None:
        """Run."""


class Ends(Unobserved):
    """Counts how jobs and statements ended."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def ended(self, kind: Kind, outcome: str, *, code: str = "") -> None:
        """Count one."""
        self.counts[f"{kind} {outcome}"] += 1
        if code:
            self.counts[f"{kind} {outcome} {code}"] += 1


@contextmanager
def running(*roles: Role) -> Iterator[None]:
    """Run roles in threads; whatever ended one of them is raised in the end."""
    stop = threading.Event()
    failed: list[BaseException] = []

    def run(role: Role) -> None:
        try:
            role.run(stop)
        except BaseException as error:  # noqa: BLE001 - raised below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(role,)) for role in roles]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(WAIT_S)
    if failed:
        raise failed[0]


@dataclass
class Transport:
    """Topics of its own on a broker, and roles for one instance."""

    instance: Instance
    settings: BrokerSettings
    ends: Ends = field(default_factory=Ends)

    def __post_init__(self) -> None:
        make_topics(self.settings)
        self.broker = Broker(self.settings)
        self.topics = self.settings.topics

    def relay(self, **how: Any) -> Relay:
        """Return the relay. The instance's `witnessing` is asked, and must be started."""
        instance = self.instance
        return Relay(
            instance.store,
            instance.feed,
            self.broker,
            topics=self.topics,
            ledger=public_keys(instance.facts.origin, instance.keys),
            key=instance.keys.process,
            proving=instance.witnessing,
            clock=instance.clock,
            **how,
        )

    def finisher(self) -> FinishedConsumer:
        """Return the finisher."""
        return FinishedConsumer(
            self.instance.make_finisher(),
            self.broker,
            topics=self.topics,
            name="finisher of a test",
            observer=self.ends,
        )

    def worker(
        self, folder: Path, *, backend: Backend = BACKEND, **changes: Callable[..., Any]
    ) -> GenerationConsumer:
        """Return a worker in this process; `changes` replace parts of it."""
        worker = made_worker(self.instance, folder, backend)
        for name, part in changes.items():
            setattr(worker, name, part)
        return GenerationConsumer(
            worker,
            self.broker,
            topics=self.topics,
            name="worker of a test",
            clock=self.instance.clock,
            observer=self.ends,
        )

    def wait(self, *generations: str) -> None:
        """Wait until generations have ended, whatever way."""
        for generation in generations:
            ended = wait_for_end(self.instance.feed, self.instance.store, generation, WAIT_S)
            assert ended, f"{generation} did not end; {self.ends.counts}"

    def records(self, topic: str, count: int = 0) -> list[Record]:
        """Return everything that lies in a topic, at least `count` records."""
        return records(self.broker, topic, count)

    def send(
        self,
        topic: str,
        value: bytes,
        *,
        key: bytes = b"somebody",
        headers: Mapping[str, bytes] = {},
    ) -> None:
        """Send what a stranger, a fault or a test sends."""
        with self.broker.sender() as sender:
            sender.send(topic, key=key, value=value, headers=headers)
            sender.flush()


def members(settings: BrokerSettings, group: str) -> int:
    """Return how many members a group has, 0 while they share the partitions out anew."""
    admin = KafkaAdminClient(bootstrap_servers=list(settings.bootstrap))
    try:
        (found,) = admin.describe_groups([settings.prefix + group]).values()
    except CoordinatorNotAvailableError:  # it is only being made
        return 0
    finally:
        admin.close()
    return len(found["members"]) if found["group_state"] == "Stable" else 0


def records(broker: Broker, topic: str, count: int = 0) -> list[Record]:
    """Return everything that lies in a topic, as soon as it is `count` records at least.

    A broker that does not answer is asked again: that is no topic in which nothing lies.
    """
    found: list[Record] = []

    def are_there() -> bool:
        try:
            found[:] = _all(broker, topic)
        except BrokerAwayError:
            return False
        return len(found) >= count

    until(are_there, f"{count} records in {topic}", told=lambda: f"it has {len(found)}")
    return found


def _all(broker: Broker, topic: str) -> list[Record]:
    with broker.reader(topic) as reader:
        left = {part: ends for part, ends in reader.ends().items() if ends[1] > ends[0]}
        return [row for part, ends in left.items() for row in reader.between(part, *ends)]


def one_of_each_partition(settings: BrokerSettings) -> list[str]:
    """Return ids of generations whose jobs lie in a partition each: a job's key is its generation.

    Of a few by chance now and then all lie in one half, and one of two workers has nothing to do.
    """
    found: dict[int, str] = {}
    while len(found) < settings.job_partitions:
        name = new_id("gen")
        place = (murmur2(name.encode()) & 0x7FFF_FFFF) % settings.job_partitions  # as Kafka's own
        found.setdefault(place, name)
    return list(found.values())


def keys(broker: Broker, topic: str) -> set[str]:
    """Return the keys of what lies in a topic: what is sent at least once may be there twice."""
    return {row.key.decode() for row in records(broker, topic)}


def made_worker(instance: Instance, folder: Path, backend: Backend) -> Worker:
    """Return a worker of an instance with a folder and a backend of its own."""
    settings, facts = instance.settings, instance.facts
    ledger = public_keys(facts.origin, instance.keys)
    worker = make_worker(settings, facts, ledger, instance.artifacts, clock=instance.clock)
    worker._folder = WorkerFolder(folder, keeps_units=False)
    worker._backends = {facts.mosaic_model: backend}
    return worker


@contextmanager
def worker_process(
    place: Place, settings: BrokerSettings, folder: Path, *, wait_s: float = 0.0, kill: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker as a process of its own; `kill` names the point at which it dies."""
    with _process("generation_process", place, settings, folder, wait_s, kill=kill) as process:
        yield process


@contextmanager
def relay_process(
    place: Place, settings: BrokerSettings, *, kill: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the relay as a process of its own; nobody else may have the instance open."""
    with _process("relay_process", place, settings, kill=kill) as process:
        yield process


@contextmanager
def _process(
    module: str, place: Place, settings: BrokerSettings, *more: object, kill: str
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"tests.support.{module}", str(place.folder)]
    command += [settings.bootstrap[0], settings.prefix, *map(str, more)]
    env = {**os.environ, "LINERNOTES_KILL_AT": kill, "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=env) as process:  # noqa: S603 - our own module
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(WAIT_S)
