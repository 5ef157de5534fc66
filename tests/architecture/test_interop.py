"""INTEROP: each detail that outside readers insist on has a test that names its number."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.architecture.tree import ROOT, functions, sources

PAGE = ROOT / "docs" / "guides" / "interoperability.md"
DETAILS = range(1, 48)
ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def _rows() -> list[tuple[int, set[str]]]:
    """Return of each row of the page its number, and the tests that it names."""
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return [(int(number), {"::".join(one) for one in NAMED.findall(by)}) for number, by in found]


def _marked() -> dict[int, set[str]]:
    """Return the tests that say of themselves which detail they show."""
    marked = defaultdict(set)
    for path in sources("tests"):
        for node in functions(path):
            for number in _numbers(node.decorator_list):
                marked[number].add(f"{path.relative_to(ROOT)}::{node.name}")
    return dict(marked)


def _numbers(decorators: list[ast.expr]) -> Iterator[int]:
    for one in decorators:
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "pytest.mark.interop":
            for word in one.args:
                assert isinstance(word, ast.Constant)
                assert type(word.value) is int
                yield word.value


def test_no_detail_is_missing() -> None:
    assert [number for number, _ in _rows()] == list(DETAILS)


def test_every_row_names_the_tests_that_name_its_number() -> None:
    marked = _marked()
    assert {number: named for number, named in _rows() if named} == marked


def test_no_two_details_share_their_only_test() -> None:
    every = [name for named in _marked().values() for name in named]
    assert len(every) == len(set(every))
    assert set(DETAILS) == set(_marked())
