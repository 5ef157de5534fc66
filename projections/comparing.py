"""How many rows differ between two sets of a projection's tables: one statement a table.

Compared is what the tables' `digest_` statements select: no column that holds an opened private
value (rules, X12). The server finds the same rows by the table's key; of a table without one it
compares the first row with the first, in the order of the digest, and so on.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ledger.named_sql import load
from projections.database import Connection
from projections.sql import Statements, bare

_SQL: Final = load("projections", "comparing.sql")
_SELECT: Final = re.compile(r"SELECT (.*?)\sFROM .*?(?=\s+ORDER BY (.*);)", re.DOTALL)
_NAME: Final = re.compile(r"(\w+)\s*(?:,|$)")


class Selected(NamedTuple):
    """A `digest_` statement: what it selects of any order, the columns' names, and its order."""

    rows: str
    columns: tuple[str, ...]
    order: str


def selected(statement: str) -> Selected:
    """Take a `digest_` statement apart: each of its columns has a name, which stands last."""
    found = _SELECT.match(bare(statement))
    assert found is not None, "a digest selects columns from a table in an order"
    return Selected(found[0], tuple(_NAME.findall(found[1])), found[2])


def differing(connection: Connection, one: Statements, other: Statements) -> dict[str, int]:
    """Return how many rows differ, by table without its prefix; tables that are equal are absent.

    A row that only one of both has is one that differs.
    """
    found = {}
    for table in one.tables:
        (row,) = connection.rows(_compared(one, other, table))
        if row["differing"]:
            found[table] = row["differing"]
    return found


def _compared(one: Statements, other: Statements, table: str) -> str:
    mine, theirs = (selected(each[f"digest_{table}"]) for each in (one, other))
    key, rows = one.keys.get(table), [mine.rows, theirs.rows]
    if key is None:
        key = ("number",)
        rows = [
            _SQL["numbered"].format(rows=each.rows, order=each.order) for each in (mine, theirs)
        ]
    return _SQL["differing"].format(
        one=rows[0],
        other=rows[1],
        same=" AND ".join(f"one.{name} = other.{name}" for name in key),
        differs=" OR ".join(f"one.{name} IS DISTINCT FROM other.{name}" for name in mine.columns),
    )
