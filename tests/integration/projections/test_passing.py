"""What passes on a server: who stood still, a standby, a host that is gone without a word."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from projections.database import POSITIONS, Connection
from projections.engines.postgres import PostgresConnection, PostgresDatabase
from projections.errors import Busy
from tests.support.places import Place, empty_place, opened

PATIENCE_S = 60.0
INSERTED = POSITIONS["begin"]


@pytest.fixture
def url() -> Iterator[Place]:
    with empty_place("postgres") as place:
        yield place


def stand_still(connection: Connection) -> None:
    """Hold a transaction and say nothing, for longer than the server bears."""
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = '1ms'")
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        time.sleep(0.05)
        connection.tell()


def write_to_a_standby(connection: Connection) -> None:
    connection.execute("SET TRANSACTION READ ONLY")
    connection.execute(INSERTED, {"name": "any", "version": 1})


@pytest.mark.parametrize("write", [stand_still, write_to_a_standby])
def test_what_passes_is_no_fault_of_the_tables(
    url: Place, write: Callable[[Connection], None]
) -> None:
    """Whoever was frozen, or came to a standby, tries again; a projection does not stop for it."""

    def written() -> None:
        with opened(url).write() as connection:
            write(connection)

    with pytest.raises(Busy):
        written()


class TakenMeanwhile(list[Any]):
    """Whoever looks whether something is in it finds that another thread takes it then."""

    def __len__(self) -> int:
        found = super().__len__()
        self.clear()
        return found


def test_a_connection_that_another_thread_takes_is_not_missed(url: Place) -> None:
    database = opened(url)
    assert isinstance(database, PostgresDatabase)
    database._idle = TakenMeanwhile(database._idle)
    with database.read() as connection:
        assert connection.rows("SELECT 1 AS one") == [{"one": 1}]


def test_a_host_that_is_gone_without_a_word_is_noticed(url: Place) -> None:
    """By us, and by the server, where a projection's row would stay locked."""
    kept = "SELECT reset_val FROM pg_settings WHERE name LIKE 'tcp_keepalives%'"
    with opened(url).read() as connection:
        assert isinstance(connection, PostgresConnection)
        chosen = connection.raw.info.get_parameters()
        assert [row["reset_val"] for row in connection.rows(kept)] == ["3", "10", "5"]
    assert (chosen["connect_timeout"], chosen["tcp_user_timeout"]) == ("10", "30000")
