"""A benchmark as tests run it: once, tiny, in a session of its own that has to end in time.

What it measures is not looked at: only that it runs to its end and prints the line that is kept.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from benchmarks.__main__ import FOLDER, names
from benchmarks.measuring import TINY
from tests.support.liner import THIS_CHECKOUT
from tests.support.patience import PATIENCE_S

HERE: Final = frozenset({"measure", "ratio", "against"})
"""What every line holds."""


def of_a_broker() -> list[str]:
    """Return the benchmarks that need a real broker."""
    return [name for name in names() if _needs_broker(name)]


def without_a_broker() -> list[str]:
    """Return the benchmarks that bring all that they need."""
    return [name for name in names() if not _needs_broker(name)]


def _needs_broker(name: str) -> bool:
    return "from benchmarks.transported import" in (FOLDER / f"{name}.py").read_text()


def last_line(command: list[str], folder: Path, env: Mapping[str, str]) -> str:
    """Run a command in a folder and return the last line that it prints.

    Raise `AssertionError` if it fails, or does not end in time: then all that it started is killed.
    What it prints goes to a file, for a child that hangs would hold the end of a pipe open.
    """
    printed = folder / "printed"
    with printed.open("w") as out:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            command,
            cwd=folder,
            env={**os.environ, **THIS_CHECKOUT, **env},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    text = printed.read_text()
    assert code is not None, f"{command[-1]} hangs: it printed\n{text}"
    assert code == 0, text
    return text.splitlines()[-1]


def check(name: str, folder: Path, env: Mapping[str, str]) -> None:
    """Run one benchmark in its tiny size, and look at its line."""
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    row: dict[str, Any] = json.loads(last_line(command, folder, {TINY: "1", **env}))
    assert row["measure"] == name, "its file is named for what it measures"
    assert row["ratio"] > 0
    assert row["against"]
    assert row["tiny"], "what it measures so means nothing, and it says so"
    raw = {key: value for key, value in row.items() if key not in {*HERE, "tiny"}}
    assert raw, "a ratio stands beside the numbers that it comes from"
    assert None not in raw.values()
