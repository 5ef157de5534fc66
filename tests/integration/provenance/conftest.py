"""One authority for all tests of a module; each test has files of its own."""

from pathlib import Path

import pytest

from tests.support.signed_files import Studio, open_studio


@pytest.fixture(scope="session")
def shared_studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return open_studio(tmp_path_factory.mktemp("studio"))


@pytest.fixture
def studio(shared_studio: Studio, tmp_path: Path) -> Studio:
    return Studio(tmp_path, shared_studio.credentials)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Somebody with an authority of their own, in good order and unknown to us."""
    return open_studio(tmp_path_factory.mktemp("stranger"), name="Somebody Else")
