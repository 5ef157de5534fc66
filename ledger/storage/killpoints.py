"""Named points at which a test lets the process die, as if the power had gone.

In production nothing is set and `reach` costs one comparison. A test starts a process with
`LINERNOTES_KILL_AT=after_commit_before_register:3`; the third time that this point is reached the
process kills itself with SIGKILL: no handler, no `finally`, no flush runs.
"""

import os
import signal
import threading
from typing import Final

VARIABLE: Final = "LINERNOTES_KILL_AT"
"""Environment variable: `name`, or `name:n` for the n-th time."""

MIGRATING: Final = "migrating"
"""The point after each statement of a step that brings a store to newer tables (on a server, whose
steps are one statement: before, after, and when it is written down and committed)."""

_name, _, _count = os.environ.get(VARIABLE, "").partition(":")
_TARGET: Final = _name
_lock = threading.Lock()
_left = int(_count or "1")


def reach(name: str) -> None:
    """Pass the point `name`; die here if the environment says so."""
    if name == _TARGET:
        _die_at_last()


def _die_at_last() -> None:
    global _left  # noqa: PLW0603 - one process, one countdown
    with _lock:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
