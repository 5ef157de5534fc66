"""Workers as processes: killed in mid-job, and busy for longer than a member may be silent."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from generation.broker import _TAKING
from tests.integration.thread.liars import Patient
from tests.integration.transport.test_generation import AUTHORIZED, check_completed
from tests.kit.instance import Place
from tests.kit.sound import topics
from tests.support.transport_roles import WAIT_S, Transport, running, worker_process


def test_a_worker_that_is_killed_and_another_that_takes_its_job(
    transport: Transport, place: Place, tmp_path: Path
) -> None:
    """Killed when the file is made and stored and its answer is not given: the next one answers."""
    generation = place.authorize(transport.instance)
    settings, folder = transport.settings, tmp_path / "first"
    with running(transport.relay(), transport.finisher()):
        with worker_process(place, settings, folder, kill="put_before_finished") as process:
            assert process.wait(WAIT_S) == -signal.SIGKILL
        assert topics(transport.instance, f"job:{generation}") == AUTHORIZED
        with worker_process(place, settings, tmp_path / "second"):
            transport.wait(generation)
    check_completed(transport, generation)


def test_a_long_job_keeps_its_partition_and_others_go_on(
    transport: Transport, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than a member may be silent: it is not, so nobody takes the job away."""
    monkeypatch.setitem(_TAKING, "max_poll_interval_ms", 3_000)
    begun = threading.Event()
    with running(transport.relay(), transport.finisher()):
        generation = place.authorize(transport.instance)
        with running(transport.worker(tmp_path / "slow", backend=Patient(begun))):
            assert begun.wait(WAIT_S)
            others = [place.authorize(transport.instance) for _ in range(3)]
            with running(transport.worker(tmp_path / "quick")):
                threading.Event().wait(7.0)
                assert topics(transport.instance, f"job:{generation}") == AUTHORIZED
        # The slow one was told to stop, and left its job to whoever comes.
        with running(transport.worker(tmp_path / "next")):
            transport.wait(generation, *others)
    check_completed(transport, generation, *others)
