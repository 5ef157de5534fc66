"""Taking and restoring backups as the guide says, by the tools of each engine."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg

from tests.support.postgres_server import (
    PostgresServer,
    binaries,
    database_name,
    drop_database,
    shared_server,
)
from tests.support.storage_world import LogWorld


class Backups(Protocol):
    """How one engine's database is copied, lost, and put back."""

    def take(self, world: LogWorld, to: Path) -> None: ...

    def lose(self, world: LogWorld) -> None: ...

    def restore(self, world: LogWorld, of: Path) -> None: ...


class OfFile:
    """SQLite: its own online copy."""

    def take(self, world: LogWorld, to: Path) -> None:
        with (
            closing(sqlite3.connect(world.file)) as source,
            closing(sqlite3.connect(to)) as target,
        ):
            source.backup(target)

    def lose(self, world: LogWorld) -> None:
        for path in world.file.parent.glob(f"{world.file.name}*"):
            path.unlink()

    def restore(self, world: LogWorld, of: Path) -> None:
        shutil.copyfile(of, world.file)


class OfServer:
    """PostgreSQL: pg_dump and pg_restore."""

    def take(self, world: LogWorld, to: Path) -> None:
        assert world.url is not None
        run("pg_dump", "--format", "custom", "--file", str(to), world.url)

    def lose(self, world: LogWorld) -> None:
        assert world.url is not None
        drop_database(world.url)

    def restore(self, world: LogWorld, of: Path) -> None:
        assert world.url is not None
        with psycopg.connect(shared_server(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database_name(world.url)}".encode())
        run("pg_restore", "--exit-on-error", "--no-owner", "--dbname", world.url, str(of))


def run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs; what it says is in the error where it fails."""
    done = subprocess.run(  # noqa: S603 - of the server that the tests bring
        [str(binaries() / program), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{program}: {done.stderr}"


def base_backup(server: PostgresServer, to: Path) -> None:
    """Take a base backup of a whole server. That it is one, its restoring shows."""
    words = ["--host", str(server.root), "--username", "app", "--pgdata", str(to)]
    run("pg_basebackup", *words, "--checkpoint", "fast", "--wal-method", "stream")


def put_back(server: PostgresServer, backup: Path, *, archive: Path | None) -> None:
    """Put a base backup in place of a stopped server's data, and replay what was archived."""
    data = server.root / "data"
    shutil.rmtree(data)
    shutil.copytree(backup, data)
    data.chmod(0o700)
    if archive is not None:
        (data / "recovery.signal").touch()
        with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.write(f"restore_command = 'cp {archive}/%f \"%p\"'\n")
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        while connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            connection.execute("SELECT pg_sleep(0.05)")
