"""USED: nothing stands in the tree that nobody uses."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.tree import PACKAGES, place, sources, syntax, texts

FOLDERS = (*PACKAGES, "tests", "benchmarks", "deploy")
WORD = re.compile(r"\w+")
NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
"""How a statement in a `.sql` file is named."""

CALLED_BY_NAME = re.compile(r"test_|Test|__|[A-Z]\w+Id$")
"""Names that pytest or Python itself looks for; and the types of ids, one for each prefix."""


@cache
def words(path: Path) -> Counter[str]:
    """Return how often each word stands in a file."""
    return Counter(WORD.findall(path.read_text(encoding="utf-8")))


@cache
def all_words() -> Counter[str]:
    """Return how often each word stands in the Python files together."""
    return sum((words(path) for path in sources(*FOLDERS)), Counter[str]())


def made_in(path: Path) -> Iterator[tuple[str, int]]:
    """Yield what a file makes for itself or others, by name, unless a decorator takes it."""
    for node in syntax(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.decorator_list or isinstance(node, ast.ClassDef):
                yield node.name, node.lineno
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((one.id, node.lineno) for one in targets if isinstance(one, ast.Name))


def unused(path: Path) -> Iterator[str]:
    """Yield where a name is made that stands nowhere else: of a private one, in its own file."""
    for name, line in made_in(path):
        seen = words(path) if name.startswith("_") else all_words()
        if seen[name] == 1 and not CALLED_BY_NAME.match(name):
            yield f"{place(path, line)} {name}"


def test_what_is_made_is_used() -> None:
    found = [told for path in sources(*FOLDERS) for told in unused(path)]
    assert not found, "delete what is dead"


def test_a_function_that_only_calls_others_that_nobody_calls_is_found(tmp_path: Path) -> None:
    dead = tmp_path / "dead.py"
    dead.write_text("def _one() -> None:\n    pass\n\n\ndef _two() -> None:\n    _one()\n")
    assert [name for name, _ in made_in(dead) if words(dead)[name] == 1] == ["_two"]


def test_every_named_statement_is_run_by_somebody() -> None:
    named = {
        (name, path)
        for path in texts()
        if path.suffix == ".sql"
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
    }
    assert named
    said = "\n".join(path.read_text(encoding="utf-8") for path in sources(*FOLDERS))
    quoted = set(re.findall(r"[\"'](\w+)[\"']", said))
    begun = set(re.findall(r"f\"(\w+_)\{", said))  # of each table one: `close_consents`
    assert not [
        f"{path.name}: {name}"
        for name, path in sorted(named)
        if name not in quoted and name.partition("_")[0] + "_" not in begun
    ]
