"""One real instance behind one real server, for all tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.api.world import World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("door")
    with open_world(folder) as opened:
        yield opened
