"""How things stand, asked of them when somebody reads the metrics: positions, lags, findings.

Together with `metrics` this is the whole list of names; docs/guides/operator.md tells what each
means, and a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric

from ledger.storage.contract import Store
from service.assurance import Assurance
from service.observing.metrics import PREFIX

Asked = Callable[[], Iterable[Metric]]
"""Asked at every reading; what raises is left out of it, and shows as missing."""


class Projected(Protocol):
    """How far a projection has read, and why it stopped if it did."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def position(self) -> int:
        """The last position that it has folded."""
        ...

    @property
    def failure(self) -> str | None:
        """Why it stopped, or None."""
        ...


class Witnessed(Protocol):
    """How a witness stands."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def size(self) -> int:
        """The newest size that it has signed."""
        ...

    @property
    def state(self) -> str:
        """`signed`, or why not."""
        ...


class Verifier(Protocol):
    """How the process that verifies signatures stands."""

    @property
    def is_running(self) -> bool:
        """Whether it can be asked."""
        ...

    @property
    def losses(self) -> int:
        """How often it was lost."""
        ...


def log_numbers(
    store: Store, *, waiting: Callable[[], int], register_size: Callable[[], int]
) -> Iterator[Metric]:
    """Yield how long the log is, for readers and for its register, and who waits for it."""
    with store.snapshot() as reader:
        head = reader.bound
    yield _gauge("log_entries", "Entries that the register has accepted.", head)
    yield _gauge("queue_commands", "Commands that wait for the next transaction.", waiting())
    yield _gauge("register_entries", "The size that the register holds.", register_size())


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a projection is behind, and how old the oldest entry is that it has not folded."""

    entries: int
    seconds: float


def behind(store: Store, row: Projected, *, clock: Callable[[], datetime]) -> Lag:
    """Return how far a projection is behind what readers may see."""
    with store.snapshot() as reader:
        entries = max(0, reader.bound - row.position)
        oldest = reader.entry(row.position + 1) if entries else None
    age = (clock() - oldest.time).total_seconds() if oldest is not None else 0.0
    return Lag(entries, max(0.0, age))


def projection_numbers(
    store: Store, status: Callable[[], Iterable[Projected]], *, clock: Callable[[], datetime]
) -> Iterator[Metric]:
    """Yield how far each projection is behind, in entries and in seconds, and whether it stands."""
    entries = _labeled("projection_lag_entries", "How far a projection is behind.", "projection")
    seconds = _labeled("projection_lag_seconds", "Age of the oldest unfolded entry.", "projection")
    stopped = _labeled("projection_stopped", "1 where a projection stopped.", "projection")
    for row in status():
        lag = behind(store, row, clock=clock)
        entries.add_metric([row.name], lag.entries)
        seconds.add_metric([row.name], lag.seconds)
        stopped.add_metric([row.name], row.failure is not None)
    yield from (entries, seconds, stopped)


def witness_numbers(standing: Callable[[], Iterable[Witnessed]]) -> Iterator[Metric]:
    """Yield how far each witness has signed, and whether it signs; of those that were asked here.

    Of several processes of a ledger one asks them: the others know nothing, and say nothing.
    """
    size = _labeled("witness_entries", "The size that a witness has signed last.", "witness")
    signs = _labeled("witness_signs", "1 where a witness signed when it was asked.", "witness")
    for row in standing():
        if row.state == "new":
            continue
        size.add_metric([row.name], row.size)
        signs.add_metric([row.name], row.state == "signed")
    yield from (size, signs)


def assurance_numbers(latest: Callable[[], Assurance | None]) -> Iterator[Metric]:
    """Yield the three-way match and the audit's line of the newest report; nothing before one."""
    found = latest()
    if found is None:
        return
    match, audit = found.match, found.audit
    for name, says, value in (
        ("outputs_completed", "Completed outputs.", match.completed),
        ("outputs_mismatched", "Outputs whose three sets differ.", len(match.mismatches)),
        ("audit_commands_decided", "Commands that the newest audit decided again.", audit.decided),
        ("audit_differ", "Commands that differ.", audit.differ),
        ("audit_findings", "Findings of the newest audit.", len(audit.findings)),
        ("audit_position", "The size that it has read.", audit.size),
        ("audit_timestamp_seconds", "When it was made.", found.at.timestamp()),
    ):
        yield _gauge(name, says, value)


def relay_numbers(published: Callable[[], int], store: Store) -> Iterator[Metric]:
    """Yield how far the relay has published, and how many entries wait for it."""
    done = published()
    with store.snapshot() as reader:
        lag = max(0, reader.bound - done)
    yield _gauge("relay_position", "The last entry that was published.", done)
    yield _gauge("relay_lag_entries", "Entries that are not published yet.", lag)


def verifier_numbers(verifier: Verifier) -> Iterator[Metric]:
    """Yield whether a process of its own verifies signatures, and how often it was lost."""
    says = "1 where a process of its own verifies signatures."
    yield _gauge("verifier_running", says, verifier.is_running)
    yield _gauge("verifier_losses", "How often that process was lost.", verifier.losses)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, says, value=value)


def _labeled(name: str, says: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, says, labels=[label])
