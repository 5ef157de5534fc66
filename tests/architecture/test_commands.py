"""COMMANDS: `make` lists itself, CI runs what the README says, and what is printed exists."""

import os
import re
import subprocess

from tests.architecture.tree import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z0-9-]+):(?!=)", MAKEFILE, re.MULTILINE)


def test_make_alone_lists_every_target_with_its_sentence() -> None:
    told = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607 - make itself is what is tested
    listed = dict(re.findall(r"^  make (\S+) +(\S.*)$", told, re.MULTILINE))
    assert set(listed) == set(TARGETS)
    assert set(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[0].split()) == set(TARGETS)


def test_ci_runs_the_two_commands_of_the_readme_and_the_checks() -> None:
    path = ROOT / ".ci/run"
    commands = re.findall(
        r"^(?!#|set|cd|unset)(\S.*)$", path.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert os.access(path, os.X_OK)
    wanted = ["setup", "check", "test", "integration", "interop", "demo"]
    assert commands == [f"make {name}" for name in wanted]
    first_screen = README[: README.index("\n## ")] if "\n## " in README else README
    assert "make demo" in first_screen
    assert "make test" in first_screen


def test_every_make_target_that_is_written_down_exists() -> None:
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        written = re.findall(r"`make ([a-z]+)|^ *make ([a-z]+)", text, re.MULTILINE)
        named = {name for pair in written for name in pair if name}
        assert named <= set(TARGETS), path.name
