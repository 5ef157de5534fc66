"""The two engines under the append benchmarks, both as durable as in production, and their peer.

The peer is the bare `eventsourcing` library on the same disk or server: `Application.save` of a new
aggregate with one event, which verifies and signs nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import psycopg
from eventsourcing.application import Application as Peer
from eventsourcing.domain import Aggregate, event

from benchmarks.append_town import LOG_KEY, ORIGIN, Town
from ledger.application import Application
from ledger.signing import LogSigning
from ledger.storage.opening import Storage
from ledger.storage.register import FileRegister
from service.observing.observer import Observing
from service.serving import pace
from service.settings import BESIDE_DEFAULT
from service.verifying import verified_beside
from tests.support.postgres_server import PostgresServer

MASTER_KEY = b"\x05" * 32


class Saved(Aggregate):
    """What the peer saves: one event."""

    @event("Began")
    def __init__(self, name: str) -> None:
        self.name = name


@dataclass(frozen=True, slots=True)
class Engine:
    """Where a log and the peer's events lie. `server` is None for files."""

    database: Path | str
    register: Path
    peer: dict[str, str]
    server: PostgresServer | None = None

    @contextmanager
    def opened(self, town: Town, *, create: bool = False) -> Iterator[Application]:
        """Open the log of a town, and its door."""
        pace()
        register = FileRegister(self.register, [LOG_KEY.verifier])
        if create:
            register = FileRegister.create(self.register, [LOG_KEY.verifier])
        with Storage(
            self.database,
            register=register,
            log_key=LOG_KEY,
            master_key=MASTER_KEY,
            create=create,
        ) as storage:
            application = Application(
                storage.store,
                storage.writer,
                origin=ORIGIN,
                signing=LogSigning(ORIGIN, entry=[town.entry_key]),
            )
            try:
                with verified_beside(application.decider, Observing(), wanted=BESIDE_DEFAULT):
                    yield application
            finally:
                application.close()

    def peer_application(self) -> Any:
        """Return the library's application on the same disk or server."""
        return Peer(env=self.peer)

    def server_cpu_s(self) -> float:
        """Return the processor time that the database server has taken so far; 0 for files."""
        if self.server is None:
            return 0.0
        main = self.server.process.pid
        return sum(row.cpu_s for row in running() if main in {row.pid, row.parent})


class Running(NamedTuple):
    """A process of this machine: who it is, who started it, and what it took of the processors."""

    pid: int
    parent: int
    name: bytes
    cpu_s: float


def running() -> Iterator[Running]:
    """Yield all processes of this machine, with the commands by which they run."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat, name = (folder / "stat").read_text(), (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended since
        words = stat.rpartition(")")[2].split()  # from the third field of proc(5) on
        ticks = int(words[11]) + int(words[12])
        yield Running(int(folder.name), int(words[1]), name, ticks / os.sysconf("SC_CLK_TCK"))


def verifier_cpu_s() -> float:
    """Return the processor time that the process has taken so far which verifies beside this."""
    beside = (row for row in running() if row.parent == os.getpid())
    return sum(row.cpu_s for row in beside if b"ledger.verifying.process" in row.name)


@contextmanager
def files() -> Iterator[Engine]:
    """Give SQLite in a folder on a disk, gone afterwards."""
    Path("out").mkdir(exist_ok=True)
    with TemporaryDirectory(dir="out") as name:
        folder = Path(name)
        (folder / "data").mkdir()
        yield Engine(
            folder / "data" / "log.db",
            folder / "register",
            {
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(folder / "peer.db"),
            },
        )


@contextmanager
def postgres() -> Iterator[Engine]:
    """Give a durable PostgreSQL server of our own, stopped and removed afterwards."""
    server = PostgresServer(durable=True, options=["max_connections=200"])
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create database log")
            connection.execute("create database peer")
        host = parse_qs(urlsplit(server.url()).query)["host"][0]
        yield Engine(
            server.url("log"),
            server.root / "register",
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_DBNAME": "peer",
                "POSTGRES_HOST": host,
                "POSTGRES_PORT": "5432",
                "POSTGRES_USER": "app",
                "POSTGRES_PASSWORD": "trusted",
                "POSTGRES_POOL_SIZE": "64",
                "POSTGRES_MAX_OVERFLOW": "16",
            },
            server,
        )
    finally:
        server.close()
