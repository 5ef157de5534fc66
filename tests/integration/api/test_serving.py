"""Serving: the address is written where others find it, and stopping ends every stream."""

import asyncio
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from anyio import to_thread
from anyio._backends._asyncio import WorkerThread

from ledger.storage.lock import read_holder
from service.serving import bind, dismiss_workers, url_of
from tests.support.patience import PATIENCE_S, until

ROOT = Path(__file__).parents[3]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    program = [sys.executable, "-m", "tests.support.serving_process", str(tmp_path)]
    # Our own interpreter and module.
    with subprocess.Popen(  # noqa: S603
        program, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as started:
        try:
            yield started
        finally:
            started.kill()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_says_where_it_answers_and_stops_with_streams_open(
    process: subprocess.Popen[str], tmp_path: Path, told: signal.Signals
) -> None:
    assert process.stdout is not None
    url, token = process.stdout.readline().split()
    database = tmp_path / "home" / "ledger.sqlite"
    assert read_holder(database)["url"] == url
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=PATIENCE_S) as http:
        until(lambda: http.get("/ready").status_code == 200, "it is ready")
        with http.stream("GET", "/v1/events/stream") as response:
            lines = response.iter_lines()
            next(lines)
            process.send_signal(told)
            assert process.stdout.read() == "stopped\n"
    assert process.wait() == 0
    assert "url" not in read_holder(database), "the lock is free, and nobody is sent here"


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_as_soon_as_it_says_where_it_answers_stops_in_order(
    process: subprocess.Popen[str], told: signal.Signals
) -> None:
    """It has not begun to run by then."""
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http")
    process.send_signal(told)
    assert process.stdout.read() == "stopped\n"
    assert process.wait() == 0


def test_a_server_whose_log_has_ended_ends_and_says_why(
    process: subprocess.Popen[str], tmp_path: Path
) -> None:
    """Nothing can be answered any more: whoever manages processes must start it anew."""
    assert process.stdout is not None
    url, token = process.stdout.readline().split()
    (tmp_path / "register").rename(tmp_path / "elsewhere")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "a-party-that-is-not-shown"}
    said = {"kind": "organization", "name": "Lost"}
    answer = httpx.post(
        f"{url}/v1/commands/RegisterParty",
        json=said,
        headers=headers,
        timeout=PATIENCE_S,
        trust_env=False,
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert process.wait(PATIENCE_S) == 1
    assert "stopped" not in process.stdout.read()


def test_who_is_still_asking_when_the_server_stops_is_told_to_come_again(
    process: subprocess.Popen[str],
) -> None:
    assert process.stdout is not None
    url, _token = process.stdout.readline().split()
    where = httpx.URL(url)
    assert where.port is not None
    with socket.create_connection((where.host, where.port), timeout=60) as asking:
        asking.sendall(
            b"POST /v1/statements HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/cose\r\n"
            b"Content-Length: 100\r\n\r\nhalf of it"
        )
        httpx.get(f"{url}/health")  # so that the other request was taken in
        process.send_signal(signal.SIGTERM)
        with http.client.HTTPResponse(asking) as said:
            said.begin()
            assert (said.status, said.getheader("Retry-After")) == (503, "1")
            assert json.loads(said.read())["code"] == "not_ready"
    assert process.wait(60) == 0


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with bind(port=0) as listening:
        assert url_of(listening).startswith("http://127.0.0.1:")
        with pytest.raises(OSError, match="in use"):
            bind(port=listening.getsockname()[1])


def test_a_thread_that_an_event_loop_has_lost_ends_with_the_server() -> None:
    """As requests that are canceled at the end leave some: the process would wait for them."""
    lost: list[WorkerThread] = []

    async def lose() -> None:
        await to_thread.run_sync(lambda: lost.append(threading.current_thread()))  # type: ignore[arg-type]  # it is one
        task = asyncio.current_task()
        assert task is not None
        task.remove_done_callback(lost[0].stop)

    asyncio.run(lose())
    (thread,) = lost
    assert thread.is_alive()
    dismiss_workers()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
