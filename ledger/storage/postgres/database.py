"""A log on a server: no process has it for itself."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import psycopg

from ledger.storage.contract import Register, Store
from ledger.storage.errors import Busy
from ledger.storage.following import Follower, Writing
from ledger.storage.postgres.connection import connect
from ledger.storage.postgres.overlapping import Overlapping
from ledger.storage.postgres.queries import QUERIES
from ledger.storage.postgres.role import ServerRole
from ledger.storage.postgres.statements import VISIBLE
from ledger.storage.postgres.store import PostgresStore
from ledger.storage.signal import VisibleHead
from ledger.storage.vault import Vault

WORDS_APART_S: Final = 0.01
"""How long after a word the next one may wait to be heard."""


class ServerDatabase:
    """Implements `databases.Database`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def check(self, register: Register, *, create: bool) -> None:
        """Pass: whether there is a log, the server says when it is opened."""

    def lock(self, started: datetime) -> Shared:
        """Take nothing: the row of the head serializes."""
        del started
        return Shared()

    def open(
        self, vault: Vault, *, create: bool = False, clock: Callable[[], datetime] | None = None
    ) -> PostgresStore:
        """Open the database."""
        return PostgresStore(self._url, vault, create=create, clock=clock)

    def follow(self, store: Store, visible: VisibleHead, writing: Writing | None) -> Follower:
        """Listen to what other processes accept."""
        return Listener(self._url, store, visible, writing=writing)

    def role(self, name: str) -> ServerRole:
        """Return a role, not taken yet."""
        return ServerRole(self._url, name)


class Shared:
    """Implements `databases.Lock` where nobody is locked out."""

    def announce(self, url: str) -> None:
        """Do nothing: whoever wants this ledger asks the server."""

    def release(self) -> None:
        """Do nothing."""


class Listener(Follower):
    """A follower that is told by the server. The timer stays: a word may be lost.

    Words that come one after the other are heard together: most are of what this process has
    accepted itself, and a thread that wakes for each takes the interpreter from who writes.
    """

    def __init__(
        self, url: str, store: Store, visible: VisibleHead, *, writing: Writing | None
    ) -> None:
        super().__init__(store, visible, writing=writing)
        self._url = url
        self._connection: Overlapping | None = None
        self._bell, self._rope = socket.socketpair()
        self._heard_s = 0.0

    def wait(self, timeout_s: float) -> None:
        """Wait for the next word of the server, at most so long."""
        try:
            connection = self._listening()
            self._ended.wait(self._heard_s + WORDS_APART_S - time.monotonic())
            # Not `select`: it knows no descriptor beyond 1023, and a server has many clients.
            poll = select.poll()
            for end in (connection, self._bell):
                poll.register(end, select.POLLIN)
            poll.poll(timeout_s * 1000)
            if self._is_news(connection.words()):
                found = connection.ask([(VISIBLE, {})]).get_value(0, 0)
                self._visible.advance(int.from_bytes(found or b"", "big"))
            self._heard_s = time.monotonic()
        except (psycopg.Error, Busy):
            # What was said meanwhile is lost; one looks after each wait.
            super().wait(timeout_s)

    def _is_news(self, words: list[str]) -> bool:
        """Tell whether to look. Whoever may connect to the database may say words, also false ones.

        Were they believed, the log would be shorter than what was seen of it: an older copy.
        """
        known = self._visible.position
        digits = len(str(known))
        return not all(
            word.isdecimal() and len(word) <= digits and int(word) <= known for word in words
        )

    def close(self) -> None:
        """Stop following."""
        self._rope.close()  # which wakes who waits for the bell
        super().close()
        self._bell.close()
        if self._connection is not None:
            self._connection.close()

    def _listening(self) -> Overlapping:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url)
            self._connection.execute(QUERIES["listen"])
            self.look()  # what moved before we listened
        return self._connection
