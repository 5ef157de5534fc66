"""What a process needs to be ready, beyond its own life: the checks that several roles share."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from ledger.storage.batch import CLOCKS_APART_MAX
from ledger.storage.contract import Store
from ledger.storage.signal import VisibleHead
from service.observing.readiness import Check
from service.observing.standing import Projected, behind

LAG_S_MAX: Final = 60.0
"""How old the oldest unfolded entry may be: beyond it, readers would wait in vain."""

CONNECT_S: Final = 2.0
"""How long an address of the broker may take to answer."""

LOG_ENDED: Final = "the log ended in this process, which must be started anew"
"""What is missing after a fatal end."""


def the_log(visible: VisibleHead) -> Check:
    """Need a log that goes on."""
    return lambda: LOG_ENDED if visible.is_closed else None


def the_register(held: Callable[[], int]) -> Check:
    """Need a register that answers; `held` asks it, and raises where it does not."""
    return lambda: None if held() >= 0 else "it holds nothing"


def the_database(store: Store, clock: Callable[[], datetime] | None = None) -> Check:
    """Need a database that answers, and whose clock is as near to ours as an entry's must be.

    A process whose clock is off takes honest statements for expired, or for ones that come from
    the future, and what it decides is not appended. Without `clock` there is one time only.
    """

    def check() -> str | None:
        before = clock() if clock else None
        with store.snapshot() as reader:
            if before is None or clock is None:
                return None if reader.bound >= 0 else "it holds nothing"
            found = reader.clock()
        after = clock()
        if before - CLOCKS_APART_MAX <= found <= after + CLOCKS_APART_MAX:
            return None
        apart_s = round((after - found).total_seconds())
        return f"the clock here is {apart_s:+} seconds off its clock"

    return check


def the_broker(bootstrap: Sequence[str]) -> Check:
    """Need one of the broker's addresses, `host:port`, to take a connection.

    Asked apart from the clients: one that only waits for messages does not notice that nobody is
    there to send any.
    """

    def check() -> str | None:
        for address in bootstrap:
            host, _, port = address.rpartition(":")
            with suppress(OSError):
                socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
                return None
        return f"none of {len(bootstrap)} addresses of the broker answers"

    return check


def projections_that_keep_up(
    store: Store, status: Callable[[], Iterable[Projected]], *, clock: Callable[[], datetime]
) -> Check:
    """Need projections that run, and are not more than a minute behind.

    For the process that folds. The API takes commands without them, and is ready without them.
    """

    def check() -> str | None:
        said = []
        for row in status():
            lag = behind(store, row, clock=clock)
            if row.failure is not None:
                said.append(f"{row.name} stopped")
            elif lag.seconds > LAG_S_MAX:
                said.append(f"{row.name} is {lag.entries} entries behind")
        return ", ".join(said) or None

    return check
