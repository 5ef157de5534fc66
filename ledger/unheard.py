"""What others have appended since the cache heard of the log, for a batch that decides again.

It is asked for at once and not scope by scope: the lock of all who write is held meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from ledger.decoding import Reading
from ledger.rights.view import Scope
from ledger.storage.contract import Reader
from ledger.storage.records import StoredEntry

UNHEARD_MAX: Final = 256
"""Entries that a batch looks for at once; beyond, each scope is asked for its own."""


class Unheard:
    """What a batch finds in the log beyond what the cache was fed, by tag.

    A state that the cache keeps holds all up to `fed`, so what is here is all that it lacks.
    """

    def __init__(self, reader: Reader, fed: int) -> None:
        self._reader = reader
        self._fed = fed

    def fold(
        self, scope: Scope[Any], tag: str, known: tuple[Any, int], read: Reading
    ) -> tuple[Any, int]:
        """Bring what is known of a scope up to where this batch began."""
        state, newest = known
        if self._reader.last_position(tag) == newest:
            return known
        for stored in self._by_tag.get(tag, ()):
            if stored.position > newest:
                state, newest = scope.evolve(state, read(stored, self._reader)), stored.position
        return state, newest

    @cached_property
    def _by_tag(self) -> Mapping[str, Sequence[StoredEntry]]:
        found: defaultdict[str, list[StoredEntry]] = defaultdict(list)
        if self._reader.bound - self._fed <= UNHEARD_MAX:
            for stored in self._reader.read_after(self._fed, UNHEARD_MAX):
                for tag in stored.tags:
                    found[tag].append(stored)
        return found
