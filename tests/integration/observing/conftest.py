"""One founded instance for all these tests; each gets a copy."""

from pathlib import Path

import pytest

from tests.kit.instance import Place, make


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make(tmp_path_factory.mktemp("template") / "place")


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy(tmp_path / "place")
