"""Following the visible head where other processes move it: by their word, and by a timer."""

from __future__ import annotations

import threading
from typing import Final

from ledger.storage.contract import Store
from ledger.storage.signal import VisibleHead
from schemas.refusals import Conflict

LOOK_AGAIN_S: Final = 1.0
"""Nobody relies on being told: after so long one looks."""


class Follower:
    """A thread that looks at the visible head by a timer. A database that tells is faster."""

    def __init__(self, store: Store, visible: VisibleHead) -> None:
        self._store = store
        self._visible = visible
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """Stop following."""
        self._ended.set()
        self._thread.join()

    @property
    def has_ended(self) -> bool:
        """Whether it was told to stop."""
        return self._ended.is_set()

    def look(self) -> None:
        """Read the visible head and ring if it has moved; a database that is away moves nothing."""
        try:
            with self._store.snapshot() as reader:
                position = reader.visible_head()
        except Conflict:
            return
        if position > self._visible.position:
            self._visible.advance(position)

    def wait(self) -> None:
        """Wait until it is worth looking."""
        self._ended.wait(LOOK_AGAIN_S)

    def _run(self) -> None:
        while not self.has_ended:
            self.look()
            self.wait()
