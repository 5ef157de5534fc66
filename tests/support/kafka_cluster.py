"""Three real brokers that keep copies for each other; they die with their owner."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from generation.broker_settings import BrokerSettings
from schemas.ids import new_id
from tests.support.kafka_broker import KafkaBroker, Seat
from tests.support.ports import free_ports

COUNT: Final = 3
"""With one of them away, two of three still keep a copy."""


class KafkaCluster:
    """Brokers of our own. Topics that are made by its settings have a copy on each.

    `voters` of them, the first ones, elect who leads.
    """

    def __init__(self, folder: Path, *, voters: int = COUNT) -> None:
        controllers = tuple(free_ports(voters))
        self.brokers = [
            KafkaBroker(folder / str(node), seat=Seat(node, COUNT, controllers))
            for node in range(1, COUNT + 1)
        ]
        self.start(*self.brokers)

    @staticmethod
    def start(*brokers: KafkaBroker) -> None:
        """Start some of them together, and wait until each answers."""
        for broker in brokers:
            broker.launch()
        for broker in brokers:
            broker.wait()

    @property
    def settings(self) -> BrokerSettings:
        """How to speak with them, under topic names that nobody else uses."""
        return BrokerSettings(
            tuple(f"127.0.0.1:{broker.port}" for broker in self.brokers),
            prefix=f"{new_id('cmd')}.",
            job_partitions=4,
            replication=COUNT,
        )

    def close(self) -> None:
        """Kill all: there is no order in which the last of them could stop."""
        for broker in self.brokers:
            broker.kill()
