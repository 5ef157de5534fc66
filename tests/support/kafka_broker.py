"""A real Apache Kafka (KRaft) in a folder, from jars that Maven fetches; it dies with its owner.

`LINERNOTES_TEST_KAFKA=host:port` names a broker that runs already: then that one is used, except by
tests that stop theirs. Where neither can be had the tests fail: nothing stands in for a broker.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from generation.broker import Broker
from generation.broker_settings import BrokerSettings
from generation.delivery import BrokerAwayError
from schemas.ids import new_id
from tests.support.kafka_tls import Secured
from tests.support.ports import free_ports

SETTING: Final = "LINERNOTES_TEST_KAFKA"
"""The environment variable with the address of a broker."""

ROOT: Final = Path(__file__).parents[2]
JARS: Final = ROOT / "build" / "kafka-jars-4.3.1"
CLUSTER_ID: Final = "AAAAAAAAAAAAAAAAAAAAAQ"  # a random one may begin with a hyphen
READY_S: Final = 120.0
STOP_S: Final = 20.0

PROPERTIES: Final = """\
controller.listener.names=CONTROLLER
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
log.cleaner.dedupe.buffer.size=2097152
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=2
"""
"""What a broker needs, each found by its failure; the rest is Kafka's own."""

_libc = ctypes.CDLL(None)
_DIE_WITH_PARENT = 1


def jars() -> Path:
    """Return the folder of Kafka's jars; fetched where they are not there."""
    if not shutil.which("java"):
        pytest.fail("tests of the transport need a Java runtime (17 or later)", pytrace=False)
    whole = JARS / ".whole"
    if whole.exists():
        return JARS
    if not shutil.which("mvn"):
        pytest.fail(f"no jars in {JARS}, and no Maven (mvn) to fetch them", pytrace=False)
    command = ["mvn", "-B", "-q", "-f", str(ROOT / "deploy/kafka/pom.xml")]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
    run = subprocess.run(  # noqa: S603 - our own command
        [*command, "-DincludeScope=runtime"],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if run.returncode:
        pytest.fail(f"Maven could not fetch Kafka:\n{run.stdout[-2000:]}", pytrace=False)
    whole.touch()  # a download that broke off does not count
    return JARS


def java(*arguments: str) -> list[str]:
    """Return the command line of a small Java machine that starts fast."""
    flags = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    flags += ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    return ["java", *flags, "-cp", f"{jars()}/*", *arguments]


@dataclass(frozen=True)
class Seat:
    """A broker's number among so many, from 1 on, and the ports at which the first of them vote."""

    node: int
    brokers: int
    controllers: tuple[int, ...]

    def properties(self, listener: str) -> list[str]:
        """Return the broker's settings; `listener` is where it listens to others."""
        voters = [f"{n}@127.0.0.1:{port}" for n, port in enumerate(self.controllers, start=1)]
        roles, listeners = "broker", listener
        if self.node <= len(voters):
            own = voters[self.node - 1].partition("@")[2]
            roles, listeners = "broker,controller", f"{listener},CONTROLLER://{own}"
        return [
            f"node.id={self.node}",
            f"process.roles={roles}",
            f"listeners={listeners}",
            f"controller.quorum.voters={','.join(voters)}",
            f"offsets.topic.replication.factor={self.brokers}",
            f"transaction.state.log.replication.factor={self.brokers}",
        ]


@dataclass
class KafkaBroker:
    """A broker of our own. With `secured` it speaks TLS alone, and asks who speaks with it.

    With a `seat` it is one of several, and whoever gave it starts them.
    """

    folder: Path
    secured: Secured | None = None
    seat: Seat | None = None
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, controller = free_ports(2)
        seat = self.seat or Seat(1, 1, (controller,))
        kind = self.secured.listener if self.secured else "PLAINTEXT"
        rows = [
            f"log.dirs={self.folder / 'data'}",
            *seat.properties(f"{kind}://127.0.0.1:{self.port}"),
            *(self.secured.properties() if self.secured else ()),
        ]
        self._properties.write_text(PROPERTIES + "\n".join(rows) + "\n")
        users = self.secured.users() if self.secured else []
        formatting = ["format", "-t", CLUSTER_ID, "-c", str(self._properties), *users]
        command = java("kafka.tools.StorageTool", *formatting)
        subprocess.run(command, check=True, timeout=READY_S, stdout=subprocess.DEVNULL)  # noqa: S603 - likewise
        if self.seat is None:
            self.start()

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _log(self) -> Path:
        return self.folder / "broker.log"

    @property
    def settings(self) -> BrokerSettings:
        """How to speak with it, under topic names that nobody else uses."""
        prefix = f"{new_id('cmd')}."
        bootstrap = (f"127.0.0.1:{self.port}",)
        if self.secured is not None:
            return self.secured.settings(bootstrap, prefix)
        return BrokerSettings(bootstrap, prefix=prefix, job_partitions=4)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it; one of several answers when enough of them have been."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - likewise
                java("kafka.Kafka", str(self._properties)),
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: _libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL),  # noqa: PLW1509 - one call of the system
            )

    def wait(self) -> None:
        """Wait until it answers."""
        assert self.process is not None
        until = time.monotonic() + READY_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                pytest.fail(f"Kafka did not start:\n{self._log.read_text()[-3000:]}", pytrace=False)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.5).close()
            Broker(self.settings).create({}, replication=1)
        except (OSError, BrokerAwayError):
            time.sleep(0.05)
            return False
        return True

    def kill(self) -> None:
        """Kill it as if the power had gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop it in order; a broker without a quorum does not listen and is killed."""
        assert self.process is not None
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class NamedBroker:
    """A broker that somebody else runs; `LINERNOTES_TEST_KAFKA` says where."""

    address: str

    @property
    def settings(self) -> BrokerSettings:
        """How to speak with it, under topic names that nobody else uses."""
        return BrokerSettings((self.address,), prefix=f"{new_id('cmd')}.", job_partitions=4)


def named() -> NamedBroker | None:
    """Return the broker that the environment names, if it does."""
    address = os.environ.get(SETTING)
    return NamedBroker(address) if address else None
