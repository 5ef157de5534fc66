"""Processes of this machine as the system tells of them: who lives, who stands still, children."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.patience import until


def is_there(pid: int) -> bool:
    """Tell whether a process lives: it exists, and is not only waited for."""
    return _state(pid) not in {"", "Z", "X"}


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, and that live."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


@contextmanager
def stopped(pid: int, *, with_children: bool = False) -> Iterator[None]:
    """Let a process stand still inside; it stands when this begins.

    Its children are looked for when it stands: one that starts others all the time has no more.
    """
    held: list[int] = []
    try:
        _stop([pid], held)
        if with_children:
            _stop(children(pid), held)
        yield
    finally:
        for one in held:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def _stop(pids: Iterable[int], held: list[int]) -> None:
    """Stop processes, and wait until they stand: a signal may take a while to arrive."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            held.append(pid)
            until(lambda one=pid: _state(one) == "T" or not is_there(one), f"{pid} stands still")  # type: ignore[misc]  # a default


def _state(pid: int) -> str:
    """Return the letter of a process's state (proc(5)); nothing where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""
