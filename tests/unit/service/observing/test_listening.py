"""The small door of a process without another one: alive, ready, and its numbers."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator

import httpx
import pytest

from service.listening import bind, url_of
from service.observing.listening import listening, stopping
from service.observing.logs import ObserveSettingError
from service.observing.observer import Observing
from service.observing.process import observed


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def get(url: str, path: str) -> httpx.Response:
    return httpx.get(f"{url}{path}", trust_env=False, timeout=30)


def test_it_says_what_is_missing_until_nothing_is() -> None:
    observing, lag = Observing(), ["it is 90 s behind"]
    observing.readiness.need("projections", lambda: lag[0] if lag else None)
    observing.readiness.need("broker", lambda: None)
    with listening(observing, role="projections") as url:
        response = get(url, "/ready")
        assert response.status_code == 503
        assert response.json() == {
            "status": "not_ready",
            "role": "projections",
            "missing": {"projections": "it is 90 s behind"},
        }
        lag.clear()
        assert get(url, "/ready").status_code == 200
        assert get(url, "/health").json() == {"status": "ok", "role": "projections"}
        assert get(url, "/other").status_code == 404
        assert httpx.post(f"{url}/ready", trust_env=False, timeout=30).status_code == 501


def test_what_cannot_be_asked_is_missing_and_says_no_secret() -> None:
    observing = Observing()

    def ask() -> str | None:
        raise OSError("postgresql://user:secret@host/ does not answer")

    observing.readiness.need("database", ask)
    assert observing.readiness.missing() == {"database": "it cannot be asked (OSError)"}


def test_it_hands_out_the_numbers() -> None:
    observing = Observing()
    observing.ended("job", "completed")
    with listening(observing, role="generation") as url:
        response = get(url, "/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'linernotes_ended_total{kind="job",outcome="completed"} 1.0' in response.text


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with listening(Observing(), role="a") as url:
        again = listening(Observing(), role="b", port=int(url.rpartition(":")[2]))
        with pytest.raises(OSError, match="in use"):
            again.__enter__()


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_heard_once_and_then_as_before(kind: signal.Signals) -> None:
    heard: list[int] = []
    before = signal.signal(kind, lambda number, _frame: heard.append(number))
    try:
        with stopping() as told:
            assert not told.is_set()
            os.kill(os.getpid(), kind)
            assert told.wait(30)
            os.kill(os.getpid(), kind)
            threading.Event().wait(0.01)
            assert heard == [kind]
        assert signal.getsignal(kind) is not signal.SIG_DFL
    finally:
        signal.signal(kind, before)


@pytest.mark.parametrize("place", ["9400", ":9400", "here:", "here:99999", "here:port"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(ObserveSettingError, match="LINERNOTES_OBSERVE"):
        observed("relay", {"LINERNOTES_OBSERVE": place}).__enter__()


def test_a_role_answers_where_it_is_told_to() -> None:
    with bind() as free:
        place = url_of(free).removeprefix("http://")
    with observed("relay", {"LINERNOTES_OBSERVE": place}):
        assert get(f"http://{place}", "/health").json()["role"] == "relay"
    with pytest.raises(httpx.ConnectError):
        get(f"http://{place}", "/health")


def test_it_answers_over_ipv6_too() -> None:
    with listening(Observing(), role="relay", host="::1") as url:
        assert url.startswith("http://[::1]:")
        assert get(url, "/health").status_code == 200
