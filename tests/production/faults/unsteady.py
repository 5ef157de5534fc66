"""A ledger on which everything may be killed: its processes, its database, its broker."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial

from tests.kit.aftermath import Generations, generations
from tests.kit.cluster import Cluster
from tests.kit.supervising import Supervisor
from tests.kit.unrest import Unrest
from tests.support.kafka_broker import KafkaBroker
from tests.support.postgres_server import PostgresServer

END_S = 420.0
"""How long what was authorized may take to end: it lives five minutes."""


@dataclass
class Unsteady:
    """The processes of a ledger under their supervisor, and its two servers."""

    cluster: Cluster
    supervisor: Supervisor
    database: PostgresServer
    broker: KafkaBroker
    standing: dict[str, str] = field(default_factory=dict)

    def unrest(self, seed: int) -> Unrest:
        """Return load on every door, which begins where the one before has ended."""
        return Unrest(self.cluster.place, self.doors, seed, standing=self.standing)

    @property
    def doors(self) -> list[str]:
        """Where the APIs answer."""
        found = self.cluster.processes.items()
        return [process.url for name, process in found if name.startswith("api")]

    @property
    def victims(self) -> list[str]:
        """Everything that can be killed."""
        return [*self.cluster.processes, "postgres", "broker"]

    def kill(self, name: str) -> None:
        """Kill something as if the power had gone; a server, with its files as they are."""
        if name == "postgres":
            self.database.kill()
        elif name == "broker":
            self.broker.kill()
        else:
            self.supervisor.kill(name)

    def start(self, name: str) -> None:
        """Start it again; waits for a server, and for no process of ours."""
        if name == "postgres":
            self.database.start()
        elif name == "broker":
            self.broker.start()
        else:
            self.supervisor.start(name)

    def settle(self) -> Generations:
        """Wait until everything is ready, and every generation has ended by itself."""
        for process in self.cluster.processes.values():
            self.cluster.wait(partial(self.is_ready, process.name), f"{process.name} ready")
        until = time.monotonic() + END_S
        while (found := generations(self.cluster)).open:
            assert time.monotonic() < until, f"never ended: {found.open}\n{self.cluster.told()}"
            time.sleep(1.0)
        return found

    def is_ready(self, name: str) -> bool:
        """Tell whether a process says that it is ready; one that has just ended is not."""
        return self.cluster.is_ready(self.cluster.processes[name])
