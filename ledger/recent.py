"""Much by its name, bounded: what was not used for long leaves.

Two generations. What is used comes into the young one, and when that weighs half of the bound, the
old one leaves and the young one grows old. So reading what is in use takes no lock and moves
nothing, unlike a list in the order of use; and whatever was used since the last turn stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by their keys, of about `most` the most recently used; None is no value.

    `weigh` says what a key counts for, 1 if left out. `leaving` is told what leaves for want of
    room. Threads that share it without a lock may at worst miss a value that another is moving.
    """

    __slots__ = ("_leaving", "_most", "_weigh", "_weight", "old", "young")

    def __init__(
        self,
        most: int,
        *,
        weigh: Callable[[K], int] | None = None,
        leaving: Callable[[Mapping[K, V]], None] | None = None,
    ) -> None:
        self._most = most
        self._weigh = weigh
        self._leaving = leaving
        self.young: dict[K, V] = {}
        self.old: dict[K, V] = {}
        self._weight = 0

    def get(self, key: K) -> V | None:
        """Return the value of a key, and mark it as used."""
        found = self.young.get(key)
        if found is None:
            found = self.old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def peek(self, key: K) -> V | None:
        """Return the value of a key, and mark nothing."""
        found = self.young.get(key)
        return self.old.get(key) if found is None else found

    def put(self, key: K, value: V) -> None:
        """Give a key its value, which is used by that."""
        if self._weigh is not None and key not in self.young:
            self._weight += self._weigh(key)
        self.young[key] = value
        self.old.pop(key, None)
        if (len(self.young) if self._weigh is None else self._weight) * 2 > self._most:
            left = self.old
            self.young, self.old, self._weight = {}, self.young, 0
            if self._leaving is not None:
                self._leaving(left)

    def clear(self) -> None:
        """Forget everything; who reads meanwhile goes on with what was there, or finds nothing."""
        self.young, self.old, self._weight = {}, {}, 0

    def items(self) -> dict[K, V]:
        """Return all there is, as it is now."""
        return {**self.old, **self.young}

    def __contains__(self, key: K) -> bool:
        return key in self.young or key in self.old

    def __len__(self) -> int:
        return len(self.young) + len(self.old)
