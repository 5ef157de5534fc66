"""README: the main job runs, and after it each of the four doors opens as it is printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from tests.support.liner import ROOT, Liner, forks

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOORS = re.findall(r"\| \*\*(.+?)\*\*.*\| `\.venv/bin/liner (.+)` \|", README)


@pytest.fixture(scope="module")
def liner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Liner]:
    folder = tmp_path_factory.mktemp("readme")
    with forks(tmp_path_factory.mktemp("forks")) as path:
        liner = Liner(path, folder, folder / "nothing")
        done = liner.ok("demo", "--out", "out")
        assert done.out.splitlines()[-1].endswith("0 differ")
        yield liner


def test_there_are_four_doors() -> None:
    assert [name for name, _ in DOORS] == [
        "Rights holder",
        "Creator",
        "Auditor",
        "Streaming service",
    ]


@pytest.mark.parametrize(("name", "command"), DOORS)
def test_a_door_opens(liner: Liner, name: str, command: str) -> None:
    done = liner(*shlex.split(command))
    assert done.code == 0, (name, done.err)
    assert done.out
