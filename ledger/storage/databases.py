"""Which database a setting means, and what follows from it: a server by URL, or a file by path.

A file has one writing process, which holds its lock and hears of every move itself. A server has as
many as one likes: they hear of each other's moves from it, and roles of which one may act at a time
hold a lock in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from ledger.storage.contract import Register, Store
from ledger.storage.errors import RegisterMisplaced
from ledger.storage.following import Follower, Writing
from ledger.storage.lock import ProcessLock
from ledger.storage.register import FileRegister
from ledger.storage.roles import AloneInFile, Role
from ledger.storage.signal import VisibleHead
from ledger.storage.sqlite.store import SqliteStore, require
from ledger.storage.vault import Vault

SCHEMES: Final = ("postgresql://", "postgres://")
"""How a setting begins that names a server."""

Clock = Callable[[], datetime]
"""Gives an instant."""


class Lock(Protocol):
    """What a writing process holds for as long as it has the log open."""

    def announce(self, url: str) -> None:
        """Write down where this process answers, so that others can talk to it."""

    def release(self) -> None:
        """Give it back; a second time does nothing."""


class Database(Protocol):
    """Where a log lies, before it is open."""

    def check(self, register: Register, *, create: bool) -> None:
        """Raise where this log cannot be opened with that register, before anything is touched."""

    def lock(self, started: datetime) -> Lock:
        """Take what a writing process holds. `AlreadyHeld`: another process does."""

    def open(self, vault: Vault, *, create: bool = False, clock: Clock | None = None) -> Store:
        """Open the store; `clock` stands for the database's own clock."""

    def follow(
        self, store: Store, visible: VisibleHead, writing: Writing | None
    ) -> Follower | None:
        """Follow moves of the visible head by other processes; None where there are none.

        Who writes says what it would do about what it sees.
        """

    def role(self, name: str) -> Role:
        """Return a role, not taken yet."""


class FileDatabase:
    """An SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self, register: Register, *, create: bool) -> None:
        """Raise if the register would be restored with the file, or there is no file."""
        folder = self._path.resolve().parent
        if isinstance(register, FileRegister) and register.path.resolve().is_relative_to(folder):
            raise RegisterMisplaced(
                f"the register {register.path} lies in the data folder {self._path.parent}: a"
                " restored backup would take it back too; put it elsewhere"
            )
        if not create:
            require(self._path)  # before the lock, which would leave its file behind

    def lock(self, started: datetime) -> ProcessLock:
        """Take the lock of the file."""
        return ProcessLock(self._path, started=started)

    def open(
        self, vault: Vault, *, create: bool = False, clock: Clock | None = None
    ) -> SqliteStore:
        """Open the file."""
        return SqliteStore(self._path, vault, create=create, clock=clock)

    def follow(
        self, store: Store, visible: VisibleHead, writing: Writing | None
    ) -> Follower | None:
        """Who only reads looks by a timer; the one that writes hears itself."""
        return None if writing else Follower(store, visible)

    def role(self, name: str) -> AloneInFile:
        """Return a role that this process has: it is the only one."""
        return AloneInFile(name)


def database_of(setting: Path | str) -> Database:
    """Return the database that a setting means."""
    if isinstance(setting, str) and setting.startswith(SCHEMES):
        # Here, because the embedded engine has no driver of PostgreSQL.
        from ledger.storage.postgres.database import ServerDatabase  # noqa: PLC0415 - see above

        return ServerDatabase(setting)
    return FileDatabase(Path(setting))
