"""A process begins to stop at a signal or at its own end, and from then on it has its time."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from service.stopping import Stop, ending, heard, stopping


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_heard_once_and_then_as_before(kind: signal.Signals) -> None:
    before_us: list[int] = []
    begun: list[str] = []
    before = signal.signal(kind, lambda number, _frame: before_us.append(number))
    try:
        with stopping(lambda: begun.append("begun")) as told:
            assert not told.is_set()
            os.kill(os.getpid(), kind)
            assert told.wait(30)
            assert (begun, before_us) == (["begun"], [])
            os.kill(os.getpid(), kind)
            threading.Event().wait(0.01)
            assert before_us == [kind]
        assert signal.getsignal(kind) is not signal.SIG_DFL
    finally:
        signal.signal(kind, before)


def test_where_no_signal_comes_none_is_heard() -> None:
    found: list[bool] = []

    def run() -> None:
        with heard(lambda _number, _frame: None), stopping() as told:
            found.append(told.is_set())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [False]


def test_who_ends_by_itself_has_begun_to_stop_before_anything_is_closed() -> None:
    begun: list[str] = []
    stop = Stop(lambda: begun.append("begun"))
    with pytest.raises(RuntimeError, match=r"\[\] before"), ending(stop):
        raise RuntimeError(f"{begun} before")
    assert stop.is_set()
    assert begun == ["begun"]
