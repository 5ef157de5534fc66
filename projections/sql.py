"""The SQL of a projection as it stands in its `.sql` files: its schema and named statements.

All tables and indexes of a projection begin with its name. A rebuild makes a second set of them
beside the live ones: the same text, the names with the number of the generation in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from ledger.named_sql import load


@dataclass(frozen=True, slots=True)
class Insert:
    """A statement that adds one row and does nothing else: it may be done for many at once.

    `names` are those of its values, in the order of the columns.
    """

    text: str
    table: str
    columns: tuple[str, ...]
    names: tuple[str, ...]

    def row(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the values of one row in the order of the columns."""
        return tuple([values[name] for name in self.names])


@dataclass(frozen=True, slots=True)
class Statements:
    """A projection's schema and statements, for its live tables or for those of a rebuild.

    `tables` are the names without their prefix, in the order of the schema; `keys` the columns of
    the primary keys of those that have one.
    """

    schema: str
    tables: tuple[str, ...]
    keys: dict[str, tuple[str, ...]]
    named: dict[str, str]
    inserts: dict[str, Insert]

    def __getitem__(self, name: str) -> str:
        """Return a statement by its name."""
        return self.named[name]


_INSERT = re.compile(r"INSERT INTO (\w+)\s*\(([^()]*)\)\s*VALUES\s*\(([^()]*)\);")


NAMED: Final = re.compile(r"(?<![:\w]):([a-z_][a-z_0-9]*)")
"""A value in a statement: `:name`."""


@cache
def values_named(statement: str) -> tuple[str, ...]:
    """Return the names of a statement's values, in the order in which they come first."""
    return tuple(dict.fromkeys(NAMED.findall(statement)))


def _inserts(named: dict[str, str]) -> dict[str, Insert]:
    """Return the statements that add one row out of their values alone."""
    found = {}
    for name, text in named.items():
        if match := _INSERT.fullmatch(text):
            columns, names = (tuple(re.findall(r"\w+", part)) for part in match.groups()[1:])
            found[name] = Insert(text, match[1], columns, names)
    return found


_TABLE = re.compile(r"CREATE TABLE (\w+)")


@cache
def statements(name: str, generation: int | None = None) -> Statements:
    """Return the SQL of `projections/<name>/`; with a generation, for the tables beside."""
    package = f"projections.{name}"
    schema = resources.files(package).joinpath("schema.sql").read_text(encoding="utf-8")
    keys = _keys(schema, name)
    named = load(package, "queries.sql")
    if generation is not None:
        schema = _beside(schema, name, generation)
        named = {key: _beside(text, name, generation) for key, text in named.items()}
    found = {table: key for table, key in keys.items() if key}
    return Statements(schema, tuple(keys), found, named, _inserts(named))


def _keys(schema: str, name: str) -> dict[str, tuple[str, ...]]:
    """Return the tables of a schema in its order, and their primary keys; empty for none."""
    found = {}
    for statement in map(bare, split(schema)):
        if table := _TABLE.match(statement):
            _, key = without_key(statement)
            found[table[1].removeprefix(f"{name}_")] = tuple(re.findall(r"\w+", key or ""))
    return found


_COMMENT = re.compile(r"--.*")


def bare(statement: str) -> str:
    """Return a statement without the comments before and in it."""
    return _COMMENT.sub("", statement).strip()


_KEY = re.compile(r",\s*PRIMARY KEY \(([^()]*)\)")
_KEY_OF_COLUMN = re.compile(r"^(\s*)(\w+)([^,\n]*?) PRIMARY KEY", re.MULTILINE)


def without_key(statement: str) -> tuple[str, str | None]:
    """Return what makes a table without its primary key, and the key's columns, if it has one."""
    if found := _KEY.search(statement):
        return _KEY.sub("", statement), found[1]
    if found := _KEY_OF_COLUMN.search(statement):
        return _KEY_OF_COLUMN.sub(r"\1\2\3", statement), found[2]
    return statement, None


def split(schema: str) -> list[str]:
    """Return the statements of a schema; each ends with a semicolon at the end of a line."""
    found: list[str] = []
    lines: list[str] = []
    for line in schema.splitlines():
        lines.append(line)
        if line.partition("--")[0].rstrip().endswith(";"):
            found.append("\n".join(lines))
            lines = []
    return found


def prefix(name: str, generation: int) -> str:
    """Return how the names of tables beside the live ones begin."""
    return f"{name}_g{generation}_"


def _beside(text: str, name: str, generation: int) -> str:
    return re.sub(rf"\b{name}_", prefix(name, generation), text)
