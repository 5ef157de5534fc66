"""One driver for all tests, and one instance that each of them gets a copy of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.driving import Driver
from tests.kit.earning import earn
from tests.kit.instance import Place, make


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    with Driver.running() as running:
        yield running


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, driver: Driver) -> Place:
    # Asks for the driver so that it imports while this is made.
    return make(tmp_path_factory.mktemp("template") / "place")


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy(tmp_path / "place")


@pytest.fixture(scope="session")
def earning_template(template: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = template.copy(tmp_path_factory.mktemp("earning") / "place")
    earn(place)
    return place


@pytest.fixture
def earning(earning_template: Place, tmp_path: Path) -> Place:
    return earning_template.copy(tmp_path / "place")
