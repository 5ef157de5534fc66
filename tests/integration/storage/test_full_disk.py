"""No room, or a device that fails: an end with a name, and nothing half-written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from eventsourcing.dcb.api import DCBEvent

from ledger.storage.errors import StorageFull
from ledger.storage.opening import Storage
from ledger.storage.records import Committed
from tests.support.patience import PATIENCE_S
from tests.support.storage_process import commands
from tests.support.storage_world import LogWorld, check_answer, sqlite

ROOT = Path(__file__).parents[3]


def pages(log: Storage, limit: int) -> None:
    store = sqlite(log)
    with store._write_lock:
        store._writing.execute(f"PRAGMA max_page_count = {limit}")


def test_a_database_that_may_not_grow_refuses_and_goes_on_when_it_may(
    file_log: Storage, file_world: LogWorld
) -> None:
    log, world = file_log, file_world
    log.submit(world.command("before")).result(60)
    used = sqlite(log)._writing.execute("PRAGMA page_count").fetchone()[0]
    pages(log, used + 4)
    large = [DCBEvent("A", bytes(60_000), ["rights:rec_1", "about:pty_1"])] * 3
    for _ in range(3):
        with pytest.raises(StorageFull, match="nothing was appended"):
            log.recorder.append(large)
    with log.snapshot(committed=True) as reader:
        assert (reader.bound, reader.head().size) == (1, 1)
        assert reader.last_position("about:pty_1") == 0
        assert reader.entry(2) is None
    small = world.command("small")
    assert check_answer(log.submit(small).result(60), small.events).positions == (2,)
    pages(log, 1_000_000)
    assert log.recorder.append(large) == 5


@pytest.mark.parametrize("room_kib", [150, 200, 300, 410])
def test_a_full_disk_has_a_named_end_and_loses_nothing(file_world: LogWorld, room_kib: int) -> None:
    world = file_world
    world.create().close()
    folder = world.folder
    ended = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.support.storage_disk", str(folder), str(room_kib * 1024)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert ended.returncode == 0, ended.stderr
    *answered, end = ended.stdout.splitlines()
    assert end.split(":")[0] in {"StorageFull", "CommitUnknown"}, end
    with world.open() as log:
        again = commands(world, 1, len(answered) + 1)
        futures = [log.submit(one) for one in again]
        answers = [
            check_answer(f.result(60), c.events) for f, c in zip(futures, again, strict=True)
        ]
        assert all(answer.replayed for answer in answers[: len(answered)])
        last = answers[-1]
        assert isinstance(last, Committed)
        with log.snapshot() as reader:
            assert reader.bound == last.positions[-1] == sum(len(one.events) for one in again)
