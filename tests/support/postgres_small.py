"""A PostgreSQL server on a small disk: a file system of its own, of so many bytes and no more.

Its data lies on a `tmpfs` that is mounted where the server alone sees it (user and mount
namespaces, as containers use them), so that what fills up is a real file system: `ENOSPC` for
tables and for the write-ahead log alike.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import psycopg

from tests.support.postgres_server import PostgresServer

ROOM_MIB: Final = 96
"""What a new cluster takes, and as much again."""

CHUNK: Final = bytes(1 << 16)
FILLER: Final = "filler"


class SmallPostgresServer(PostgresServer):
    """A server whose disk can be filled, and emptied again."""

    def __init__(self) -> None:
        self._holder: subprocess.Popen[bytes] | None = None
        super().__init__(durable=True, options=["min_wal_size=2MB", "max_wal_size=4MB"])

    def fill(self) -> None:
        """Leave no byte free, but in the write-ahead log: what is written next fails in a table.

        In the log, near the end of a segment and with no next one made, it would end the server.
        """
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")  # what is not needed any more becomes the next segment
        with (self._seen / FILLER).open("ab", buffering=0) as filler:
            for size in (len(CHUNK), 4096, 1):
                try:
                    while True:
                        filler.write(CHUNK[:size])
                except OSError:
                    continue

    def empty(self) -> None:
        """Give back what `fill` took."""
        (self._seen / FILLER).unlink()

    @property
    def is_alive(self) -> bool:
        """Whether the server runs; without room for its log it ends by itself."""
        return self.process.poll() is None

    def close(self) -> None:
        """Stop it, and give its disk back."""
        super().close()
        assert self._holder is not None
        self._holder.kill()
        self._holder.wait()

    @property
    def _seen(self) -> Path:
        """The server's folder as it sees it itself."""
        assert self._holder is not None
        return Path(f"/proc/{self._holder.pid}/root{self.root}/data")

    def _initdb(self, *words: str) -> None:
        """Mount the disk first; from here on everything runs where it is seen."""
        data = self.root / "data"
        data.mkdir()
        mount = (
            f"mount -t tmpfs -o size={ROOM_MIB}m,mode=0700 tmpfs {data} && echo && exec sleep inf"
        )
        command = ["unshare", "--user", "--map-root-user", "--mount", "setpriv", "--pdeathsig"]
        self._holder = subprocess.Popen(  # noqa: S603 - ours
            [*command, "KILL", "sh", "-c", mount], stdout=subprocess.PIPE
        )
        assert self._holder.stdout is not None
        with self._holder.stdout as told:
            assert told.readline() == b"\n", "no file system of one's own here"
        inside = ["nsenter", "--target", str(self._holder.pid), "--user", "--mount"]
        inside += ["--preserve-credentials"] if os.geteuid() else []
        self._prefix = [*inside, "unshare", "--user", "--map-user=65534", "--map-group=65534"]
        super()._initdb(*words, "--wal-segsize=1")
