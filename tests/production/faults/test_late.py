"""Everything is started before what it needs: each process waits, says so, and goes on by itself.

Alive all the while, so that nobody starts it anew; not ready, so that nobody is sent there.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.commands.consents import RevokeConsent
from service.facts import InstanceFacts
from service.founding import found
from service.settings import Settings
from service.witness.setting import init, watch
from tests.kit.cluster import ROLES, Cluster, cluster
from tests.kit.creating import Creating
from tests.kit.instance import ORIGIN
from tests.production.faults.standing import is_alive, lacks, wait_lacking, wait_waiting
from tests.support.kafka_broker import KafkaBroker
from tests.support.ports import free_port
from tests.support.postgres_server import PostgresServer
from tests.support.s3_server import KEY_ID, SECRET, s3_server

WAITS = "not started yet, and waiting"


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    server = PostgresServer(durable=True)
    yield server
    server.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KafkaBroker]:
    server = KafkaBroker(tmp_path / "broker")
    yield server
    server.stop()


def check_waits(running: Cluster, *names: str) -> None:
    for name in names:
        process = running.processes[name]
        running.wait(lambda one=process: is_alive(one), f"{name} lives")  # type: ignore[misc]  # a default
        running.wait(lambda one=name: WAITS in running.lines(one), f"{name} says that it waits")  # type: ignore[misc]  # likewise
        assert "start" in lacks(process), name
        assert process.is_alive, name


def test_without_database_and_broker_every_role_waits_for_them(
    database: PostgresServer, broker: KafkaBroker, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    with cluster(place, database_url=database.url(), broker=broker.settings) as running:
        running.add_api("api-1")
        running.wait_ready(running.processes["api-1"])
        running.add_worker("worker-1")  # which makes its folder
        for name in ("api-1", "worker-1"):
            running.kill(name)
        database.kill()
        broker.kill()
        for name in ("api-1", "worker-1"):
            running.start(name)
        for role in ROLES:
            running.add_role(role)
        check_waits(running, "api-1", *ROLES)
        wait_waiting(running, running.processes["worker-1"], "broker")  # it knows no database
        database.start()
        wait_lacking(running, running.processes["relay"], "broker")
        broker.start()
        for process in running.processes.values():
            running.wait_ready(process)
            assert process.starts == (2 if process.name in ("api-1", "worker-1") else 1)
        with closing(Creating(running.place)) as creating:
            door = running.processes["api-1"].url
            made = creating.authorize(door)
            running.wait(lambda: creating.status(door, made) == "completed", "it is made")


def test_a_process_that_waits_stops_when_it_is_told_to(
    database: PostgresServer, tmp_path: Path
) -> None:
    with cluster(tmp_path / "place", database_url=database.url()) as running:
        database.kill()
        running.add_api("api")
        check_waits(running, "api")
        url = running.processes["api"].url
        for answer in (
            httpx.post(f"{url}/v1/statements", content=b"{" * 100_000, timeout=60, trust_env=False),
            httpx.get(f"{url}/checkpoint", timeout=60, trust_env=False),
        ):
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, "who asks comes again"
            assert answer.json()["code"] == "not_ready"
        assert running.stop("api") == 0
        database.start()


def test_without_its_bucket_a_process_waits_for_it(
    database: PostgresServer, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    with s3_server(tmp_path / "s3") as bucket:
        bucket.make_bucket("audio")
        settings: dict[str, Any] = {
            "LINERNOTES_ARTIFACTS": "s3://audio/v1",
            "LINERNOTES_S3_ENDPOINT": bucket.url,
            "LINERNOTES_S3_KEY_ID": KEY_ID,
            "LINERNOTES_S3_SECRET_FILE": str(secret),
        }
        with cluster(tmp_path / "place", database_url=database.url(), **settings) as running:
            bucket.stop()
            running.add_api("api")
            check_waits(running, "api")
            bucket.start()
            api = running.processes["api"]
            running.wait_ready(api)
            with closing(Creating(running.place)) as creating:
                made = creating.authorize(api.url)
                running.wait(lambda: creating.status(api.url, made) == "completed", "it is made")
            assert api.starts == 1


class Register:
    """A witness's service as register of a log that is not founded yet; it comes and goes."""

    def __init__(self, folder: Path, home: Path, database_url: str) -> None:
        self._folder = folder
        key = init(folder, name="register.example")
        self._port = free_port()
        self.setting = f"http://127.0.0.1:{self._port}#{key.vkey}"
        env = {"LINERNOTES_REGISTER": self.setting, "LEDGER_DATABASE_URL": database_url}
        settings = Settings.of(home, env)
        found(settings, origin=ORIGIN, operator_name="Operator", now=datetime.now(UTC))
        watch(folder, InstanceFacts.load(settings.instance).checkpoint_vkey)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let it answer inside."""
        words = [sys.executable, "-m", "service.witness", str(self._folder)]
        with subprocess.Popen(  # noqa: S603 - our own module
            [*words, "--port", str(self._port)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline(), "it says where it answers"
            try:
                yield
            finally:
                process.terminate()


def test_without_its_register_service_a_process_waits_for_it(
    database: PostgresServer, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    register = Register(tmp_path / "register", place / "home", database.url())
    with (
        register.running(),
        cluster(place, database_url=database.url(), LINERNOTES_REGISTER=register.setting) as made,
    ):
        assert made.place.pieces
    running = Cluster(made.place)
    try:
        running.add_api("api")
        check_waits(running, "api")
        with register.running(), closing(Creating(running.place)) as creating:
            running.wait_ready(running.processes["api"])
            piece = running.place.pieces[0]
            command = RevokeConsent(party=piece.holder, consent=piece.master_consent)
            assert creating.say(running.processes["api"].url, piece.holder, command)
    finally:
        running.close()
