"""What stands in the tables about subjects, remembered, so that no event asks the tables again.

Five questions an event were nine tenths of folding permissions. What is not remembered is asked
for; where folding began with the log's first event nothing has to be, until some was forgotten.
"""

from __future__ import annotations

from typing import Final

from projections.base import Tables
from projections.permissions.rows import ConsentRow, PerformerRow, Row, ShareRow

TABLES: Final[dict[str, type[Row]]] = {
    "consents": ConsentRow,
    "shares": ShareRow,
    "performers": PerformerRow,
}
"""The tables of rows that a subject has, by the end of their names."""

REMEMBERED_MAX: Final = 20_000
"""Subjects, and scopes that they were made from: some tens of megabytes. Then it begins anew."""


class Standing:
    """Live rows and dependencies as they will be when what was changed so far is written."""

    def __init__(self, limit: int = REMEMBERED_MAX) -> None:
        self._limit = limit
        self._is_whole = False
        self._rows: dict[str, frozenset[Row]] = {}
        self._tags: dict[str, frozenset[str]] = {}
        self._subjects: dict[str, set[str]] = {}

    def begin(self) -> None:
        """Take for granted that the tables are empty: what is not remembered is not there."""
        self.forget()
        self._is_whole = True

    def forget(self) -> None:
        """Remember nothing: what was changed may have been rolled back, or others have folded."""
        self._is_whole = False
        self._rows.clear()
        self._tags.clear()
        self._subjects.clear()

    def trim(self) -> None:
        """Forget everything where it has become too much. Between events, never within."""
        if len(self._rows) + len(self._subjects) > self._limit:
            self.forget()

    def rows(self, tables: Tables, subject: str) -> frozenset[Row]:
        """Return the live rows of a subject, of all tables."""
        if subject not in self._rows:
            self._rows[subject] = frozenset() if self._is_whole else _live(tables, subject)
        return self._rows[subject]

    def put_rows(self, subject: str, rows: frozenset[Row]) -> None:
        """Remember what stands about a subject now."""
        self._rows[subject] = rows

    def tags(self, tables: Tables, subject: str) -> frozenset[str]:
        """Return the scopes from which a subject's rows were made."""
        if subject not in self._tags:
            found = () if self._is_whole else tables.rows("dependencies", subject=subject)
            self._tags[subject] = frozenset(row["tag"] for row in found)
        return self._tags[subject]

    def put_tags(self, subject: str, tags: frozenset[str]) -> None:
        """Remember from which scopes they are made now. After `tags` was asked."""
        before = self._tags[subject]
        self._tags[subject] = tags
        for tag in tags - before:
            if self._is_whole:
                self._subjects.setdefault(tag, set()).add(subject)
            elif tag in self._subjects:
                self._subjects[tag].add(subject)
        for tag in before - tags:
            self._subjects.get(tag, set()).discard(subject)

    def subjects(self, tables: Tables, tag: str) -> frozenset[str]:
        """Return the subjects whose rows were made from a scope."""
        if tag not in self._subjects:
            found = () if self._is_whole else tables.rows("dependents", tag=tag)
            self._subjects[tag] = {row["subject"] for row in found}
        return frozenset(self._subjects[tag])


def _live(tables: Tables, subject: str) -> frozenset[Row]:
    return frozenset(
        kind(**row)
        for table, kind in TABLES.items()
        for row in tables.rows(f"live_{table}", subject=subject)
    )
