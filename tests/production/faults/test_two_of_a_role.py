"""Two relays and two schedulers at once: one of each acts, and the other when the first has lost
its lock in the middle of it; nothing is doubled by that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.kit.aftermath import check_nothing_doubled, liner
from tests.kit.cluster import Cluster, cluster
from tests.kit.creating import Creating
from tests.production.faults.standing import holders_of
from tests.support.kafka_broker import KafkaBroker
from tests.support.postgres_server import PostgresServer

ALONE = ("relay", "scheduler")
END_S = 120.0
GENERATIONS = 4


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    server = PostgresServer(durable=True)
    yield server
    server.close()


@pytest.fixture
def doubled(database: PostgresServer, tmp_path: Path) -> Iterator[Cluster]:
    broker = KafkaBroker(tmp_path / "broker")
    place = tmp_path / "place"
    with cluster(place, database_url=database.url(), broker=broker.settings) as running:
        running.start_all(apis=1, workers=1)
        with psycopg.connect(database.url(), autocommit=True) as connection:
            for role in ALONE:  # ready is also who stands by
                running.wait(
                    lambda role=role: holders_of(connection, role) != [],  # type: ignore[misc]  # a default
                    f"the first {role} acts",
                )
                running.wait_ready(running.add_role(role, f"{role}-2"))
        yield running
    broker.stop()


def test_one_acts_and_the_other_goes_on(doubled: Cluster, database: PostgresServer) -> None:
    door = doubled.processes["api-1"].url
    with closing(Creating(doubled.place)) as creating:
        for number in range(GENERATIONS):
            creating.authorize(door)
            if number == GENERATIONS // 2:
                lose(doubled, database.url())
        for made in creating.authorized:
            doubled.wait(
                lambda one=made: creating.status(door, one) == "completed",  # type: ignore[misc]  # a default
                f"{made} is completed",
            )
    check_nothing_doubled(doubled)
    assert "0 differ" in liner(doubled, "audit")
    for role in ALONE:
        assert doubled.processes[f"{role}-2"].is_alive
        assert doubled.processes[f"{role}-2"].starts == 1


def lose(running: Cluster, url: str) -> None:
    """Cut the connections that hold the locks; who had them ends, and the others take them."""
    with psycopg.connect(url, autocommit=True) as connection:
        for role in ALONE:
            (held,) = holders_of(connection, role)
            connection.execute("SELECT pg_terminate_backend(%s)", (held,))
            first = running.processes[role]
            assert first.running is not None
            assert first.running.wait(END_S) == 1
            assert "[role_ended]" in running.lines(role)
            running.wait(
                lambda role=role, old=held: holders_of(connection, role) not in ([], [old]),  # type: ignore[misc]  # defaults
                f"the other {role} acts",
            )
