"""Following the visible head where other processes move it: by their word, and by a timer.

A process that ends between its commit and the register's answer leaves entries that nobody sees.
The next batch of another would show them, and so does, where there is none, who follows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ledger.storage.contract import Store
from ledger.storage.errors import Fatal
from ledger.storage.records import Head
from ledger.storage.signal import VisibleHead
from schemas.refusals import Conflict

log: Final = logging.getLogger(__name__)

LOOK_AGAIN_S: Final = 1.0
"""Nobody relies on being told: after so long one looks."""

LEFT_BEHIND_S: Final = 3.0
"""How long entries may wait for whoever committed them; publishing takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What a writing process does: `publish` with entries that were left behind.

    And `fallen`, told how many entries there are, where the database has become an older copy: a
    standby that was promoted too soon, say.
    """

    publish: Callable[[], None]
    fallen: Callable[[int], None]


class Follower:
    """A thread that looks at the visible head by a timer. A database that tells is faster.

    Who only reads has nothing to do but to look.
    """

    def __init__(
        self, store: Store, visible: VisibleHead, *, writing: Writing | None = None
    ) -> None:
        self._store = store
        self._visible = visible
        self._writing = writing
        self._left: tuple[int, float] | None = None
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
        seen = self._visible.position
        try:
            with self._store.snapshot() as reader:
                head = reader.head()
        except Conflict:
            return
        if self._writing is not None and head.size < seen:
            self._writing.fallen(head.size)
            return
        if head.visible > self._visible.position:
            self._visible.advance(head.visible)
        if self._writing is not None and self._is_left_behind(head):
            # Whatever ends this ends our next batch too, and there somebody is told.
            with suppress(Conflict, Fatal):
                self._writing.publish()

    def wait(self, timeout_s: float) -> None:
        """Wait for a word about the visible head, at most so long. Here nobody says one."""
        self._ended.wait(timeout_s)

    def _is_left_behind(self, head: Head) -> bool:
        """Tell whether nobody has published what is committed for too long."""
        now = time.monotonic()
        if head.visible == head.size:
            self._left = None
        elif self._left is None or self._left[0] != head.visible:
            self._left = head.visible, now
        return self._left is not None and now - self._left[1] > LEFT_BEHIND_S

    def _run(self) -> None:
        while not self.has_ended:
            try:
                self._turn()
            except Exception:
                # Without this thread the process would go on, and see nothing of others any more.
                log.exception("the visible head was not followed; one looks again")
                self._ended.wait(LOOK_AGAIN_S)

    def _turn(self) -> None:
        self.look()
        until = time.monotonic() + LOOK_AGAIN_S
        while not self.has_ended and (left := until - time.monotonic()) > 0:
            self.wait(left)
