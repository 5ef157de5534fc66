"""The newest rows of what grows: what a batch has found or added, the next need not look up."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from projections.base import Key

ROWS_MAX: Final = 50_000
"""Rows remembered by one projection: some tens of megabytes. Beyond, they are looked up again."""

Row = tuple[Any, ...]
"""What the statement that finds the row selects."""


class Memory:
    """Rows by the statement that finds them and their key.

    `is_whole` says that nothing lies in the tables that is not remembered: they began empty. What
    was used since so many rows were is kept apart from what was not: to forget costs nothing then,
    and at most twice as many are remembered.
    """

    def __init__(self, *, is_whole: bool = False, limit: int = ROWS_MAX) -> None:
        self.is_whole = is_whole
        self._limit = limit
        self._used: dict[str, dict[Key, Row | None]] = {}
        self._unused: dict[str, dict[Key, Row | None]] = {}

    def of(self, newest: str) -> dict[Key, Row | None]:
        """Return the rows that a statement finds: read them after `unknown`, and put new ones."""
        return self._used.setdefault(newest, {})

    def is_complete(self, newest: str) -> bool:
        """Tell whether whatever is not in `of` is nowhere: nothing has to be asked for."""
        return self.is_whole and not self._unused.get(newest)

    def unknown(self, newest: str, keys: Collection[Key]) -> list[Key]:
        """Return the keys that must be looked up, sorted; the others are in `of` from now on.

        Where it is known that there is no row, they stay absent.
        """
        used, unused = self.of(newest), self._unused.get(newest, {})
        missing = set(keys).difference(used)
        used.update({key: unused.pop(key) for key in missing & unused.keys()})
        return [] if self.is_whole else sorted(missing - used.keys())

    def trim(self) -> None:
        """Forget what was not used for long. Between batches, never within."""
        if sum(map(len, self._used.values())) > self._limit:
            if any(self._unused.values()):
                self.is_whole = False
            self._used, self._unused = {}, self._used
