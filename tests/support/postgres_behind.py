"""What happens to a database behind the back of the log in it."""

import psycopg

from tests.support.patience import PATIENCE_S
from tests.support.storage_world import LogWorld


def change(world: LogWorld, statement: str) -> None:
    """Do something to the database behind the log's back."""
    assert world.url is not None
    with psycopg.connect(world.url) as connection:
        connection.execute(statement)


_END = """
    SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def end_connections(url: str | None) -> None:
    """End every connection to a database, as a restart of the server would, and wait for that.

    A connection that is only told to end may answer once more.
    """
    assert url is not None
    with psycopg.connect(url) as connection:
        connection.execute(_END, (int(PATIENCE_S * 1000),))
