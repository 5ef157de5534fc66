"""Node for tests of the JavaScript module."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
SCRIPTS: Final = ROOT / "tests" / "js"


def node(*arguments: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run Node from the root of the project; without it tests fail, and say what installs it."""
    found = shutil.which("node")
    assert found is not None, "there is no Node (18 or later) on this machine: make browser"
    return subprocess.run(  # noqa: S603 - our own scripts
        [found, *map(str, arguments)],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def judged(cases: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what the JavaScript module says of each case (see `tests/js/judge.mjs`)."""
    lines = "".join(f"{json.dumps(case)}\n" for case in cases)
    done = node(SCRIPTS / "judge.mjs", given=lines)
    assert done.returncode == 0, done.stderr
    return [str(json.loads(line)) for line in done.stdout.splitlines()]
