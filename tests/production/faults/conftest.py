"""One ledger as many processes, whose servers may be killed: PostgreSQL and Kafka of our own."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator

import pytest

from schemas.commands.log import Policy
from tests.kit.cluster import cluster
from tests.kit.supervising import Supervisor
from tests.production.faults.unsteady import Unsteady
from tests.support.kafka_broker import KafkaBroker
from tests.support.postgres_server import PostgresServer

LIVES_S = 300
"""How long an authorization lives here: what nobody makes expires while we wait."""


@pytest.fixture(scope="session")
def seed() -> int:
    """Chance that can be repeated: LINERNOTES_FAULT_SEED, else a new one each time, printed."""
    chosen = int(os.environ.get("LINERNOTES_FAULT_SEED") or random.randrange(2**31))  # noqa: S311 - no secret
    sys.stderr.write(f"\nLINERNOTES_FAULT_SEED={chosen}\n")
    return chosen


@pytest.fixture(scope="package")
def unsteady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unsteady]:
    """Give a ledger that runs, its servers, and who starts again what ends by itself."""
    database = PostgresServer(durable=True)
    broker = KafkaBroker(tmp_path_factory.mktemp("broker"))
    folder = tmp_path_factory.mktemp("unsteady") / "place"
    policy = Policy(payout_threshold_minor=1, authorization_lives_s=LIVES_S)
    with cluster(
        folder, database_url=database.url(), broker=broker.settings, policy=policy
    ) as running:
        running.start_all()
        with Supervisor(running) as supervisor:
            yield Unsteady(running, supervisor, database, broker)
    broker.stop()
    database.close()
