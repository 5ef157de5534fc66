"""Waiting at a connection to PostgreSQL, below the driver's cursors.

The store and the tables of projections wait by this one mechanism. The connections never block:
what the server does not take yet is kept here, so that whoever waits also has to send.
"""

import select
from typing import Final

from psycopg.pq.abc import PGconn

READABLE: Final = select.POLLIN
"""The server has said something that was not read yet, or has gone."""


def look(connection: PGconn, wanted: int, timeout_ms: int | None = None) -> int:
    """Wait until the line is as wanted, and tell how it is; 0 if the time is over."""
    poll = select.poll()
    poll.register(connection.socket, wanted)
    return sum(found for _, found in poll.poll(timeout_ms))


def send(connection: PGconn) -> None:
    """Send what was put in, and take what comes meanwhile: the server may wait for that."""
    while connection.flush():
        if look(connection, READABLE | select.POLLOUT) & READABLE:
            connection.consume_input()


def until_answered(connection: PGconn) -> None:
    """Send, and wait until the next result is here: one that has come already is not waited for."""
    send(connection)
    while connection.is_busy():
        look(connection, READABLE)
        connection.consume_input()
