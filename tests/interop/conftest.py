"""Building the outside tools: from source, at the versions that go.sum pins."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BUILD_S = 900
"""How long the Go tools may take to be fetched and built on a busy machine."""


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
