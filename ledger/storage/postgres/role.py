"""A role held as an advisory lock: it ends with the connection, however the process ends."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Final

import psycopg

from ledger.storage.errors import Busy
from ledger.storage.postgres.connection import Connection, connect
from ledger.storage.postgres.queries import QUERIES

ASK_AGAIN_S: Final = 0.5
"""How often a standby asks whether the role is free."""


class ServerRole:
    """Implements `roles.Role` on a connection of its own.

    The lock is the session's: where the connection is lost the server gives it away, and this role
    is lost for good; who wants it again waits for a new one.
    """

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self._url = url
        self._key = key_of(name)
        self._connection: Connection | None = None
        self._is_taken = False

    def wait(self, stop: Callable[[], bool]) -> bool:
        """Wait as standby until this process has the role; a server that is away is waited for."""
        while not stop():
            if self._take():
                return True
            time.sleep(ASK_AGAIN_S)
        return False

    def is_held(self) -> bool:
        """Ask the server whether our session is still there, and with it the lock."""
        if not self._is_taken or self._connection is None:
            return False
        try:
            self._connection.execute(QUERIES["ping"])
        except psycopg.Error:
            self._is_taken = False
        return self._is_taken

    def close(self) -> None:
        """Give the role back, with the connection."""
        self._is_taken = False
        if self._connection is not None:
            self._connection.close()

    def _take(self) -> bool:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._url)
            row = self._connection.execute(QUERIES["take_role"], {"key": self._key}).fetchone()
        except (psycopg.Error, Busy):
            return False
        self._is_taken = bool(row and row[0])
        return self._is_taken


def key_of(name: str) -> int:
    """Return the key of a role's lock: eight bytes of a hash of its name."""
    digest = hashlib.sha256(f"linernotes role {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
