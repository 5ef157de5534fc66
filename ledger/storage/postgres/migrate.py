"""Bringing a database to this version's tables, each step in a transaction of its own.

Several processes may start at once: whoever comes first runs a step, under an advisory lock and the
row of the head, which every writer takes first; the others find it done. `pre` steps run when a
version starts, while the one before may still be writing; there is no `post` step yet.
"""

from typing import Final

import psycopg

from ledger.storage.errors import Damaged
from ledger.storage.killpoints import MIGRATING, reach
from ledger.storage.postgres.connection import Connection, meaning, place
from ledger.storage.postgres.queries import QUERIES, STEPS

LOCK: Final = 0x2C48_A0CF_BA97_99C8
"""The key of the advisory lock under which steps run: SHA-256 of `linernotes`, 8 bytes of it."""


def migrate(connection: Connection, url: str, *, create: bool) -> None:
    """Run what this database has not seen; `create` makes the tables of a new log.

    `FileNotFoundError` where there is no log, `Damaged` if it is none or of a later version.
    """
    try:
        done = _done(connection, url, create=create)
        if unknown := sorted(done - STEPS.keys()):
            raise Damaged(
                f"{place(url)} was written by a later version of this program [{unknown[0]}]"
            )
        for name, script in STEPS.items():
            if name not in done:
                _run(connection, name, script)
    except psycopg.Error as error:
        raise meaning(error) from error


def _done(connection: Connection, url: str, *, create: bool) -> set[str]:
    row = connection.execute(QUERIES["has_schema"]).fetchone()
    assert row is not None, "it asks for a row of constants"
    has_schema, has_table = row
    if has_schema and not has_table:
        raise Damaged(f"{place(url)} has tables of something else under the name of a ledger")
    if not has_schema and not create:
        raise FileNotFoundError(f"there is no ledger in {place(url)}; `liner init` makes one")
    return _names(connection) if has_table else set()


def _names(connection: Connection) -> set[str]:
    return {name for (name,) in connection.execute(QUERIES["migrations_done"])}


def _run(connection: Connection, name: str, script: str) -> None:
    # If we stop inside, the server rolls the whole step back.
    with connection.transaction():
        connection.execute(QUERIES["migrations_lock"], {"key": LOCK})
        connection.execute(QUERIES["migrations_begin"], prepare=False)  # several statements
        done = _names(connection)
        if name in done:
            return  # another process was first
        reach(MIGRATING)
        if done:
            connection.execute(QUERIES["lock_head"])
        connection.execute(script, prepare=False)
        reach(MIGRATING)
        connection.execute(QUERIES["migration_done"], {"name": name})
        reach(MIGRATING)
    reach(MIGRATING)
