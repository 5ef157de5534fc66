"""Asking what may not answer: a database that is frozen, a register behind a broken network.

Each asking has a thread of its own, so that whoever asks waits no longer than it wants. What has
not answered is not asked a second time: a probe that comes every few seconds leaves one thread
behind, not hundreds, and hears the answer when it comes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SilentError(Exception):
    """What was asked has not answered in time. It may still do so."""


class Asking(Generic[T]):
    """Something that is asked again and again. From any thread."""

    def __init__(self, name: str, ask: Callable[[], T]) -> None:
        self._name = name
        self._ask = ask
        self._lock = threading.Lock()
        self._under_way: _Once[T] | None = None

    def begin(self) -> _Once[T]:
        """Ask, unless the last asking is still under way; return it, to be waited for."""
        with self._lock:
            if self._under_way is None or self._under_way.is_over:
                self._under_way = _Once(self._name, self._ask)
            return self._under_way

    def answer(self, within_s: float) -> T:
        """Return the answer, or raise what the asking raised; `SilentError` when time is over."""
        return self.begin().answer(within_s)


class _Once(Generic[T]):
    """One asking, begun."""

    def __init__(self, name: str, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._over = threading.Event()
        self._found: T
        self._error: Exception | None = None
        threading.Thread(target=self._run, name=f"asks {name}", daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether there is an answer, or an error."""
        return self._over.is_set()

    def answer(self, within_s: float) -> T:
        """Wait for the answer; see `Asking.answer`."""
        if not self._over.wait(max(within_s, 0.0)):
            raise SilentError
        if self._error is not None:
            raise self._error
        return self._found

    def _run(self) -> None:
        try:
            self._found = self._ask()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            self._error = error
        finally:
            self._over.set()
