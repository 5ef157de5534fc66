"""One writing process per file: a lock that the operating system drops when the process dies.

The lock is an advisory one on `<database>.lock`, a file that says who has it. The file stays when
the process ends; it says nothing without the lock.
"""

import fcntl
import json
import os
import socket
import weakref
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ledger.storage.errors import AlreadyHeld

_READ_MAX: Final = 4096  # bytes; we write some 150


def lock_path(database: Path) -> Path:
    """Return the path of the lock file beside a database."""
    return database.with_name(f"{database.name}.lock")


def read_holder(database: Path) -> Mapping[str, Any]:
    """Return what the last holder has written about itself: pid, host, started, url; or nothing.

    It may have ended since: only taking the lock tells.
    """
    try:
        with lock_path(database).open("rb") as file:
            content = json.loads(file.read(_READ_MAX))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


_held_here: Final = weakref.WeakSet["ProcessLock"]()


def _forget_all() -> None:
    # A forked child shares the lock and would keep it after its parent is gone: it lets go.
    for lock in tuple(_held_here):
        lock.forget()


os.register_at_fork(after_in_child=_forget_all)


class ProcessLock:
    """Held from construction until `release`, or until this process is gone, however it goes."""

    def __init__(self, database: Path, *, started: datetime) -> None:
        self._file = os.open(lock_path(database), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise _held(database) from None
        _held_here.add(self)
        self._content: dict[str, Any] = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started": started.isoformat(),
        }
        self._write()

    def announce(self, url: str) -> None:
        """Write down where this process answers, so that others can talk to it."""
        self._content["url"] = url
        self._write()

    def release(self) -> None:
        """Give the lock back; a second time does nothing."""
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            # Unlocked, not only closed: a child that was forked a moment ago still shares the lock.
            fcntl.flock(self._file, fcntl.LOCK_UN)
            self.forget()

    def _write(self) -> None:
        # Who reads between these two calls finds half of it and says "another process".
        text = json.dumps(self._content).encode() + b"\n"
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text, 0)

    def forget(self) -> None:
        """Close the handle, and with it our share of the lock; what is written stays."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _held(database: Path) -> AlreadyHeld:
    holder = read_holder(database)
    pid = holder.get("pid")
    texts = {
        name: value
        for name in ("host", "started", "url")
        if isinstance(value := holder.get(name), str)
    }
    return AlreadyHeld(str(database), pid=pid if isinstance(pid, int) else None, **texts)
