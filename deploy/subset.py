"""Print the part of `requirements.lock` that somebody needs, hashes and all.

An image holds what it runs and nothing that tests ask for. The lock says beside each package who
asked for it, so the part is found without a resolver and without a network:

    python deploy/subset.py requirements.lock pyproject.toml base service production > part.lock

`base` is what the project always needs, then come its extras; any other word is a distribution.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def normal(name: str) -> str:
    """Return a distribution's name as locks write it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def subset(lock: str, project: dict[str, Any], words: list[str]) -> str:
    """Return the blocks of a lock that these words stand on, in their order."""
    blocks = {normal(block.partition("==")[0]): block for block in _blocks(lock)}
    asked_by = {name: _asking(block) for name, block in blocks.items()}
    found = {name for word in words for name in _meant(word, project)}
    while more := {name for name, by in asked_by.items() if by & found} - found:
        found |= more
    if missing := found - blocks.keys():
        raise SystemExit(f"the lock does not hold {', '.join(sorted(missing))}")
    return "\n".join(block for name, block in blocks.items() if name in found)


def _blocks(lock: str) -> list[str]:
    return re.split(r"\n(?=[a-z0-9-]+==)", lock.strip())


def _meant(word: str, project: dict[str, Any]) -> list[str]:
    extras = {"base": project["dependencies"], **project["optional-dependencies"]}
    rows = extras.get(word, [word])
    return [normal(found[0]) for row in rows if (found := NAME.match(row))]


def _asking(block: str) -> set[str]:
    """Return who asked for a package: the lines after `# via`."""
    _, _, via = block.partition("# via")
    return {normal(name) for name in NAME.findall(via)}


if __name__ == "__main__":
    lock_path, project_path, *asked = sys.argv[1:]
    declared = tomllib.loads(Path(project_path).read_text(encoding="utf-8"))["project"]
    sys.stdout.write(subset(Path(lock_path).read_text(encoding="utf-8"), declared, asked) + "\n")
