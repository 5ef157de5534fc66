"""An honest instance with some history; each cheat gets a copy."""

from pathlib import Path

import pytest

from tests.kit.instance import Place, make


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make(tmp_path_factory.mktemp("template") / "place")
    with place.open() as instance:
        place.authorize(instance)
        assert instance.indexer.publish() is not None
    return place


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy(tmp_path / "place")
