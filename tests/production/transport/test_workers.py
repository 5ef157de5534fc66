"""Workers as processes: killed in mid-job, and busy for longer than a member may be silent."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from generation.broker import _TAKING
from generation.consumer import GROUP
from tests.integration.thread.liars import Patient
from tests.kit.instance import Place
from tests.kit.sound import topics
from tests.production.transport.test_generation import AUTHORIZED, check_completed
from tests.support.patience import until
from tests.support.transport_roles import (
    WAIT_S,
    Transport,
    members,
    one_of_each_partition,
    running,
    worker_process,
)


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


class Counted(threading.Event):
    """How many renderings have begun."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def set(self) -> None:
        """Count one."""
        self.count += 1
        super().set()


def test_a_long_job_keeps_its_partition(
    transport: Transport, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers, busy for longer than a member may be silent: neither gets the other's job."""
    monkeypatch.setitem(_TAKING, "max_poll_interval_ms", 5_000)
    begun = Counted()
    with running(transport.relay(), transport.finisher()):
        slow = [transport.worker(tmp_path / name, backend=Patient(begun)) for name in ("1", "2")]
        with running(*slow):
            until(lambda: members(transport.settings, GROUP) == 2)
            # One in each partition, so that there is one at least for each worker.
            generations = one_of_each_partition(transport.settings)
            for generation in generations:
                place.authorize(transport.instance, generation=generation)
            until(lambda: begun.count == 2)
            threading.Event().wait(12.0)
            assert begun.count == 2
            until(lambda: members(transport.settings, GROUP) == 2)
            assert begun.count == 2
        # They were told to stop, and left their jobs to whoever comes.
        with running(transport.worker(tmp_path / "next")):
            transport.wait(*generations)
    check_completed(transport, *generations)
