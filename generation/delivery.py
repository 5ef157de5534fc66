"""What lies in a topic, what it means that the broker is away, and how everybody waits for it."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.refusals import Conflict

log: Final = logging.getLogger(__name__)

RETRY_S: Final = 1.0
"""How long to wait before the broker is looked for again."""


class BrokerAwayError(OSError):
    """The broker did not answer, or not as it should: what was sent may be there or not."""


class PartitionTakenError(BrokerAwayError):
    """Another member has the partition: what we did, it may do again."""


@dataclass(frozen=True, slots=True)
class Record:
    """One message as it lies in a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    time_ms: int
    headers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How a topic is made: partitions, and how long it keeps what it has (None: for ever)."""

    partitions: int
    keeps_ms: int | None

    def configs(self, *, replication: int) -> dict[str, str]:
        """Return it in the broker's own words, for a topic of so many copies (-1: its default).

        A message counts when it lies on half of the copies or more, so on two of three: what is
        acknowledged outlives one broker, and one that is away keeps nobody waiting.
        """
        keeps = -1 if self.keeps_ms is None else self.keeps_ms
        found = {"cleanup.policy": "delete", "retention.ms": str(keeps), "retention.bytes": "-1"}
        if replication > 0:
            found["min.insync.replicas"] = str((replication + 1) // 2)
        return found


def keep_trying(
    serve: Callable[[threading.Event], None], stop: threading.Event, *, name: str
) -> None:
    """Serve until told to stop; when the broker is away, wait a little and serve anew.

    Likewise where the ledger says that it is busy: its database may be away as well.
    """
    while not stop.is_set():
        try:
            serve(stop)
        except BrokerAwayError as error:
            log.warning("%s waits for the broker: %s", name, error)
            stop.wait(RETRY_S)
        except Conflict as busy:
            log.warning("%s waits for the ledger: %s", name, busy)
            stop.wait(RETRY_S)


def keep_hearing(
    serve: Callable[[threading.Event], None], stop: threading.Event, *, name: str
) -> None:
    """Serve likewise what decides nothing, in a thread whose end nobody would notice.

    Whatever is raised there is said, and one hears anew.
    """
    while not stop.is_set():
        try:
            keep_trying(serve, stop, name=name)
        except Exception:
            log.exception("%s hears anew", name)
            stop.wait(RETRY_S)


def find(addresses: Sequence[str], timeout_s: float) -> None:
    """Look whether anybody listens at one of the addresses; `BrokerAwayError` where nobody does."""
    why: OSError | None = None
    for address in addresses:
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout_s).close()
        except OSError as error:
            why = error
        else:
            return
    raise BrokerAwayError(f"nobody answers at {', '.join(addresses)}: {why}")
