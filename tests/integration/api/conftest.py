"""Real instances behind real servers: a fresh one for each module, and one with a story in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.examples.story import Cast
from tests.integration.api.played import played
from tests.integration.api.world import World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("door")
    with open_world(folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    folder: Path = tmp_path_factory.mktemp("played")
    with played(folder) as told:
        yield told
