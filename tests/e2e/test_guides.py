"""GUIDES: every command in them is run, in their order, and prints what they say it prints.

In a block of the kind `console`, a line after `$ ` is a command; what follows must be printed,
where `…` stands for anything. A word like `cns_…` in a command is the last id printed with that
beginning, and `ledger.example/2026+…` the verifier key. `# exit 2` after a command is how it ends.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.liner import ROOT, Liner, forks
from tests.support.tones import write_notes

GUIDES = ("operator", "rights-holder", "creator", "streaming-service", "auditor")
ID = re.compile(r"\b([a-z]{3})_[0-9a-hjkmnp-tv-z]{26}\b")
VKEY = re.compile(r"ledger\.example/2026\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+")


@dataclass
class Step:
    """A command of a guide: what it must print, and how it must end."""

    command: str
    printed: list[str] = field(default_factory=list)
    code: int = 0


@pytest.fixture(scope="module")
def liner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Liner]:
    folder = tmp_path_factory.mktemp("guides")
    write_notes(folder / "harbor-lights.wav")
    write_notes(folder / "harbor-lights-guitar.wav", transpose=2)
    (folder / "consent.txt").write_text("I permit what is named, and nothing else.\n")
    with forks(tmp_path_factory.mktemp("forks")) as path:
        yield Liner(path, folder, folder / "linernotes")


def test_the_guides_work_one_after_the_other(liner: Liner) -> None:
    known: dict[str, str] = {}
    for guide in GUIDES:
        steps = list(_steps(ROOT / f"docs/guides/{guide}.md"))
        assert steps, guide
        for step in steps:
            _run(liner, step, known)


def _steps(page: Path) -> Iterator[Step]:
    for block in re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        step: Step | None = None
        for line in block.splitlines():
            if line.startswith("$ "):
                if step:
                    yield step
                step = Step(line[2:])
            elif line.startswith("# exit "):
                assert step
                step.code = int(line.removeprefix("# exit "))
            else:
                assert step, f"{page.name}: output without a command"
                step.printed.append(line)
        if step:
            yield step


def _run(liner: Liner, step: Step, known: dict[str, str]) -> None:
    program, *words = shlex.split(step.command)
    assert program == "liner", step.command
    done = liner(*(_filled(word, known) for word in words))
    assert done.code == step.code, (step.command, done.out, done.err)
    found = iter(done.out.splitlines())
    for line in step.printed:
        pattern = ".*".join(re.escape(part) for part in line.split("…"))
        # In their order, though not without others between them.
        assert any(re.fullmatch(pattern, each) for each in found), (step.command, line, done.out)
    known |= {match[1]: match[0] for match in ID.finditer(done.out)}
    if shown := VKEY.search(done.out):
        known["vkey"] = shown[0]


def _filled(word: str, known: dict[str, str]) -> str:
    """Return a word of a command with the id that it stands for."""
    if word == "ledger.example/2026+…":
        return known["vkey"]
    return re.sub(r"^([a-z]{3})_…$", lambda match: known[match[1]], word)
