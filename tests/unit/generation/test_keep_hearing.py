"""What is heard and decides nothing is heard on, whatever happens: nobody waits for its thread."""

import threading

import pytest

from generation import delivery
from generation.delivery import BrokerAwayError, keep_hearing


def test_whatever_is_raised_one_hears_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "RETRY_S", 0.0)
    stop, left = threading.Event(), [BrokerAwayError("away"), ValueError("a bad file descriptor")]

    def serve(_stop: threading.Event) -> None:
        if left:
            raise left.pop()
        stop.set()

    keep_hearing(serve, stop, name="what is called off")
    assert stop.is_set()
