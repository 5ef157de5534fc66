"""The statements of every batch, as the server prepares them: with numbers for names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from psycopg import pq

from ledger.storage.postgres.queries import QUERIES

_NAMED: Final = re.compile(r"%\((\w+)\)b")
_PART: Final = r"-- \[{}\]\n.*?-- \[end\]\n"


class Statement:
    """A statement out of `queries.sql`. Its parameters go to the server in its binary form.

    `without`: the parts that are marked with this word are left out.
    """

    def __init__(self, name: str, *, without: str = "") -> None:
        numbers: dict[str, int] = {}
        asked = QUERIES[name]
        self.name: Final = f"{name} without {without}".encode() if without else name.encode()
        if without:
            asked, parts = re.subn(_PART.format(without), "", asked, flags=re.DOTALL)
            assert parts, f"{name} has no part {without}"
        text = _NAMED.sub(lambda m: f"${numbers.setdefault(m[1], len(numbers) + 1)}", asked)
        self.text: Final = text.encode()
        self._parameters: Final = tuple(numbers)
        self.formats: Final = [pq.Format.BINARY] * len(numbers)

    def ordered(self, values: Mapping[str, bytes | None]) -> list[bytes | None]:
        """Return values by name in the order in which the server takes them; NULL for None."""
        return [values[name] for name in self._parameters]


APPEND: Final = Statement("append_batch")
"""Gives one row where the batch was written, and none where it was not."""

APPEND_UNSEALED: Final = Statement("append_batch", without="openings")
"""The same for a batch without openings, which most are."""

ACCEPT: Final = Statement("accept")
"""Keeps a checkpoint that was accepted, and moves the visible head."""

LOCK: Final = Statement("lock_head")
"""Takes the lock of all who write."""

LOCK_BRIEFLY: Final = Statement("lock_briefly")
"""The same in a transaction that writes nothing."""

LOOK: Final = Statement("look")
"""Gives one row of what a batch stands on; after a statement that takes the lock."""

LOOK_EDGELESS: Final = Statement("look", without="edge")
"""The same without the edge of the tree."""

VISIBLE: Final = Statement("visible")
"""Gives the visible head, alone."""
