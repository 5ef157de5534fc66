"""Much by its name, little of it in memory: the rest waits in a file that is gone with the process.

An audit needs whatever the log has said, and seldom what was said long ago. So memory is bounded
however long the log is; what is in the file has cost one write, and costs one read to have again.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from typing import IO, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Shelf(Generic[K, V]):
    """Values by their keys; of more than `most` those that were not used for long are filed.

    Two generations, as in a cache: what is used comes into the young one, and when that is half of
    `most`, the old one is filed. A value that was filed and not put again is not written twice.
    The file has no name and holds what the log holds; a crash leaves nothing of it behind.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._filed: dict[K, tuple[int, int]] = {}
        self._file: IO[bytes] | None = None

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None if it has none."""
        found = self._young.get(key)
        if found is not None:
            return found
        found = self._old.pop(key, None)
        if found is None:
            if key not in self._filed:
                return None
            found = self._read(key)
        self._keep(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Give a key its value. None is no value."""
        self._old.pop(key, None)
        self._filed.pop(key, None)
        self._keep(key, value)

    def in_memory(self) -> int:
        """Return how many values are in memory."""
        return len(self._young) + len(self._old)

    def filed_bytes(self) -> int:
        """Return how many bytes were written to the file so far."""
        return self._file.seek(0, 2) if self._file is not None else 0

    def _keep(self, key: K, value: V) -> None:
        self._young[key] = value
        if len(self._young) * 2 > self._most:
            self._write(self._old)
            self._young, self._old = {}, self._young

    def _write(self, values: dict[K, V]) -> None:
        for key, value in values.items():
            if key in self._filed:
                continue
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the next line
                weakref.finalize(self, self._file.close)
            raw = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
            self._filed[key] = (self._file.seek(0, 2), len(raw))
            self._file.write(raw)

    def _read(self, key: K) -> V:
        assert self._file is not None, "something was filed"
        place, length = self._filed[key]
        self._file.seek(place)
        # Our own bytes: the file has no name, so nobody else has opened it.
        found: V = pickle.loads(self._file.read(length))  # noqa: S301 - see above
        return found
