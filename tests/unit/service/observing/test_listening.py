"""The small door of a process without another one: alive, ready, and its numbers."""

from __future__ import annotations

import httpx
import pytest

from service.observing.listening import listening
from service.observing.observer import Observing


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


def test_it_answers_over_ipv6_too() -> None:
    with listening(Observing(), role="relay", host="::1") as url:
        assert url.startswith("http://[::1]:")
        assert get(url, "/health").status_code == 200
