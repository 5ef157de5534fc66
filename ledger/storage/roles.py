"""Roles of which one process acts at a time; the others wait as standby."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Role(Protocol):
    """A role that a process may have. Closing gives it to somebody else."""

    @property
    def name(self) -> str:
        """What the role is called."""

    def wait(self, stop: Callable[[], bool]) -> bool:
        """Wait as standby until this process has the role; False if `stop` said so before."""

    def is_held(self) -> bool:
        """Ask whether this process still has it. False once, false for ever: stop acting.

        Between two questions another may have taken over, where our connection was lost: so ask
        before each act, and let every act be one that may come twice.
        """

    def close(self) -> None:
        """Give the role back."""


class AloneInFile:
    """A role where one process has the whole database, and so every role."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wait(self, stop: Callable[[], bool]) -> bool:
        """Return at once, unless it is time to stop."""
        return not stop()

    def is_held(self) -> bool:
        """Return True: nobody else can have it."""
        return True

    def close(self) -> None:
        """Do nothing."""
