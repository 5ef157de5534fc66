"""A database that is frozen: it takes connections and answers nothing, for as long as one waits."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.kit.cluster import Cluster, cluster
from tests.production.faults.standing import PATIENCE_S, holders_of, is_alive, lacks
from tests.support.kafka_broker import KafkaBroker
from tests.support.patience import until
from tests.support.postgres_server import PostgresServer
from tests.support.processes import stopped

ASKING = 60
"""Clients that ask what only the database knows: more than a process has threads for them."""


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    server = PostgresServer(durable=True)
    yield server
    server.close()


@pytest.fixture
def running(database: PostgresServer, tmp_path: Path) -> Iterator[Cluster]:
    broker = KafkaBroker(tmp_path / "broker")
    place = tmp_path / "place"
    with cluster(place, database_url=database.url(), broker=broker.settings) as found:
        for process in (found.add_api("api"), *(map(found.add_role, ("relay", "projections")))):
            found.wait_ready(process)
        yield found
    broker.stop()


def test_who_needs_it_says_so_and_lives(running: Cluster, database: PostgresServer) -> None:
    processes = running.processes.values()
    door = running.processes["api"].url

    def ask() -> None:
        with suppress(httpx.TransportError):
            httpx.get(f"{door}/checkpoint", timeout=PATIENCE_S / 4, trust_env=False)

    server = stopped(database.process.pid, with_children=True)
    with ThreadPoolExecutor(ASKING) as pool, server:
        for _ in range(ASKING):
            pool.submit(ask)
        for process in processes:
            assert is_alive(process), process.name
            assert "database" in lacks(process), process.name
            numbers = httpx.get(f"{process.url}/metrics", timeout=PATIENCE_S, trust_env=False)
            assert "linernotes_step_seconds" in numbers.text, process.name
    for process in processes:
        running.wait_ready(process)
        assert process.starts == 1


def test_who_is_told_to_stop_then_does_not_wait_for_it(
    running: Cluster, database: PostgresServer
) -> None:
    names = tuple(running.processes)
    with stopped(database.process.pid, with_children=True), ThreadPoolExecutor(len(names)) as pool:
        codes = dict(zip(names, pool.map(running.stop, names), strict=True))
    for name, code in codes.items():
        assert code == 0 or "told to stop, and not through" in running.lines(name), name
    assert 1 in codes.values(), "nobody had to be ended, so this shows nothing"
    for name in names:
        running.start(name)
        running.wait_ready(running.processes[name])


def test_who_ends_by_itself_then_does_not_wait_for_it(
    database: PostgresServer, tmp_path: Path
) -> None:
    """It has lost its role, for which it asks the server: nobody has told it to stop."""
    with cluster(tmp_path / "place", database_url=database.url()) as found:
        process = found.add_role("scheduler")
        found.wait_ready(process)
        with psycopg.connect(database.url()) as asking:
            until(lambda: holders_of(asking, "scheduler"), "it has the role")
            (holder,) = holders_of(asking, "scheduler")
        with stopped(database.process.pid, with_children=True):
            found.wait_of(process, lambda: "database" in lacks(process), "lacks its database")
            os.kill(holder, signal.SIGKILL)
            assert process.running is not None
            assert process.running.wait(PATIENCE_S) == 1
        assert "told to stop, and not through" in found.lines("scheduler"), "or this shows nothing"
