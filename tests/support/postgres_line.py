"""A line to a PostgreSQL server that is cut in the middle of a commit.

What commits is a COMMIT, or the statement that appends a batch, unless a transaction was begun. It
is prepared, so its name alone goes over the line.
"""

import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from tests.support.postgres_server import database_name

CHUNK = 65_536
APPENDS = b"append_batch"
BEGUN = b"BEGIN;"


class Line:
    """Passes everything on, until it is told to `cut` at the next commit.

    `cut` is "before": the server never hears of it; or "after": the server has done it, and the
    answer is lost. Of batches that are one statement one is cut: who comes after it is answered.
    """

    def __init__(self, url: str) -> None:
        given = conninfo_to_dict(url)
        host, port = str(given["host"]), int(given.get("port") or 5432)
        self._far = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
        self._user = str(given.get("user", ""))
        self._database = database_name(url)
        self._folder = tempfile.TemporaryDirectory(prefix="pl")  # short: it is a socket's path
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(Path(self._folder.name) / ".s.PGSQL.5432"))
        self._listening.listen()
        self._open: list[socket.socket] = []
        self._deaf: set[socket.socket] = set()
        self.cut: str | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The URL of the same database by way of this line."""
        host = quote(self._folder.name, safe="")
        return f"postgresql://{self._user}@/{self._database}?host={host}"

    def __enter__(self) -> Self:
        """Return the open line."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it and all that goes over it."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._end(*self._open)
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX if isinstance(self._far, str) else socket.AF_INET)
            far.connect(self._far)
            self._open += [near, far]
            threading.Thread(target=self._upward, args=(near, far), daemon=True).start()
            threading.Thread(target=self._downward, args=(near, far), daemon=True).start()

    def _upward(self, near: socket.socket, far: socket.socket) -> None:
        is_begun = False
        with suppress(OSError):
            while content := near.recv(CHUNK):
                is_begun |= BEGUN in content
                commits = b"COMMIT" in content or (APPENDS in content and not is_begun)
                cut = self.cut if commits else None
                if APPENDS in content and cut:
                    self.cut = None
                if cut == "before":
                    break
                if cut == "after":
                    self._deaf.add(near)
                is_begun &= b"COMMIT" not in content and b"ROLLBACK" not in content
                far.sendall(content)
        self._end(near, far)

    def _downward(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while content := far.recv(CHUNK):
                if near in self._deaf:
                    break
                near.sendall(content)
        self._end(near, far)

    @staticmethod
    def _end(*ends: socket.socket) -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
