"""The statements of every batch, as the server prepares them: with numbers for names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from psycopg import pq

from ledger.storage.postgres.queries import QUERIES

_NAMED: Final = re.compile(r"%\((\w+)\)b")


class Statement:
    """A statement out of `queries.sql`. Its parameters go to the server in its binary form."""

    def __init__(self, name: str) -> None:
        numbers: dict[str, int] = {}
        text = _NAMED.sub(lambda m: f"${numbers.setdefault(m[1], len(numbers) + 1)}", QUERIES[name])
        self.name: Final = name.encode()
        self.text: Final = text.encode()
        self._parameters: Final = tuple(numbers)
        self.formats: Final = [pq.Format.BINARY] * len(numbers)

    def ordered(self, values: Mapping[str, bytes | None]) -> list[bytes | None]:
        """Return values by name in the order in which the server takes them; NULL for None."""
        return [values[name] for name in self._parameters]


APPEND: Final = Statement("append_batch")
"""Gives one row where the batch was written, and none where it was not."""

ACCEPT: Final = Statement("accept")
"""Keeps a checkpoint that was accepted, and moves the visible head."""

LOCK: Final = Statement("lock_head")
"""Takes the lock of all who write."""
