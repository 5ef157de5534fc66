"""Bringing a file to this version's tables, each step in a transaction of its own.

Here one process has the file, so `pre` and `post` steps run when it is opened, in order of name.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ledger.storage.errors import Damaged
from ledger.storage.killpoints import MIGRATING, reach
from ledger.storage.sqlite.connection import APPLICATION_ID
from ledger.storage.sqlite.queries import STEPS


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run what this file has not seen; `Damaged` if it is no ledger or of a later version."""
    done = _done(connection, path)
    if unknown := sorted(done - STEPS.keys()):
        raise Damaged(f"{path} was written by a later version of this program [{unknown[0]}]")
    for name, script in STEPS.items():
        if name not in done:
            _run(connection, name, script)


def _done(connection: sqlite3.Connection, path: Path) -> set[str]:
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if not tables:
        return set()
    if application_id != APPLICATION_ID:
        raise Damaged(f"{path} is an SQLite file, but not one of a ledger")
    return {name for (name,) in connection.execute("SELECT name FROM migrations")}


def _run(connection: sqlite3.Connection, name: str, script: str) -> None:
    # If we stop inside, SQLite rolls the whole step back when the file is next opened.
    for statement in _statements(
        f"""
        BEGIN IMMEDIATE;
        PRAGMA application_id = {APPLICATION_ID};
        CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT;
        {script}
        INSERT INTO migrations (name) VALUES ('{name}');
        COMMIT;
        """  # noqa: S608 - our own file names and scripts
    ):
        connection.execute(statement)
        reach(MIGRATING)


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; each ends with a line, but a trigger's holds others."""
    found = ""
    for line in script.splitlines(keepends=True):
        found += line
        if sqlite3.complete_statement(found):
            yield found
            found = ""
