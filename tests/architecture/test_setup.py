"""SETUP: what is declared, what is locked, and what is shipped are one set."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.architecture.tree import PACKAGES, ROOT
from tests.support.liner import Liner

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE))
DECLARED = dict(
    row.split("==")
    for rows in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for row in rows
)
DATA = ("*.sql", "*.json", "*.mjs", "*.js", "*.css", "*.html", "*.csv", "*.svg", "*.py")


def test_every_declared_version_is_the_locked_one() -> None:
    assert {name: LOCKED.get(name) for name in DECLARED} == DECLARED


def test_every_locked_package_has_hashes_and_none_has_an_address() -> None:
    blocks = re.split(r"\n(?=[a-z0-9-]+==)", LOCK)
    assert not [block.split()[0] for block in blocks if "--hash=sha256:" not in block]
    assert not re.findall(r"https?://|--index|--find-links", LOCK)


def test_what_is_declared_is_in_the_lock_because_we_declare_it() -> None:
    assert len(re.findall(r"linernotes \(pyproject\.toml\)", LOCK)) == len(DECLARED)


def test_the_build_uses_the_locked_hatchling() -> None:
    assert PYPROJECT["build-system"]["requires"] == [f"hatchling=={LOCKED['hatchling']}"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


def test_the_wheel_holds_the_packages_their_data_and_nothing_else(wheel: Path) -> None:
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for kind in DATA
        for path in (ROOT / package).rglob(kind)
    }
    assert shipped == wanted


def test_the_shipped_data_are_found_by_the_shipped_code(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import schemas, ledger.storage.sqlite.queries, projections.sql, schemas.tis;"
        f"assert schemas.__file__.startswith({str(tmp_path)!r});"
        "projections.sql.statements('royalties');"
        "assert schemas.tis.TABLES"
    )
    run = [sys.executable, "-P", "-c", code]
    env = {"PYTHONPATH": str(tmp_path)}
    subprocess.run(run, check=True, cwd=tmp_path, env=env)  # noqa: S603 - our own interpreter


def test_a_process_of_a_test_runs_the_code_beside_the_test(tmp_path: Path) -> None:
    """Which of two checkouts is installed must not matter: tests judge the one they stand in."""
    liner = Liner("", tmp_path, tmp_path)
    run = [sys.executable, "-P", "-c", "import service; print(service.__file__)"]
    for env in (dict(os.environ), liner.environment()):
        told = subprocess.check_output(run, cwd=tmp_path, env=env, text=True)  # noqa: S603 - likewise
        assert Path(told.strip()).is_relative_to(ROOT)
