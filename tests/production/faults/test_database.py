"""What may happen to a database while a ledger is served from it, one thing at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.kit.aftermath import check_acknowledged, check_nothing_doubled, check_register, liner
from tests.production.faults.door import API, Door, door_to
from tests.production.faults.standby import Pair
from tests.support.postgres_line import Line
from tests.support.postgres_server import PostgresServer
from tests.support.postgres_small import SmallPostgresServer
from tests.support.processes import stopped

FULL_S = 5.0
"""How long the disk stays full after the first answer that says so."""


def check_all(door: Door) -> None:
    """Everything acknowledged is there, once, in a sound log that its register accepts."""
    assert check_acknowledged(door.cluster, door.acknowledged) >= len(door.acknowledged) > 0
    check_nothing_doubled(door.cluster)
    check_register(door.cluster)
    assert "0 differ" in liner(door.cluster, "audit")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    found = PostgresServer(durable=True)
    yield found
    found.close()


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_connection_lost_in_commit_ends_the_process_and_the_next_one_answers(
    cut: str, server: PostgresServer, tmp_path: Path
) -> None:
    """Whether the commit arrived or not: the process cannot know, so it ends, and another looks."""
    with Line(server.fresh()) as line, door_to(line.url, tmp_path) as door:
        door.grant()
        line.cut = cut
        with door.granting():
            door.cluster.wait(lambda: bool(door.supervisor.ended), "the process has ended")
            line.cut = None
        assert {one.code for one in door.supervisor.ended} == {"commit_unknown"}
        assert door.supervisor.ended[0].exit_code == 1
        assert max(one.tries for one in door.acknowledged) > 1
        check_all(door)


@pytest.fixture
def small() -> Iterator[SmallPostgresServer]:
    found = SmallPostgresServer()
    yield found
    found.close()


def test_a_full_disk_is_said_to_be_one_and_all_goes_on_when_there_is_room(
    small: SmallPostgresServer, tmp_path: Path
) -> None:
    with door_to(small.url(), tmp_path) as door:
        door.grant()
        small.fill()
        with door.granting():
            door.cluster.wait(lambda: door.statuses[507] > 0, "somebody is told that it is full")
            time.sleep(FULL_S)
            small.empty()
            known = len(door.acknowledged)

            def goes_on() -> bool:
                if not small.is_alive:  # no room for its own log: it ends, and is started again
                    small.start()
                return len(door.acknowledged) > known

            door.cluster.wait(goes_on, "somebody is answered again")
        assert door.statuses.keys() <= {201, 503, 507}
        check_all(door)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    found = Pair(tmp_path / "standby")
    yield found
    found.close()


def test_a_standby_that_has_everything_takes_over(pair: Pair, tmp_path: Path) -> None:
    with door_to(pair.url, tmp_path) as door:
        door.grant()
        serving = door.cluster.processes[API].running
        assert serving is not None
        # It stands still meanwhile: what it wrote between the two would be lost with the primary.
        with stopped(serving.pid):
            pair.wait_level()
            pair.primary.kill()
            pair.promote()
        door.grant()
        check_all(door)


def test_a_standby_that_lacks_the_tail_is_refused_by_the_register(
    pair: Pair, tmp_path: Path
) -> None:
    """It was promoted without what was acknowledged last: no process serves it."""
    with door_to(pair.url, tmp_path) as door:
        door.grant()
        pair.wait_level()
        pair.cut_off()
        lost = door.grant()
        held = door.cluster.place.settings.register.read_bytes()
        pair.primary.kill()
        pair.promote()
        door.cluster.wait(
            lambda: sum(one.code == "older_copy" for one in door.supervisor.ended) > 1,
            "the process has ended, and the next one as well",
        )
        assert "older copy" in door.supervisor.ended[-1].said
        assert door.cluster.place.settings.register.read_bytes() == held
        with psycopg.connect(pair.url) as connection:
            row = connection.execute(
                "SELECT 1 FROM ledger.commands WHERE id = %s", (lost.command,)
            ).fetchone()
        assert row is None, "the tail was lost, or this test shows nothing"
        assert door.cluster.processes[API].starts > 1
