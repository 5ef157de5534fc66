"""The newest rows of what grows: what a batch has found or added, the next need not look up."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

ROWS_MAX: Final = 50_000
"""Rows remembered by one projection: some tens of megabytes. Beyond, they are looked up again."""

Key = tuple[str, tuple[Any, ...]]
"""The name of the statement that finds the row, and the values of its key."""

Row = tuple[Any, ...]
"""What that statement selects."""


class Memory:
    """Rows by key, the most recently used ones.

    `is_whole` says that nothing lies in the tables that is not remembered: they began empty.
    """

    def __init__(self, *, is_whole: bool = False, limit: int = ROWS_MAX) -> None:
        self.is_whole = is_whole
        self._limit = limit
        self._rows: OrderedDict[Key, Row | None] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        """Tell whether it is known what the newest row is, or that there is none."""
        return self.is_whole or key in self._rows

    def get(self, key: Key) -> Row | None:
        """Return the newest row."""
        return self._rows.get(key)

    def put(self, key: Key, row: Row | None) -> None:
        """Remember a row as the newest."""
        self._rows[key] = row
        self._rows.move_to_end(key)

    def trim(self) -> None:
        """Forget the least recently used ones beyond the limit. Between batches, never within."""
        while len(self._rows) > self._limit:
            self._rows.popitem(last=False)
            self.is_whole = False

    def clear(self) -> None:
        """Forget everything: what it holds may have been rolled back."""
        self._rows.clear()
        self.is_whole = False
