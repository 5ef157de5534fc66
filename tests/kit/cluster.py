"""One ledger as many processes, as an operator would run it: each role by its own command.

PostgreSQL and Kafka are real ones that the caller brings. Every process writes its lines to a file
of its own in the folder, so that a test that fails can show them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from generation.broker_settings import BrokerSettings
from schemas.commands.log import Policy
from tests.kit.instance import POLICY, Place, make
from tests.support.patience import PATIENCE_S, until
from tests.support.ports import free_port

ROOT: Final = Path(__file__).parents[2]
LINER: Final = str(Path(sys.executable).with_name("liner"))
READY_S: Final = PATIENCE_S
"""How long a process may take to be ready on a busy machine."""

ROLES: Final = ("projections", "relay", "finisher", "scheduler")
"""Those that run as `liner run`, and of which one each is enough."""


@dataclass
class Process:
    """One process of the ledger: how it is started, and the one that runs now."""

    name: str
    command: tuple[str, ...]
    url: str
    running: subprocess.Popen[bytes] | None = None
    starts: int = 0

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.running is not None and self.running.poll() is None


@dataclass
class Cluster:
    """The processes of one ledger in a folder. `instant` workers remember what they rendered."""

    place: Place
    instant: bool = True
    processes: dict[str, Process] = field(default_factory=dict)

    def add_api(self, name: str = "api-1", *, clock_off_s: int = 0) -> Process:
        """Start an HTTP API, with a clock of its own that is so far ahead, or behind."""
        port = free_port()
        off = (sys.executable, "-m", "tests.support.clock_off", str(clock_off_s))
        command = (*(off if clock_off_s else (LINER,)), "serve", "--port", str(port))
        return self._add(name, command, port)

    def add_role(self, role: str, name: str | None = None) -> Process:
        """Start a role."""
        port = free_port()
        command = (LINER, "run", role, "--port", str(port))
        return self._add(name or role, command, port)

    def add_worker(self, name: str, *, seconds: float = 0.0) -> Process:
        """Start a generation worker from a folder of its own, which knows no database."""
        home = self.place.folder / name
        if not home.exists():
            self._liner("worker", "export", str(home))
        port = free_port()
        if self.instant or seconds:
            words: tuple[str, ...] = (
                sys.executable,
                "-m",
                "tests.kit.instant_worker",
                str(home),
                str(port),
                str(seconds),
            )
        else:
            words = (LINER, "run", "generation", "--home", str(home))
            words += ("--port", str(port))
        return self._add(name, words, port)

    def start_all(self, *, apis: int = 2, workers: int = 2) -> None:
        """Start everything, and wait until all of it is ready."""
        for number in range(apis):
            self.add_api(f"api-{number + 1}")
        for role in ROLES:
            self.add_role(role)
        for number in range(workers):
            self.add_worker(f"worker-{number + 1}")
        for process in tuple(self.processes.values()):
            self.wait_ready(process)

    def wait_ready(self, process: Process) -> None:
        """Wait until a process says that it is ready; raise with its lines if it ends."""
        self.wait_of(process, lambda: self.is_ready(process), "is ready")

    def wait_of(self, process: Process, is_so: Callable[[], bool], what: str) -> None:
        """Wait until something is so of a process; raise with its lines if it ends before."""

        def is_so_of_one_that_lives() -> bool:
            if is_so():
                return True
            if not process.is_alive:
                raise AssertionError(f"{process.name} ended\n{self.lines(process.name)[-3000:]}")
            return False

        self.wait(is_so_of_one_that_lives, f"{process.name} {what}")

    def is_ready(self, process: Process) -> bool:
        """Tell whether a process says that it is ready."""
        try:
            return httpx.get(f"{process.url}/ready", timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def start(self, name: str) -> None:
        """Start a process, again if it has run before."""
        process = self.processes[name]
        process.starts += 1
        with (self.place.folder / f"{name}.log").open("ab") as lines:
            process.running = subprocess.Popen(  # noqa: S603 - our own program
                process.command,
                cwd=ROOT,
                env=self.env(process),
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=lines,
            )

    def kill(self, name: str) -> None:
        """Kill a process as if the power had gone."""
        running = self.processes[name].running
        assert running is not None
        running.kill()
        running.wait()

    def stop(self, name: str) -> int:
        """Tell a process to stop, and return its exit code."""
        running = self.processes[name].running
        assert running is not None
        running.send_signal(signal.SIGTERM)
        return running.wait(READY_S)

    def close(self) -> None:
        """End everything."""
        for process in self.processes.values():
            if process.is_alive:
                self.kill(process.name)

    def lines(self, name: str) -> str:
        """Return what a process has written."""
        return (self.place.folder / f"{name}.log").read_text(errors="replace")

    def wait(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until something is so; raise with everybody's last lines if it never is."""
        until(is_so, what, seconds=READY_S, told=self.told)

    def told(self) -> str:
        """Return the last lines of everybody."""
        return "\n".join(f"== {name}\n{self.lines(name)[-1500:]}" for name in self.processes)

    def env(self, process: Process | None = None) -> Mapping[str, str]:
        """Return the environment of a process: a worker knows no database and no register."""
        own = {"LINERNOTES_HOME": str(self.place.settings.home), "LINERNOTES_LOG": "json"}
        own["LINERNOTES_ARTIFACTS"] = str(self.place.settings.artifacts)
        own["LINERNOTES_REGISTER"] = str(self.place.settings.register_place)
        own |= self.place.env
        if process is not None and process.name.startswith("worker"):
            del own["LEDGER_DATABASE_URL"], own["LINERNOTES_REGISTER"]
        return {**os.environ, **own}

    def _add(self, name: str, command: tuple[str, ...], port: int) -> Process:
        self.processes[name] = process = Process(name, command, f"http://127.0.0.1:{port}")
        self.start(name)
        return process

    def _liner(self, *words: str) -> None:
        command = [LINER, *words]
        subprocess.run(command, check=True, cwd=ROOT, env=self.env(), capture_output=True)  # noqa: S603 - likewise


@contextmanager
def cluster(
    folder: Path,
    *,
    database_url: str,
    broker: BrokerSettings | None = None,
    policy: Policy = POLICY,
    **settings: str,
) -> Iterator[Cluster]:
    """Found a ledger with its cast on real servers, and give its processes, none started yet.

    Without a broker one process does everything.
    """
    env = {"LEDGER_DATABASE_URL": database_url, **settings}
    if broker is not None:
        env |= {
            "LEDGER_BROKER_URL": f"kafka://{','.join(broker.bootstrap)}",
            "LEDGER_BROKER_PREFIX": broker.prefix,
            "LEDGER_BROKER_JOB_PARTITIONS": "4",
        }
    running = Cluster(make(folder, policy, env=env))
    try:
        yield running
    finally:
        running.close()
