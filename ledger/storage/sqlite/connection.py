"""Connections to the file, and what its errors mean for us."""

import sqlite3
from pathlib import Path
from typing import Final

from ledger.storage.errors import Busy, Damaged, EngineTooOld, StorageFull
from ledger.storage.sqlite.queries import QUERIES
from schemas.refusals import Conflict

APPLICATION_ID: Final = 0x4C4E4F54
"""`LNOT` in the file's header (SQLite file format, section 1.3.9), so no other file is taken."""

BUSY_TIMEOUT_MS: Final = 5_000
"""How long one waits for the lock. A batch holds it for milliseconds; five seconds is a fault."""

CHECKPOINT_PAGES: Final = 4_000
"""From how many pages in the write-ahead log on a commit puts them into the file: 16 MB, about.

Batches change the same pages again and again, and only the last change goes into the file. Up to
4,062 pages a reader looks for one in a single hash table (sqlite.org/walformat.html).
"""

ENGINE_MIN: Final = (3, 39, 0)
"""The SQLite of 2022, the first with FULL JOIN and IS DISTINCT FROM (sqlite.org/changes.html)."""

_PRIMARY: Final = 0xFF  # the primary result code is the low byte (sqlite.org/rescode.html)
_LOST: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_NO_ROOM: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})


def connect(path: Path, *, writes: bool, create: bool = False) -> sqlite3.Connection:
    """Open the file. Transactions are begun and ended in the open, never by the driver."""
    check_engine(sqlite3.sqlite_version_info)
    mode = "rwc" if create else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,  # a pool hands each connection to one thread at a time
        timeout=BUSY_TIMEOUT_MS / 1000,
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        if writes:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            # Erased keys are overwritten, not only unlinked.
            connection.execute("PRAGMA secure_delete = ON")
        else:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def check_engine(version: tuple[int, ...]) -> None:
    """Raise `EngineTooOld` where this Python brings an older SQLite, before a file is touched."""
    if version < ENGINE_MIN:
        found, needed = (".".join(map(str, each)) for each in (version, ENGINE_MIN))
        raise EngineTooOld(
            f"this Python brings SQLite {found}, and {needed} or later is needed: take a Python"
            " that was built with one, or a PostgreSQL server"
        )


def prepare(connection: sqlite3.Connection) -> None:
    """Make what a writing connection writes through, for itself alone: it is not in the file.

    The tables must be there.
    """
    # What a statement may have to undo is kept in memory too, and in no file of its own.
    connection.execute("PRAGMA temp_store = MEMORY")
    for name in ("make_batch", "make_batch_write", "make_accepted", "make_accepted_write"):
        connection.execute(QUERIES[name])


def meaning(error: sqlite3.Error, *, reads: bool = False) -> Conflict | Damaged:
    """Return what an error *before* a commit means; the transaction is rolled back by then.

    Out of room, or a device that fails, is `StorageFull` where one writes: nothing was written, so
    the same command may come again. Where one reads it is `Damaged`.
    """
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    if code in _LOCKED:
        return Busy(f"the database is locked [{error}]")
    if code in _NO_ROOM and not reads:
        return StorageFull(f"the database cannot be written: nothing was appended [{error}]")
    if code in _LOST:
        return Damaged(f"the database file is damaged [{error}]")
    return Damaged(f"the database does not do what it must [{error}]")
