"""One process does everything on a server's database; whoever loses that role ends, and one that
stands by goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.kit.aftermath import check_nothing_doubled, liner
from tests.kit.cluster import Cluster, cluster
from tests.kit.creating import Creating
from tests.production.faults.standing import holders_of, wait_waiting
from tests.support.postgres_server import PostgresServer

END_S = 120.0


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    found = PostgresServer(durable=True)
    yield found
    found.close()


@pytest.fixture
def url(server: PostgresServer) -> str:
    return server.fresh()


@pytest.fixture
def alone(url: str, tmp_path: Path) -> Iterator[Cluster]:
    """Two processes on one database, without a broker: the first acts."""
    with cluster(tmp_path / "place", database_url=url) as running:
        running.wait_ready(running.add_api("api-1"))
        running.add_api("api-2")
        yield running


def lose_the_role(url: str) -> None:
    """Cut the one connection that holds the lock, as a network does that breaks in one place."""
    with psycopg.connect(url, autocommit=True) as connection:
        (held,) = holders_of(connection, "everything")
        assert connection.execute("SELECT pg_terminate_backend(%s)", (held,)).fetchone() == (True,)


def test_whoever_lost_it_ends_and_another_takes_over(alone: Cluster, url: str) -> None:
    first, second = alone.processes.values()
    wait_waiting(alone, second, "role")
    with closing(Creating(alone.place)) as creating:
        one = creating.authorize(first.url)
        alone.wait(lambda: creating.status(first.url, one) == "completed", "the first acts")
        lose_the_role(url)
        assert first.running is not None
        assert first.running.wait(END_S) == 1
        assert "[role_ended]" in alone.lines(first.name)
        alone.wait_ready(second)
        other = creating.authorize(second.url)
        alone.wait(lambda: creating.status(second.url, other) == "completed", "the second acts")
    check_nothing_doubled(alone)
    assert "0 differ" in liner(alone, "audit")


def test_who_stands_by_stops_when_it_is_told_to(alone: Cluster) -> None:
    _, second = alone.processes.values()
    wait_waiting(alone, second, "role")
    assert alone.stop(second.name) == 0
