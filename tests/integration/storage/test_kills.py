"""The process is killed between any two steps; what was acknowledged is there, once."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from ledger.storage.errors import OlderCopy
from ledger.storage.killpoints import VARIABLE
from tests.support.patience import PATIENCE_S
from tests.support.postgres_server import (
    database_name,
    drop_database,
    fresh_database,
    shared_server,
)
from tests.support.soundness import check_answered, check_sound
from tests.support.storage_process import commands
from tests.support.storage_world import LogWorld, check_answer

ROOT = Path(__file__).parents[3]
POINTS = (
    "before_commit",
    "after_commit_before_register",
    "in_register_before_write",
    "after_register_before_visible_head",
    "after_visible_head_before_answer",
)
SHOWN = {"after_register_before_visible_head", "after_visible_head_before_answer"}
"""Points at which the register has accepted what the process was killed over."""


def run(
    folder: Path, first: int, last: int, **environment: str
) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "tests.support.storage_process", folder, first, last]
    return subprocess.run(  # noqa: S603 - our own module
        [str(argument) for argument in arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def copy_of(world: LogWorld) -> str:
    """Return a copy of the log's database, as a backup would be."""
    if world.url is None:
        older = world.folder / "older.db"
        shutil.copy(world.file, older)
        return str(older)
    return fresh_database(database_name(world.url))


def put_back(world: LogWorld, older: str) -> None:
    """Put a copy in place of the log's database."""
    if world.url is None:
        for left_over in world.file.parent.iterdir():
            left_over.unlink()
        shutil.copy(older, world.file)
    else:
        drop_database(world.url)
        with psycopg.connect(shared_server(), autocommit=True) as connection:
            names = f"{database_name(older)} RENAME TO {database_name(world.url)}"
            connection.execute(f"ALTER DATABASE {names}")


def acknowledged(output: str) -> dict[str, int]:
    return {line.split()[0]: int(line.split()[1]) for line in output.splitlines()}


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, time: int, world: LogWorld, tmp_path: Path) -> None:
    world.create().close()
    finished = run(tmp_path, 1, 4)
    assert finished.returncode == 0, finished.stderr
    before = acknowledged(finished.stdout)
    older = copy_of(world)

    killed = run(tmp_path, 5, 16, **{VARIABLE: f"{point}:{time}"})
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    answered = {**before, **acknowledged(killed.stdout)}
    assert len(answered) < 16

    with world.open() as log:
        check_sound(log)
        check_answered(log, answered)
        # Whoever has no answer asks again, with the same ids, and so does who has one.
        everything = commands(world, 1, 16)
        futures = [log.submit(one) for one in everything]
        for one, future in zip(everything, futures, strict=True):
            answer = check_answer(future.result(60), one.events)
            assert answer.positions[0] == answered.get(one.command_id, answer.positions[0])
        check_sound(log)
        with log.snapshot() as reader:
            assert reader.bound == sum(len(one.events) for one in everything)

    # A copy from before, put in place of the newest one, does not start.
    put_back(world, older)
    with pytest.raises(OlderCopy, match="older copy"):
        world.open()


@pytest.mark.parametrize("point", POINTS)
def test_what_was_accepted_is_shown_after_the_restart(
    point: str, world: LogWorld, tmp_path: Path
) -> None:
    world.create().close()
    killed = run(tmp_path, 1, 1, **{VARIABLE: point})
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout == ""
    assert world.register().held().size == (2 if point in SHOWN else 0)
    with world.open() as log, log.snapshot() as reader:
        # Committed and never accepted becomes visible here, after the proof; uncommitted never.
        assert reader.bound == (0 if point == "before_commit" else 2)
        assert world.register().held().size == reader.bound


def test_a_point_that_is_not_reached_kills_nobody(world: LogWorld, tmp_path: Path) -> None:
    world.create().close()
    finished = run(tmp_path, 1, 2, **{VARIABLE: "nowhere"})
    assert finished.returncode == 0, finished.stderr
    assert len(acknowledged(finished.stdout)) == 2


def test_killed_with_much_in_the_write_ahead_log_that_is_not_in_the_file(
    file_world: LogWorld, tmp_path: Path
) -> None:
    """More than SQLite's own measure: what was acknowledged is in the write-ahead log alone."""
    file_world.create().close()
    size = file_world.file.stat().st_size
    killed = run(tmp_path, 1, 600, **{VARIABLE: "after_visible_head_before_answer:160"})
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    answered = acknowledged(killed.stdout)
    assert len(answered) > 300
    assert file_world.file.stat().st_size == size
    assert file_world.file.with_name(f"{file_world.file.name}-wal").stat().st_size > 1_000 * 4_096
    with file_world.open() as log:
        check_sound(log)
        check_answered(log, answered)
