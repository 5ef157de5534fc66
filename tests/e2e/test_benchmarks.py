"""Each benchmark still runs: once, tiny, to its end. What it measures is not looked at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support import benchmarked
from tests.support.processes import is_there


@pytest.mark.parametrize("name", benchmarked.without_a_broker())
def test_it_runs_and_prints_its_line(name: str, tmp_path: Path) -> None:
    benchmarked.check(name, tmp_path, {})


def test_one_that_hangs_fails_and_leaves_nobody_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmarked, "PATIENCE_S", 5.0)
    beside = "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True)"
    with pytest.raises(AssertionError, match="hangs: it printed"):
        benchmarked.last_line([sys.executable, "-c", f"{beside}; time.sleep(600)"], tmp_path, {})
    assert not is_there(int((tmp_path / "printed").read_text()))
