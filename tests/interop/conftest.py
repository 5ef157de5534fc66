"""Fetching and building the outside tools, at the versions that are pinned beside them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interop.outside import BUILD_S, HERE, run


def go(folder: Path, *words: str) -> None:
    """Run the Go tool of this machine, and no other toolchain that it might fetch."""
    found = shutil.which("go")
    if found is None:
        pytest.fail(
            "Go is not installed: these tests read our log with tools that others wrote in Go."
            " Install Go 1.26 or later.",
            pytrace=False,
        )
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    if words[0] == "vendor":
        words = ("mod", *words)
    done = subprocess.run(  # noqa: S603 - the Go tool, with words of ours
        [found, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_S,
    )
    assert done.returncode == 0, f"go {' '.join(words)}:\n{done.stderr}"


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program over clients, verifiers and a log of others, every one as released."""
    binary: Path = tmp_path_factory.mktemp("tools") / "tools"
    go(HERE / "tools", "build", "-o", str(binary), ".")
    return binary


@pytest.fixture(scope="session")
def outside_witness(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A witness that others wrote.

    It calls one function that no release of its hash library has yet, for subtrees, which our log
    does not ask for: that function is added to a copy, and refuses everything.
    """
    folder: Path = tmp_path_factory.mktemp("outside") / "source"
    shutil.copytree(HERE / "outside_witness", folder)
    go(folder, "vendor")
    library = folder / "vendor/github.com/transparency-dev/merkle/proof"
    shutil.copy(folder / "absent.go.txt", library / "absent.go")
    binary = folder / "outside_witness"
    go(folder, "build", "-mod=vendor", "-o", str(binary), ".")
    return binary


@pytest.fixture(scope="session")
def js(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our scripts and the libraries that they try; scripts of theirs are not run."""
    folder: Path = tmp_path_factory.mktemp("npm") / "js"
    shutil.copytree(HERE / "js", folder)
    quiet = ("--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund")
    run(folder, "npm", "install", *quiet)
    return folder


@pytest.fixture(scope="session")
def outside_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter beside ours that has the outside verifier of C2PA, and nothing else."""
    folder: Path = tmp_path_factory.mktemp("verifier")
    run(folder, sys.executable, "-m", "venv", "venv")
    python = folder / "venv" / "bin" / "python"
    wanted = str(HERE / "c2pa" / "requirements.txt")
    hashed = ("--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", wanted)
    run(folder, str(python), "-m", "pip", "install", *hashed)
    return python
