"""SHAPE: small files, small functions, and a sentence beside every public name.

Why: a file that holds one idea can be read to its end, and a name that nobody explained is guessed.
"""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from tests.architecture.tree import ROOT, place, sources, syntax

FILE_LINES_MAX = 300
"""Divide by idea; never cut at the line."""

FUNCTION_LINES_MAX = 60
"""Aim at thirty."""


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert not [f"{place(path, n)}" for path, n in lengths.items() if n > FILE_LINES_MAX]


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{place(path, node.lineno)} {node.name} has {_length(node)} lines"
        for path in sources()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(node) > FUNCTION_LINES_MAX
    ]
    assert not long


def test_every_module_says_what_it_is() -> None:
    silent = [place(path, 1) for path in sources() if not ast.get_docstring(syntax(path))]
    assert not silent


def test_every_module_that_runs_is_the_source_that_is_read() -> None:
    """Python takes an extension that lies beside a source, and says nothing."""
    for path in sources():
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found = find_spec(name)
        assert found is not None, name
        assert found.origin == str(path), name


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = [
        f"{place(path, node.lineno)} {node.name}"
        for path in sources()
        for node in _public(syntax(path).body)
        if not ast.get_docstring(node)
    ]
    assert not silent


def test_every_public_constant_says_what_it_is() -> None:
    silent = [
        f"{place(path, line)} {name}" for path in sources() for name, line in _silent_values(path)
    ]
    assert not silent


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(body: list[ast.stmt]) -> Iterator[Named]:
    """Yield public classes and functions, and the public methods of public classes."""
    for node in body:
        if not isinstance(node, Named) or node.name.startswith("_") or _is_told_elsewhere(node):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body)


def _is_told_elsewhere(node: Named) -> bool:
    """Tell whether a method repeats one that says what it is: an override, a setter."""
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(names & {"override", "overload", "setter"})


def _silent_values(path: Path) -> Iterator[tuple[str, int]]:
    """Yield public module constants with no sentence.

    One sentence may serve several that stand together, with no empty line between them: below the
    last, beside any of them, or above the first.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    for group in _groups(syntax(path).body):
        names = [name for node in group for name in _names(node)]
        first, last = group[0].lineno, group[-1].end_lineno or 0
        beside = "".join(lines[first - 1 : last])
        # FastAPI's parameters describe themselves to readers of the HTTP reference.
        said = any(sign in beside for sign in ("#", "description=")) or lines[first - 2][:1] == "#"
        below = lines[last].startswith('"""') if last < len(lines) else False
        if names and not (said or below):
            yield ", ".join(names), first


def _groups(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Yield the assignments of a module, those on neighboring lines together."""
    group: list[ast.stmt] = []
    for node in body:
        if group and node.lineno != (group[-1].end_lineno or 0) + 1:
            yield group
            group = []
        if isinstance(node, ast.Assign | ast.AnnAssign):
            group.append(node)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _names(node: ast.stmt) -> list[str]:
    """Return the public names that an assignment gives; variables of types are no names."""
    assert isinstance(node, ast.Assign | ast.AnnAssign)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    is_variable = isinstance(node.value, ast.Call) and "TypeVar" in ast.unparse(node.value.func)
    customary = {"log", "router"}
    public = [name for name in names if not name.startswith("_") and name not in customary]
    return [] if is_variable else public
