"""A PostgreSQL server and its standby, which streams from it until it is cut off."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.integration.backup.backups import run
from tests.support.postgres_server import PostgresServer


class Pair:
    """Two servers under one URL: whoever connects gets the one that can be written to."""

    def __init__(self, copy: Path) -> None:
        self.primary = PostgresServer(durable=True, options=["wal_level=replica"])
        self.standby = PostgresServer(durable=True)
        self.standby.stop()
        words = ["--host", str(self.primary.root), "--username", "app", "--pgdata", str(copy)]
        run("pg_basebackup", *words, "--checkpoint", "fast", "--write-recovery-conf")
        data = self.standby.root / "data"
        shutil.rmtree(data)
        shutil.copytree(copy, data)
        data.chmod(0o700)
        self.standby.start()

    @property
    def url(self) -> str:
        """The address of both."""
        hosts = ",".join(quote(str(one.root), safe="") for one in (self.primary, self.standby))
        return f"postgresql://app@/postgres?host={hosts}&target_session_attrs=read-write"

    def wait_level(self) -> None:
        """Wait until the standby has replayed everything."""
        with psycopg.connect(self.primary.url()) as connection:
            row = connection.execute("SELECT pg_current_wal_lsn()").fetchone()
        with psycopg.connect(self.standby.url(), autocommit=True) as connection:
            behind = "SELECT pg_last_wal_replay_lsn() < %s"
            while connection.execute(behind, row).fetchone() == (True,):
                connection.execute("SELECT pg_sleep(0.05)")

    def cut_off(self) -> None:
        """Stop the standby: what the primary writes from here on it never hears of."""
        self.standby.stop()

    def promote(self) -> None:
        """Make the standby the server; it is started where it was cut off."""
        if self.standby.process.poll() is not None:
            self.standby.start()
        with psycopg.connect(self.standby.url(), autocommit=True) as connection:
            assert connection.execute("SELECT pg_promote()").fetchone() == (True,)

    def close(self) -> None:
        """Stop both."""
        self.primary.close()
        self.standby.close()
