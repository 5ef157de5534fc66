"""The stores that the contract tests run on: a second one is a second parameter here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.storage.opening import Storage
from tests.support.storage_world import LogWorld


@pytest.fixture(params=["sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LogWorld:
    assert request.param == "sqlite"
    return LogWorld(tmp_path)


@pytest.fixture
def log(world: LogWorld) -> Iterator[Storage]:
    with world.create() as storage:
        yield storage
