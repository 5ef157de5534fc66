"""One founded instance for all these tests; each, or each module, gets a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.instance import Instance
from tests.kit.instance import Place, make
from tests.kit.sound import check_sound


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make(tmp_path_factory.mktemp("template") / "place")


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy(tmp_path / "place")


@pytest.fixture(scope="module")
def shared(template: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return template.copy(tmp_path_factory.mktemp("shared") / "place")


@pytest.fixture(scope="module")
def instance(shared: Place) -> Iterator[Instance]:
    """An instance whose queue does not run: a test hands every message over itself.

    Whatever a module's tests have said to it, in the end every command is decided again, and no
    file lies there half-written.
    """
    with shared.open() as opened:
        yield opened
        check_sound(opened)
        assert half_written(opened) == []


def half_written(instance: Instance) -> list[Path]:
    """Return what was begun and never came to its name."""
    found = [*instance.settings.artifacts.rglob("*"), *instance.settings.workers.rglob("*")]
    return [
        path
        for path in found
        if path.is_file() and (path.name.startswith(".") or path.suffix in {".partial", ".wav"})
    ]
