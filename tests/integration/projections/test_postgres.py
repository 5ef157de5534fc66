"""What only a server can do to projections: several processes, swaps under readings, restarts."""

import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from projections.database import POSITIONS, Database
from projections.engines import open_database
from projections.errors import Busy, ProjectionBroken
from projections.rebuild import rebuild
from projections.royalties import Royalties, queries
from projections.runner import make_tables
from projections.sql import statements
from projections.standard import standard
from tests.kit.money import Till
from tests.kit.projected import Projected
from tests.support.places import Place, empty_place, opened
from tests.support.postgres_server import PostgresServer

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
PRIVATE = "Robin Vale"
INSERTED = POSITIONS["begin"].replace("ON CONFLICT (name) DO NOTHING", "")


@pytest.fixture
def url() -> Iterator[Place]:
    with empty_place("postgres") as place:
        yield place


def earning(count: int) -> Till:
    till = Till.opened("L", "Q")
    for micro in range(1, count + 1):
        till.accrue({"L": micro, "Q": 2})
    return till


def owed(tables: Projected, party: str) -> int:
    row = queries.balances(tables.readings, party).one
    assert row is not None
    return row.owed_micro


@pytest.mark.parametrize("name", ["permissions", "royalties", "provenance", "catalog", "index"])
def test_every_statement_is_one_that_the_server_understands(url: Place, name: str) -> None:
    """As they run: values without a type, live tables and tables beside them."""
    with opened(url).write() as connection:
        for generation in (8, 9):
            found = statements(name, generation)
            make_tables(connection, found.schema)
            for text in found.named.values():
                names = re.findall(r"(?<!:):([a-z_0-9]+)", text)
                connection.rows(f"EXPLAIN {text}", dict.fromkeys(names))


def test_a_move_is_heard_in_another_process(url: Place) -> None:
    here, there = opened(url), opened(url)
    rings, until = there.moved.rings, time.monotonic() + PATIENCE_S
    while there.moved.rings == rings:
        assert time.monotonic() < until
        with here.write() as connection:
            connection.tell()
        there.moved.wait(after=rings, timeout_s=0.5)


def test_what_was_rolled_back_is_not_told(url: Place) -> None:
    here, there = opened(url), opened(url)
    with suppress(KeyboardInterrupt), here.write() as connection:
        connection.tell()
        raise KeyboardInterrupt
    rings = there.moved.rings
    there.moved.wait(after=rings, timeout_s=0.5)
    assert there.moved.rings == rings


def test_runners_at_once_fold_nothing_twice(url: Place) -> None:
    till = earning(40)
    runners = [Projected(till.world.log, url, batch=3) for _ in range(3)]
    threads = [threading.Thread(target=each.runner.catch_up) for each in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = runners[0].catch_up()
    assert owed(whole, till.party("L")) == sum(range(1, 41))
    for name in ("royalties", "permissions", "index", "catalog"):
        with empty_place("sqlite") as place:
            assert whole.digest(name) == Projected(till.world.log, place).catch_up().digest(name)


def test_processes_that_start_at_once_make_the_tables_once(url: Place) -> None:
    till = earning(1)
    found: list[Projected] = []
    threads = [
        threading.Thread(target=lambda: found.append(Projected(till.world.log, url)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert owed(found[0].catch_up(), till.party("L")) == 1


def test_a_reading_under_which_tables_are_swapped_sees_its_rows_to_the_end(url: Place) -> None:
    till = earning(5)
    tables = Projected(till.world.log, url).catch_up()
    done = threading.Thread(
        target=lambda: rebuild(opened(url), tables.feed, Royalties()), name="rebuild"
    )
    with tables.readings.open("royalties", None, None) as reading:
        done.start()
        _wait_until_it_waits(str(url), done)
        rows = reading.rows("balance_of", account=f"payable:{till.party('L')}", currency="EUR")
        assert [row["balance_after_micro"] for row in rows] == [15]
    done.join()
    with tables.database.read() as connection:
        assert connection.tables("royalties_g0_"), "it was swapped"
    assert owed(tables, till.party("L")) == 15


@pytest.mark.parametrize("name", ["permissions", "royalties", "provenance", "catalog", "index"])
def test_a_rebuild_leaves_the_same_keys_and_indexes(url: Place, name: str) -> None:
    """They are made when the rows are there, and must be those that the schema asks for."""
    tables = Projected(earning(3).world.log, url).catch_up()
    before = keys_and_indexes(str(url), name)
    assert before
    (fresh,) = (one for one in standard(tables.feed) if name == one.NAME)
    assert rebuild(tables.database, tables.feed, fresh).swapped
    assert keys_and_indexes(str(url), name) == before


def keys_and_indexes(url: str, name: str) -> set[tuple[str, str]]:
    """Return each live table's indexes: whether unique, over what, in which order."""
    asked = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'projections'"
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(asked).fetchall()
    return {
        (table, re.sub(r"INDEX \w+ ON \S+", "INDEX ON", definition))
        for table, definition in found
        if table.startswith(f"{name}_") and not re.match(rf"{name}_g\d+_", table)
    }


def _wait_until_it_waits(url: str, thread: threading.Thread) -> None:
    """Wait until the swap waits for us, or is done: then it did not wait."""
    waiting = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted"
    until = time.monotonic() + PATIENCE_S
    with psycopg.connect(url, autocommit=True) as connection:
        while thread.is_alive() and not connection.execute(waiting).fetchall():
            assert time.monotonic() < until
            time.sleep(0.01)


def test_a_projection_that_another_holds_is_left_alone_and_the_others_go_on(url: Place) -> None:
    till = earning(3)
    tables = Projected(till.world.log, url)
    with opened(url).write() as other:
        other.execute(POSITIONS["hold"], {"name": "royalties"})
        tables.runner.catch_up()
        reached = {row.name: row.position for row in tables.runner.status()}
    head = till.world.log.head()
    assert reached.pop("royalties") == 0
    assert set(reached.values()) == {head}
    assert owed(tables.catch_up(), till.party("L")) == 6


def test_what_the_server_says_of_a_row_that_it_refuses_is_told_to_nobody(url: Place) -> None:
    """Its words quote the row, and a row may hold a name."""

    def add_twice() -> None:
        with opened(url).write() as connection:
            for _ in range(2):
                connection.execute(INSERTED, {"name": PRIVATE, "version": 1})

    with pytest.raises(ProjectionBroken, match="UniqueViolation") as error:
        add_twice()
    assert PRIVATE not in "".join(traceback.format_exception(error.value))


KILLED = """
import os, signal, sys
from tests.integration.projections.test_postgres import earning
from tests.kit.projected import Projected

tables = Projected(earning(3).world.log, sys.argv[1], batch=9)
tables.runner.step()
tables.runner.reach = lambda _name: os.kill(os.getpid(), signal.SIGKILL)
tables.runner.step()
"""


def test_a_runner_that_is_killed_before_its_commit_leaves_neither_rows_nor_position(
    url: Place,
) -> None:
    run = [sys.executable, "-c", KILLED, str(url)]
    died = subprocess.run(run, cwd=ROOT, check=False)  # noqa: S603 - our own code
    assert died.returncode == -signal.SIGKILL
    till = earning(3)
    again = Projected(till.world.log, url)
    assert {row.position for row in again.runner.status()} == {9}
    with again.database.read() as connection:
        assert connection.rows("SELECT position FROM index_touches WHERE position > 9") == []
    assert owed(again.catch_up(), till.party("L")) == 6
    with empty_place("sqlite") as place:
        whole = Projected(till.world.log, place).catch_up()
        for row in again.runner.status():
            assert again.digest(row.name) == whole.digest(row.name)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    found = PostgresServer()
    yield found
    found.close()


def test_a_server_that_was_killed_delays_projections_and_stops_none(
    server: PostgresServer,
) -> None:
    till = earning(2)
    tables = Projected(till.world.log, server.url())
    try:
        tables.catch_up()
        till.accrue({"L": 100})
        server.kill()
        with pytest.raises(Busy):
            queries.balances(tables.readings, till.party("L"))
        with pytest.raises(Busy):
            tables.runner.step()
        server.start()
        assert owed(tables.catch_up(), till.party("L")) == 103
    finally:
        tables.database.close()


def test_a_server_that_is_not_there_is_named_at_once() -> None:
    database: Database | None = None
    with pytest.raises(Busy):
        database = open_database("postgresql://app@localhost:1/none?connect_timeout=2")
    assert database is None
