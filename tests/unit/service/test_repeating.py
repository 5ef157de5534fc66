"""What is done again and again goes on where it may, and ends where it must."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ledger.storage.errors import Fatal
from projections.errors import Busy
from schemas.refusals import Conflict
from service.repeating import Repeating

WAIT_S = 60


class Turns(Repeating):
    """Raises one thing after the other; then goes on."""

    def __init__(self, *raised: Exception) -> None:
        super().__init__("turns", every_s=0.001)
        self._raised: Iterator[Exception] = iter(raised)
        self.went_on = threading.Event()

    def turn(self) -> None:
        """Raise the next, or say that there is none."""
        for one in self._raised:
            raise one
        self.went_on.set()


def test_what_is_busy_or_full_comes_again() -> None:
    turns = Turns(Conflict("busy", "later"), Busy("later"), OSError("no room"))
    turns.start()
    assert turns.went_on.wait(WAIT_S)
    assert turns.is_alive
    turns.close()
    assert not turns.is_alive


@pytest.mark.parametrize("end", [Fatal("the log ended"), ValueError("a mistake")])
def test_what_cannot_go_on_is_not_alive(end: Exception, caplog: pytest.LogCaptureFixture) -> None:
    turns = Turns(end)
    turns.start()
    turns._thread.join(WAIT_S)
    assert not turns.is_alive
    assert not turns.went_on.is_set()
    assert "turns stopped" in caplog.text
    turns.close()


def test_what_was_never_started_is_closed() -> None:
    turns = Turns()
    turns.close()
    assert not turns.is_alive
