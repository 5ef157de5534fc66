"""Much by its name, little of it in memory: the rest waits in a file that is gone with the process.

An audit needs whatever the log has said, and seldom what was said long ago. So memory is bounded
however long the log is; what is in the file has cost one write, and costs one read to have again.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Final, Generic, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.recent import Recent

K = TypeVar("K")
V = TypeVar("V")

_KEY_BITS: Final = 256
_NONCE_BYTES: Final = 12  # NIST SP 800-38D, section 8.2.1: the place in the file, never used twice


def _let_go(file: IO[bytes]) -> None:
    """Close a file that is gone then: what found no room in it is needed by nobody any more."""
    with suppress(OSError):
        file.close()


class Shelf(Generic[K, V]):
    """Values by their keys; of more than `most` those that were not used for long are filed.

    A value that was filed and not put again is not written twice.
    The file has no name, and what the log keeps private lies in it under a key that is in memory
    alone: a crash, or a disk that somebody reads later, shows nothing that was opened or erased.
    """

    def __init__(self, most: int) -> None:
        self._recent: Recent[K, V] = Recent(most, leaving=self._write)
        self._filed: dict[K, tuple[int, int]] = {}
        self._file: IO[bytes] | None = None
        self._cipher = AESGCM(AESGCM.generate_key(_KEY_BITS))

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None if it has none."""
        found = self._recent.get(key)
        if found is None and key in self._filed:
            found = self._read(key)
            self._recent.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Give a key its value. None is no value."""
        self._filed.pop(key, None)
        self._recent.put(key, value)

    def in_memory(self) -> int:
        """Return how many values are in memory."""
        return len(self._recent)

    def filed_bytes(self) -> int:
        """Return how many bytes were written to the file so far."""
        return self._file.seek(0, 2) if self._file is not None else 0

    def _write(self, values: Mapping[K, V]) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the next line
            weakref.finalize(self, _let_go, self._file)
        try:
            self._append(self._file, values)
        except OSError as error:
            error.filename = tempfile.gettempdir()  # the file has no name
            raise

    def _append(self, file: IO[bytes], values: Mapping[K, V]) -> None:
        place = file.seek(0, 2)
        for key, value in values.items():
            if key in self._filed:
                continue
            raw = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
            sealed = self._cipher.encrypt(place.to_bytes(_NONCE_BYTES, "big"), raw, None)
            file.write(sealed)
            self._filed[key] = (place, len(sealed))
            place += len(sealed)
        file.flush()  # what finds no room is known here

    def _read(self, key: K) -> V:
        assert self._file is not None, "something was filed"
        place, length = self._filed[key]
        self._file.seek(place)
        sealed = self._file.read(length)
        raw = self._cipher.decrypt(place.to_bytes(_NONCE_BYTES, "big"), sealed, None)
        found: V = pickle.loads(raw)  # noqa: S301 - sealed by us, under a key that nobody else has
        return found
