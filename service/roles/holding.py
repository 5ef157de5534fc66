"""What a process that acts holds on to, its role and its parts; when one is lost, it ends.

One mechanism for all: whoever acts alone stands by for its role, asks whether it still has it, and
ends with `RoleEndedError` when it has not. A role that was lost never comes back to who had it: the
process is started anew by its manager, and stands by.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Final, Self

from ledger.storage.opening import LogReading
from ledger.storage.roles import Role

LOOK_S: Final = 0.5
"""How often a role looks whether its parts are alive."""

Holds = Callable[[], bool]
"""Asks whether something is still there. It may raise `RoleEndedError` itself, and say why."""


class RoleEndedError(Exception):
    """A part of this process ended by itself; its own lines say why. Start the process anew."""

    code: Final = "role_ended"


@contextmanager
def standing_by(reading: LogReading, name: str, stop: threading.Event) -> Iterator[Holds | None]:
    """Wait until this process has a role; give what asks for it, or None if told to stop before."""
    with closing(reading.role(name)) as role:
        yield held_or_ended(role) if role.wait(stop.is_set) else None


def held_or_ended(role: Role) -> Holds:
    """Return what asks whether a role is still ours, and raises `RoleEndedError` once it is not."""

    def is_held() -> bool:
        if not role.is_held():
            raise RoleEndedError(f"the role {role.name} was lost: start this process anew")
        return True

    return is_held


def wait_while_alive(stop: threading.Event, parts: Mapping[str, Holds]) -> None:
    """Wait until told to stop; raise `RoleEndedError` when a part has ended by itself."""
    while not stop.wait(LOOK_S):
        for name, is_alive in parts.items():
            if not is_alive():
                raise RoleEndedError(f"{name} ended by itself: start this process anew")


class Lookout:
    """Waits beside what has a thread of its own, a server say, and tells it when a part has ended.

    Use as a context; leaving it raises what it saw.
    """

    def __init__(self, parts: Mapping[str, Holds], tell: Callable[[], None]) -> None:
        self._parts = parts
        self._tell = tell
        self._stop = threading.Event()
        self._seen: RoleEndedError | None = None
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Stop looking; raise `RoleEndedError` if a part has ended, unless worse is under way."""
        self._stop.set()
        self._thread.join(LOOK_S * 2)  # it may be asking a database that does not answer
        if self._seen is not None and kind is None:
            raise self._seen

    def _run(self) -> None:
        try:
            wait_while_alive(self._stop, self._parts)
        except RoleEndedError as ended:
            self._seen = ended
            self._tell()
