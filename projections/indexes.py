"""Keys and indexes of tables that are filled: made when a statement looks into a table, or last.

Keeping an index while rows come in any order costs more than sorting them once. A table that is
only added to needs none until all is there; one that rules read, or end rows in, gets its own
before the first such statement, and keeps them as the live ones do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from projections.database import Connection
from projections.sql import bare, split

_INDEX: Final = re.compile(r"CREATE INDEX \w+ ON (\w+)")
_TABLE: Final = re.compile(r"CREATE TABLE (\w+)")
_WORD: Final = re.compile(r"\w+")


@dataclass(slots=True)
class Indexes:
    """What is not made yet, by table. Whoever rolls back the making of one begins anew."""

    _missing: dict[str, list[str]] = field(default_factory=dict)

    def make_tables(self, connection: Connection, schema: str) -> None:
        """Make the tables of a schema, and remember what they lack."""
        for statement in split(schema):
            made = bare(statement)
            if index := _INDEX.match(made):
                self._missing[index[1]].append(statement)
            else:
                (table,) = _TABLE.findall(made)
                self._missing[table] = list(connection.create_keyless(statement, table))

    def before(self, connection: Connection, statement: str) -> None:
        """Make what the tables lack that a statement names."""
        if self._missing:
            for table in self._missing.keys() & set(_WORD.findall(statement)):
                self.make(connection, table)

    def make(self, connection: Connection, table: str) -> None:
        """Make what a table lacks still."""
        for statement in self._missing.pop(table, ()):
            connection.create(statement)
