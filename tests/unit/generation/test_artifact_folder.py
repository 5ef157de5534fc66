"""The folder keeps the contract of every store."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.artifacts import ArtifactFolder
from tests.support.artifact_contract import ArtifactContract, Stand


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    folder = tmp_path / "artifacts"
    return Stand(ArtifactFolder(folder), lambda: ArtifactFolder(folder), folder)


class TestArtifactFolder(ArtifactContract):
    """Every test of the contract."""
