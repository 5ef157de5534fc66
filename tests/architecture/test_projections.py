"""PROJECTIONS: every question has both axes, history is never written over, no SQL is put together.

Why: a table that forgets, or a question that cannot be asked about the past, is found too late.
"""

import importlib
import inspect
import re
import sqlite3
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from projections.asking import Answer, Readings
from projections.sql import split, statements

NAMES = ("permissions", "royalties", "provenance", "catalog")

MODULES = (
    "projections.catalog.queries",
    "projections.permissions.queries",
    "projections.provenance.files",
    "projections.provenance.queries",
    "projections.provenance.refusals",
    "projections.royalties.queries",
    "projections.royalties.statement",
)


def questions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public function that asks a projection."""
    for name in MODULES:
        module: ModuleType = importlib.import_module(name)
        for found, function in inspect.getmembers(module, inspect.isfunction):
            parameters = inspect.signature(function).parameters
            own = function.__module__ == name and not found.startswith("_")
            if own and next(iter(parameters), "") == "readings":
                yield f"{name}.{found}", function


@pytest.mark.parametrize(("name", "question"), [pytest.param(*q, id=q[0]) for q in questions()])
def test_every_question_takes_both_axes_by_name(name: str, question: Callable[..., Any]) -> None:
    signature = inspect.signature(question)
    for axis in ("as_of", "valid_at"):
        parameter = signature.parameters[axis]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, name
        assert parameter.default is None
    kinds = inspect.get_annotations(question, eval_str=True)
    assert kinds["readings"] is Readings
    if not name.endswith("statement_document"):
        assert kinds["return"].__origin__ is Answer, "an answer says for when it holds"


def test_there_are_questions() -> None:
    assert len(list(questions())) > 40


@pytest.mark.parametrize("name", NAMES)
def test_an_update_only_ends_a_row(name: str) -> None:
    """History is closed, never changed: the one column that is ever set is `until_position`."""
    for key, text in statements(name).named.items():
        if text.lstrip().upper().startswith("UPDATE") or "\nUPDATE " in text:
            assigned = re.search(r"\bSET\s+(.*?)\s*\bWHERE\b", text, re.DOTALL)
            assert assigned is not None, key
            assert assigned[1] == "until_position = :position", key


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_deleted_but_what_is_derived_from_other_rows(name: str) -> None:
    deleting = [key for key, text in statements(name).named.items() if "DELETE " in text]
    assert deleting == (["depend_no_more"] if name == "permissions" else [])


@pytest.mark.parametrize("table", ["postings", "balances", "statements"])
def test_the_book_is_only_ever_added_to(table: str) -> None:
    for key, text in statements("royalties").named.items():
        assert not re.search(rf"\bUPDATE\s+royalties_{table}\b", text), key


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_is_one_that_the_schema_understands(name: str) -> None:
    """Each statement is prepared against the schema, live and beside; a wrong column fails here."""
    for generation in (None, 7):
        found = statements(name, generation)
        connection = sqlite3.connect(":memory:")
        for statement in split(found.schema):
            connection.execute(statement)
        for key, text in found.named.items():
            if key.endswith(" on postgres"):
                continue  # tried on a server, with all the others
            named = dict.fromkeys(re.findall(r":([a-z_0-9]+)", text))
            try:
                connection.execute(f"EXPLAIN {text}", named)
            except sqlite3.Error as error:
                pytest.fail(f"{name}.{key}: {error}")
        connection.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_a_digest_and_begins_with_the_name_of_its_projection(name: str) -> None:
    found = statements(name)
    assert {f"digest_{table}" for table in found.tables} <= found.named.keys()
    made = re.findall(r"^CREATE (?:TABLE|INDEX) (\w+)", found.schema, re.MULTILINE)
    assert all(table.startswith(f"{name}_") for table in made)
    digests = {key for key in found.named if key.startswith("digest_")}
    assert len(digests) == len(found.tables)


@pytest.mark.parametrize("name", NAMES)
def test_a_digest_says_its_order(name: str) -> None:
    for key, text in statements(name).named.items():
        if key.startswith("digest_"):
            assert "ORDER BY" in text, key
            assert "*" not in text, "columns are named, so that a new one is a decision"


@pytest.mark.parametrize("name", NAMES)
def test_no_column_holds_a_floating_point_number(name: str) -> None:
    schema = re.sub(r"--.*", "", statements(name).schema)
    kinds = set(re.findall(r"^  [a-z_0-9]+ ([A-Z]+)", schema, re.MULTILINE)) - {"KEY"}
    assert kinds <= {"TEXT", "BIGINT", "INTEGER"}
