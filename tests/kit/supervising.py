"""What a manager of processes does: whatever ended by itself is started again, and it is noted."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from tests.kit.cluster import Cluster

LOOK_S: Final = 0.2
PAUSE_S: Final = 1.0
"""How often it looks, and how long it waits before it starts again what has ended."""

_CODE: Final = re.compile(r"\[([a-z_]+)\]\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended by itself: the code of its last sentence, and the whole of it."""

    name: str
    exit_code: int
    code: str
    said: str


@dataclass
class Supervisor:
    """Keeps the processes of a cluster running, but for those that somebody holds down.

    Use as a context. `kill` holds one down until `start`.
    """

    cluster: Cluster
    ended: list[Ended] = field(default_factory=list)
    _held: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def kill(self, name: str) -> None:
        """Kill a process, and leave it dead until `start`."""
        with self._lock:
            self._held.add(name)
            self.cluster.kill(name)

    def start(self, name: str) -> None:
        """Start what was killed."""
        with self._lock:
            self._held.discard(name)
            self._begin(name)

    def _begin(self, name: str) -> None:
        """Start a process that nobody holds down, unless somebody did meanwhile."""
        if name not in self._held and not self.cluster.processes[name].is_alive:
            self.cluster.start(name)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="supervisor")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Look no more; what runs goes on."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        noted: set[int] = set()
        while not self._stop.wait(LOOK_S):
            with self._lock:
                dead = [
                    process
                    for name, process in self.cluster.processes.items()
                    if name not in self._held and not process.is_alive
                ]
                for process in dead:
                    assert process.running is not None
                    if process.running.pid in noted:
                        continue
                    noted.add(process.running.pid)
                    said = self.cluster.lines(process.name)[-4000:]
                    code = (_CODE.findall(said) or ["nothing"])[-1]
                    self.ended.append(Ended(process.name, process.running.returncode, code, said))
            if dead and not self._stop.wait(PAUSE_S):
                with self._lock:
                    for process in dead:
                        self._begin(process.name)
