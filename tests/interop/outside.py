"""Running tools of others: the ones of this machine, and the ones that were fetched."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
BUILD_S = 900
"""How long an outside tool may take to be fetched and built on a busy machine."""


def run(folder: Path, name: str, *words: str) -> str:
    """Run a program of this machine, or one at a path; return what it printed."""
    found = shutil.which(name)
    assert found is not None, f"there is no {name} on this machine: make browser"
    done = subprocess.run(  # noqa: S603 - outside tools, with words of ours
        [found, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=BUILD_S
    )
    assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
    return done.stdout
