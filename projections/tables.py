"""A projection's tables inside a transaction: changes are collected, and written a batch at once.

A statement an event is what made folding slow: a round trip each. So rows that are added wait and
go out together, table by table; what cannot wait for that (ending a row, or adding one that depends
on others) keeps its order among its like. Reading writes first, so a rule sees what it has done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from projections.base import Change, Grown
from projections.database import Connection, Row
from projections.memory import Memory
from projections.sql import Statements

Values = Mapping[str, Any]
"""The values of one statement."""


@dataclass(slots=True)
class Tables:
    """Implements `base.Tables`: the live tables, or those of a rebuild. Call `write` at the end."""

    connection: Connection
    statements: Statements
    memory: Memory = field(default_factory=Memory)
    _added: dict[str, list[Values]] = field(default_factory=dict)
    _grown: list[Grown] = field(default_factory=list)
    _ordered: list[Change] = field(default_factory=list)

    def rows(self, statement: str, /, **values: Any) -> list[Row]:
        """Return the rows that a named statement selects, all changes so far among them."""
        self.write()
        return self.connection.rows(self.statements[statement], values)

    def apply(self, changes: Iterable[Change | Grown]) -> None:
        """Apply changes in their order."""
        for change in changes:
            if isinstance(change, Grown):
                self._grown.append(change)
            elif change.statement in self.statements.inserts:
                self._added.setdefault(change.statement, []).append(change.values)
            else:
                self._ordered.append(change)

    def write(self) -> None:
        """Write what waits."""
        if self._grown:
            self._grow()
        for statement, values in self._added.items():
            self.connection.insert(self.statements.inserts[statement], values)
        for statement, group in groupby(self._ordered, lambda change: change.statement):
            self.connection.many(self.statements[statement], [change.values for change in group])
        self._added, self._ordered = {}, []

    def _grow(self) -> None:
        """Make the rows that follow from others; those of one batch follow from one another."""
        memory, grown = self.memory, self._grown
        keys = [(one.newest, *(one.values[name] for name in one.key)) for one in grown]
        unknown = {
            key: {name: one.values[name] for name in one.key}
            for key, one in zip(keys, grown, strict=True)
            if key not in memory
        }
        for newest, group in groupby(sorted(unknown), lambda key: key[0]):
            asked = list(group)
            found = self.connection.each(self.statements, newest, [unknown[key] for key in asked])
            for key, row in zip(asked, found, strict=True):
                memory.put(key, row)
        for key, one in zip(keys, grown, strict=True):
            row = one.grow(memory.get(key), one.values)
            memory.put(key, row)
            self._added.setdefault(one.statement, []).append(row)
        self._grown = []
