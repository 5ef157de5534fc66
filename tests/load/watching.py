"""What the processes of a cluster take from the machine while it is under load: out of /proc."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from tests.kit.cluster import Cluster
from tests.support.kafka_broker import KafkaBroker
from tests.support.postgres_server import PostgresServer

EVERY_S: Final = 5.0
"""How often it looks."""

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_NUMBERS: Final = re.compile(
    r"^linernotes_(queue_commands|relay_lag_entries|projection_lag_entries)(?:\{.*\})? (\S+)$",
    re.MULTILINE,
)
_STEP_SUMS: Final = re.compile(r'^linernotes_step_seconds_sum\{step="(\w+)"\} (\S+)$', re.MULTILINE)
_STEP_COUNTS: Final = re.compile(
    r'^linernotes_step_seconds_count\{step="(\w+)"\} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: seconds since the beginning, and by process: CPU seconds, and MiB of its own.

    `numbers` are the longest queue and the greatest lags of the moment; `steps` by process and step
    how often it was taken since the process began, and the seconds that took.
    """

    at_s: float
    cpu_s: Mapping[str, float]
    memory_mib: Mapping[str, float]
    numbers: Mapping[str, float]
    steps: Mapping[tuple[str, str], tuple[float, float]]


@dataclass
class Watch:
    """Looks at every process by a timer. Use as a context."""

    cluster: Cluster
    database: PostgresServer
    broker: KafkaBroker
    waiting: Callable[[], int]
    seen: list[Seen] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._began_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="watch")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Look once more, and no more."""
        self._stop.set()
        self._thread.join()
        self._look()

    def _run(self) -> None:
        self._look()
        while not self._stop.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        cpu_s, memory_mib = {}, {}
        for name, pids in self._processes().items():
            cpu_s[name] = sum(map(_cpu_s, pids))
            memory_mib[name] = sum(map(_memory_mib, pids))
        numbers, steps = self._told()
        numbers["generations_waiting"] = float(self.waiting())
        at_s = time.monotonic() - self._began_s
        self.seen.append(Seen(at_s, cpu_s, memory_mib, numbers, steps))

    def _processes(self) -> dict[str, list[int]]:
        """Return the numbers of each process with those that it has started."""
        roots = {
            name: process.running.pid
            for name, process in self.cluster.processes.items()
            if process.running is not None
        }
        assert self.broker.process is not None
        roots |= {"postgres": self.database.process.pid, "kafka": self.broker.process.pid}
        roots["clients"] = os.getpid()
        below = _children()
        own = set(roots.values())
        return {name: [pid, *_below(pid, below, but=own)] for name, pid in roots.items()}

    def _told(self) -> tuple[dict[str, float], dict[tuple[str, str], tuple[float, float]]]:
        """Return what the processes tell of themselves: queues and lags, and what steps took."""
        numbers: dict[str, float] = {}
        steps: dict[tuple[str, str], tuple[float, float]] = {}
        for name, process in self.cluster.processes.items():
            try:
                text = httpx.get(f"{process.url}/metrics", timeout=5, trust_env=False).text
            except httpx.TransportError:
                continue
            for number, value in _NUMBERS.findall(text):
                numbers[number] = max(numbers.get(number, 0.0), float(value))
            sums = dict(_STEP_SUMS.findall(text))
            for step, count in _STEP_COUNTS.findall(text):
                steps[name, step] = float(count), float(sums[step])
        return numbers, steps


def _children() -> dict[int, list[int]]:
    """Return who has started whom."""
    found: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        fields = _fields(int(path.name))
        if fields:
            found.setdefault(int(fields[1]), []).append(int(path.name))
    return found


def _below(pid: int, children: Mapping[int, Iterable[int]], *, but: set[int]) -> list[int]:
    found = []
    for child in children.get(pid, ()):
        if child not in but:
            found += [child, *_below(child, children, but=but)]
    return found


def _fields(pid: int) -> list[str]:
    """Return the fields of a process from its state on (proc_pid_stat(5)); none if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_s(pid: int) -> float:
    """Return what a process has taken, and those that it has waited for."""
    fields = _fields(pid)
    return sum(map(int, fields[11:15])) / _TICKS if fields else 0.0


def _memory_mib(pid: int) -> float:
    """Return what is a process's own, and its part of what it shares (PSS)."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
