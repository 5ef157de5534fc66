"""Settings of all tests, and the fixtures that several folders share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from ledger.storage.postgres.store import PostgresStore
from ledger.storage.vault import KEY_BYTES, Vault
from tests.support.liner import THIS_CHECKOUT
from tests.support.places import ENGINES, Place, empty_place
from tests.support.postgres_server import database_name, drop_database, fresh_database

# No example has a deadline, and none is drawn too slowly: the machine may be busy, and no test
# asserts on time.
settings.register_profile("linernotes", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("linernotes")


# Of two checkouts one is installed: processes that tests start inherit which one is tested.
os.environ.update(THIS_CHECKOUT)


@pytest.fixture(params=ENGINES)
def tables_at(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Give an empty place for the tables of projections, on each engine in turn."""
    with empty_place(request.param) as found:
        yield found


@pytest.fixture(scope="session")
def log_template() -> Iterator[str]:
    """Give the name of a database with the tables of an empty log, to be copied."""
    url = fresh_database()
    PostgresStore(url, Vault(bytes(KEY_BYTES)), create=True).close()
    yield database_name(url)
    drop_database(url)


@pytest.fixture
def log_database(log_template: str) -> Iterator[str]:
    """Give the URL of a database with an empty log, which nobody else uses."""
    url = fresh_database(log_template)
    yield url
    drop_database(url)
