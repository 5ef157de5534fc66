"""The stores that the contract tests run on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.storage.opening import Storage
from tests.support.storage_world import LogWorld


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> LogWorld:
    if request.param == "sqlite":
        return LogWorld(tmp_path)
    return LogWorld(tmp_path, request.getfixturevalue("log_database"))


@pytest.fixture
def log(world: LogWorld) -> Iterator[Storage]:
    with world.create() as storage:
        yield storage


@pytest.fixture
def file_world(tmp_path: Path) -> LogWorld:
    return LogWorld(tmp_path)


@pytest.fixture
def file_log(file_world: LogWorld) -> Iterator[Storage]:
    with file_world.create() as storage:
        yield storage


@pytest.fixture
def server_world(tmp_path: Path, log_database: str) -> LogWorld:
    return LogWorld(tmp_path, log_database)


@pytest.fixture
def server_log(server_world: LogWorld) -> Iterator[Storage]:
    with server_world.create() as storage:
        yield storage
