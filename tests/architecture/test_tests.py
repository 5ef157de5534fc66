"""TESTS: each one can fail, none is skipped, and none replaces what it tests."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

from tests.architecture.tree import ROOT, Function, functions, place, sources

SKIPS = re.compile(r"pytest\.skip|mark\.skip|mark\.xfail|importorskip|unittest\.skip|SkipTest")
MOCKS = re.compile(r"unittest\.mock|\bmocker\b|\bMagicMock\b|mock\.patch")


def _files() -> list[Path]:
    return [path for path in sources("tests") if path != Path(__file__)]


def test_every_test_can_fail() -> None:
    toothless = [
        f"{place(path, node.lineno)} {node.name}"
        for path in _files()
        for node in functions(path)
        if node.name.startswith("test_") and not _can_fail(node, _local(path), set())
    ]
    assert not toothless


def test_no_test_is_skipped() -> None:
    found = [
        place(path, number)
        for path in _files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if SKIPS.search(line)
    ]
    assert not found, "what cannot run here is set up, or is no test of this project"


def test_no_test_replaces_what_it_tests() -> None:
    found = [
        place(path, number)
        for path in _files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MOCKS.search(line)
    ]
    assert not found, "fake the world, not the function"


def test_make_test_runs_every_folder_but_those_that_ask_for_servers_of_others() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    run = {Path(path).name for path in options["ini_options"]["testpaths"]}
    holding = {
        path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")
    }
    assert holding - run == {"interop", "production"}
    assert run <= holding


@cache
def _local(path: Path) -> dict[str, Function]:
    return {node.name: node for node in functions(path)}


def _can_fail(node: Function, local: dict[str, Function], seen: set[str]) -> bool:
    """Tell whether a test asserts, expects an exception, or calls what does.

    A call whose result nobody keeps is there to be accepted: it raises where it is not. Hypothesis'
    tests that no bytes do more than raise suppress just that.
    """
    seen.add(node.name)
    for each in ast.walk(node):
        if isinstance(each, ast.Assert | ast.Raise):
            return True
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            return True
        if not isinstance(each, ast.Call):
            continue
        name = ast.unparse(each.func).rpartition(".")[2]
        called = local.get(name)
        if name in {"raises", "warns", "suppress"}:
            return True
        if called and name not in seen and _can_fail(called, local, seen):
            return True
    return False
