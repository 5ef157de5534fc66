"""Databases as versions of this program have left them, kept as SQL text, to be migrated forward.

python -m tests.support.older_databases VERSION   writes those of the version that is checked out,
with the steps up to VERSION alone; they are committed with its release and never written again.
"""

import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg

from ledger.storage.postgres.connection import connect
from ledger.storage.postgres.migrate import migrate
from ledger.storage.postgres.queries import STEPS as POSTGRES_STEPS
from ledger.storage.records import SubjectOpening
from ledger.storage.sqlite.connection import APPLICATION_ID
from ledger.storage.sqlite.connection import connect as connect_file
from ledger.storage.sqlite.migrate import migrate as migrate_file
from ledger.storage.sqlite.queries import STEPS as SQLITE_STEPS
from schemas.commitments import Opening
from tests.support.postgres_server import PostgresServer
from tests.support.storage_world import LogWorld

FOLDER = Path(__file__).parents[1] / "integration" / "storage" / "older"
NAME = Opening("/data/name", b"n" * 16, "Anna Søe")


def fill(world: LogWorld) -> None:
    """Append what a log has: two commands, an opening, an event of the bare recorder."""
    own = [SubjectOpening("evt_a_0", "pty_1", NAME)]
    with world.create() as log:
        tags = [["rights:rec_1", "about:pty_1"], []]
        log.submit(world.command("a", tags=tags, openings=own)).result(60)
        log.submit(world.command("b", guard={"rights:rec_1": 1})).result(60)


def restore(text: str, world: LogWorld) -> None:
    """Put an older database where the world's log lies."""
    if world.url is None:
        with closing(sqlite3.connect(world.file)) as connection:
            connection.executescript(f"PRAGMA application_id = {APPLICATION_ID};{text}")
    else:
        with psycopg.connect(world.url) as connection:
            connection.execute("DROP SCHEMA IF EXISTS ledger CASCADE")
            connection.execute(text)


def _until(steps: dict[str, str], version: str) -> None:
    for name in [name for name in steps if name.partition("_")[0] > version]:
        del steps[name]


def _of_sqlite(folder: Path) -> str:
    world = LogWorld(folder)
    with closing(connect_file(world.file, writes=True, create=True)) as connection:
        migrate_file(connection, world.file)
    fill(world)
    with closing(sqlite3.connect(world.file)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def _of_postgres(folder: Path) -> str:
    server = PostgresServer()
    try:
        with closing(connect(server.url())) as connection:
            migrate(connection, server.url(), create=True)
        fill(LogWorld(folder, server.url()))
        how = ["--inserts", "--no-owner", "--no-privileges", "--schema=ledger"]
        program = [str(server.binaries / "pg_dump"), *how, server.url()]
        dumped = subprocess.run(program, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    finally:
        server.close()
    # What only psql understands, or a server of another version may not.
    lines = dumped.stdout.splitlines()
    kept = [line for line in lines if not re.match(r"\\|--|SET transaction_timeout", line)]
    return "\n".join(kept).strip() + "\n"


def main(version: str) -> None:
    """Write the databases of `version`."""
    _until(SQLITE_STEPS, version)
    _until(POSTGRES_STEPS, version)
    FOLDER.mkdir(exist_ok=True)
    for engine, make in (("sqlite", _of_sqlite), ("postgres", _of_postgres)):
        with tempfile.TemporaryDirectory() as folder:
            (FOLDER / f"{engine}_{version}.sql").write_text(make(Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
