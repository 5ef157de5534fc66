"""A projection's tables inside a transaction: changes are collected, and written a batch at once.

A statement an event is what made folding slow: a round trip each. So rows that are added wait and
go out together, table by table; what cannot wait for that (ending a row, or adding one that depends
on others) keeps its order among its like. Reading writes first, so a rule sees what it has done.
What is added may go out while the batch is being folded: the server takes it in meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from projections.base import Added, Change, Grown, Known, Step
from projections.database import Connection, Row
from projections.indexes import Indexes
from projections.lines import values_in
from projections.memory import Memory
from projections.shown import all_shown
from projections.sql import Statements

LINES_MIN: Final = 2_000
"""Lines of one table that are worth a stream of their own before the end of a batch.

PostgreSQL makes a slot for each row that it gathers before it writes them, up to a thousand for a
stream, and finds each among all before it: short streams of many rows cost it most.
"""

Values = tuple[Any, ...]
"""The values of one row, in the order of its columns."""


@dataclass(slots=True)
class Tables:
    """Implements `base.Tables`: the live tables, or those of a rebuild. Call `write` at the end."""

    connection: Connection
    statements: Statements
    memory: Memory = field(default_factory=Memory)
    indexes: Indexes = field(default_factory=Indexes)
    _added: dict[str, list[Values]] = field(default_factory=dict)
    _lines: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _grown: defaultdict[tuple[Any, ...], list[Values]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _ordered: list[Change] = field(default_factory=list)

    def rows(self, statement: str, /, **values: Any) -> list[Row]:
        """Return the rows that a named statement selects, all changes so far among them."""
        self.write()
        return self.connection.rows(self._looking(statement), all_shown(values))

    def apply(self, changes: Iterable[Step]) -> None:
        """Apply changes in their order."""
        for change in changes:
            if isinstance(change, Added):
                self._lines[change.statement].extend(change.lines)
            elif isinstance(change, Grown):
                self._grown[change[:3]].extend(change.rows)
            else:
                self._change(change)

    def send(self) -> None:
        """Send on the lines of one table, unless the server is busy with those before.

        It takes in those of a batch's first events while the next are folded.
        """
        if self.connection.is_free():
            self._grow()
            longest = max(self._lines, key=lambda name: len(self._lines[name]), default=None)
            if longest is not None and len(self._lines[longest]) >= LINES_MIN:
                self._add(longest)

    def write(self) -> None:
        """Write what waits."""
        self._grow()
        for statement, rows in self._added.items():
            self.connection.insert(self.statements.inserts[statement], rows)
        for statement in list(self._lines):
            self._add(statement)
        for statement, group in groupby(self._ordered, lambda change: change.statement):
            values = [change.values for change in group]
            self.connection.many(self._looking(statement), values)
        self._added, self._ordered = {}, []

    def _add(self, statement: str) -> None:
        if lines := self._lines.pop(statement):
            self.connection.add(self.statements.inserts[statement], lines)

    def _looking(self, statement: str) -> str:
        """Return the text of a statement that looks into tables, once they have their indexes."""
        text = self.statements[statement]
        self.indexes.before(self.connection, text)
        return text

    def _change(self, change: Change) -> None:
        statement, values = change.statement, all_shown(change.values)
        adding = self.statements.inserts.get(statement)
        if adding is None:
            self._ordered.append(Change(statement, values))
        else:
            self._added.setdefault(statement, []).append(adding.row(values))

    def _grow(self) -> None:
        """Make the rows that follow from others; those of one batch follow from one another."""
        for (newest, statement, grow), rows in self._grown.items():
            known = self._known(newest, rows)
            self._lines[statement].extend(grow(known, rows))
        self._grown.clear()

    def _known(self, newest: str, rows: Sequence[Values]) -> Known:
        """Return the newest rows with these keys, those not remembered looked up at once."""
        memory = self.memory
        known = memory.of(newest)
        if not memory.is_complete(newest):
            unknown = memory.unknown(newest, {row[0] for row in rows})
            if unknown:
                self._looking(newest)
                keys = [tuple(values_in(key)) for key in unknown]
                found = self.connection.each(self.statements, newest, keys)
                known.update(zip(unknown, found, strict=True))
        return known
