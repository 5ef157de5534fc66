"""One ledger as many processes, on a PostgreSQL and a Kafka of these tests' own."""

from collections.abc import Iterator

import pytest

from tests.kit.cluster import Cluster, cluster
from tests.support.kafka_broker import KafkaBroker
from tests.support.postgres_server import PostgresServer


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[PostgresServer, KafkaBroker]]:
    database = PostgresServer(durable=True)
    broker = KafkaBroker(tmp_path_factory.mktemp("broker"))
    yield database, broker
    broker.stop()
    database.close()


@pytest.fixture(scope="module")
def running(
    servers: tuple[PostgresServer, KafkaBroker], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    database, broker = servers
    folder = tmp_path_factory.mktemp("cluster") / "place"
    with cluster(folder, database_url=database.url(), broker=broker.settings) as found:
        yield found
