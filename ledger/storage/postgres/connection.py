"""Connections to the server, and what its errors mean for us."""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from ledger.reaching import reaching
from ledger.storage.errors import Busy, Damaged, SettingInvalid, StorageFull
from ledger.storage.postgres.overlapping import Overlapping
from ledger.storage.postgres.queries import QUERIES
from schemas.refusals import Conflict

Connection = psycopg.Connection[TupleRow]
"""A connection as we use them: rows are tuples."""

UNREADABLE: Final = (
    "the database's URL cannot be read: what is special in a user, a password or a name is"
    " percent-encoded, and every parameter is one of PostgreSQL's"
)
"""Of an address that is none."""

_OPTIONS: Final = {
    # A batch holds the lock for milliseconds; five seconds is a fault, and whoever waits may ask
    # again. Nobody who stands still holds it longer than ten.
    "lock_timeout": "5s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "client_encoding": "UTF8",
}
_READING: Final = {
    # A snapshot is brief, but an audit or a rebuild reads on for long; nobody waits for it.
    "idle_in_transaction_session_timeout": "10min",
    "statement_timeout": "10min",
}
_NO_ROOM: Final = (errors.DiskFull, errors.OutOfMemory, errors.IoError)
_LATER: Final = (
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.IdleInTransactionSessionTimeout,  # we stood still, and others had to go on
    errors.ReadOnlySqlTransaction,  # a standby, perhaps for the moment
    errors.TooManyConnections,
    errors.CannotConnectNow,
)


def conninfo(url: str, *, reads: bool = False) -> str:
    """Return how to connect: the setting, and how long we let things take.

    What the setting says about these itself stays. `SettingInvalid` where it is no PostgreSQL URL.
    """
    try:
        return reaching(url, {**_OPTIONS, **(_READING if reads else {})})
    except psycopg.Error:
        # What the driver says of it quotes a part of it, which may be the password.
        raise SettingInvalid(UNREADABLE) from None


def place(url: str) -> str:
    """Return where the database is, for sentences: no user, no password."""
    given = conninfo_to_dict(url)
    return f"{given.get('dbname', '')} at {given.get('host', 'localhost')}"


def configure(connection: Connection) -> None:
    """Set up a new connection: the driver begins and ends no transaction by itself."""
    connection.autocommit = True


def connect(url: str) -> Overlapping:
    """Return a new connection that writes. `Busy` where the server cannot be had now."""
    try:
        connection = Overlapping.connect(conninfo(url))
        configure(connection)
        # What is often run here, it prepares itself (`Overlapping.ask`). The driver, where it has
        # prepared something, lets go of all that is prepared after each ROLLBACK.
        connection.prepare_threshold = None
        connection.execute(QUERIES["session"])
    except psycopg.Error as error:
        raise Busy(f"the database cannot be reached [{_told(error)}]") from error
    return connection


def meaning(error: psycopg.Error, *, reads: bool = False) -> Conflict | Damaged:
    """Return what an error *before* a commit means; the server has rolled back, or will.

    A lost connection is `Busy`: nothing of the transaction will ever be there, and a new connection
    may try again. No room is `StorageFull` where one writes.
    """
    told = _told(error)
    if isinstance(error, _NO_ROOM) and not reads:
        return StorageFull(f"the database cannot be written: nothing was appended [{told}]")
    if isinstance(error, _LATER):
        return Busy(f"the database is busy [{told}]")
    if isinstance(error, errors.DataCorrupted | errors.IndexCorrupted):
        return Damaged(f"the database is damaged [{told}]")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Busy(f"the connection to the database was lost [{told}]")
    return Damaged(f"the database does not do what it must [{told}]")


def _told(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
