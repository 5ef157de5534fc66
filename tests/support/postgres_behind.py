"""What happens to a database behind the back of the log in it."""

import psycopg

from tests.support.storage_world import LogWorld


def change(world: LogWorld, statement: str) -> None:
    """Do something to the database behind the log's back."""
    assert world.url is not None
    with psycopg.connect(world.url) as connection:
        connection.execute(statement)


def end_connections(world: LogWorld) -> None:
    """End every connection to the database, as a restart of the server would, and wait."""
    change(
        world,
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
