"""A founded instance, its log in a file or on a server, for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.instance import Place, make
from tests.support.moved import move_log


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make(tmp_path_factory.mktemp("template") / "place")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, template: Place, tmp_path: Path) -> Place:
    place = template.copy(tmp_path / "place")
    if request.param == "sqlite":
        return place
    url = request.getfixturevalue("log_database")
    move_log(place.settings.database, url)
    return Place(place.folder, {"LEDGER_DATABASE_URL": url})
