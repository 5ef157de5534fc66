"""What serves has a process beside that verifies, which ends with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.patience import until
from tests.support.processes import is_there

ROOT = Path(__file__).parents[3]
WAIT_S = 60.0
Server = tuple[subprocess.Popen[str], str]
"""A process that serves, and where."""


def verifiers_of(pid: int) -> list[int]:
    """Return the processes that verify for a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            name = (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended since
        if parent == pid and b"ledger.verifying.process" in name:
            found.append(int(folder.name))
    return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.support.serving_process", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            url, _ = process.stdout.readline().split()
            yield process, url
        finally:
            process.kill()


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_the_server_is_told_to_stop(server: Server, word: signal.Signals) -> None:
    process, url = server
    (verifier,) = verifiers_of(process.pid)
    counted = httpx.get(f"{url}/metrics", timeout=WAIT_S).text
    assert "linernotes_verifier_losses 0.0" in counted
    os.killpg(process.pid, word)
    assert process.wait(WAIT_S) == 0
    assert process.stdout is not None
    assert process.stdout.read() == "stopped\n"
    assert not is_there(verifier)


def test_it_ends_when_the_server_is_killed(server: Server) -> None:
    process, _ = server
    (verifier,) = verifiers_of(process.pid)
    process.kill()
    until(lambda: not is_there(verifier))
