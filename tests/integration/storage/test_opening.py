"""Opening a log: what is held by another, misplaced, older, foreign or damaged says so."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.storage.errors import (
    AlreadyHeld,
    Damaged,
    OlderCopy,
    RegisterLost,
    RegisterMisplaced,
    RegisterRefused,
)
from ledger.storage.lock import ProcessLock, lock_path, read_holder
from ledger.storage.register import FileRegister
from tests.support.storage_world import LOG_KEY, LogWorld

ROOT = Path(__file__).parents[3]
STARTED = datetime(2026, 11, 22, 8, tzinfo=UTC)


def append(world: LogWorld, *names: str) -> None:
    with world.open() as log:
        for name in names:
            log.submit(world.command(name)).result(60)


@pytest.fixture
def world(tmp_path: Path) -> LogWorld:
    made = LogWorld(tmp_path)
    made.create().close()
    return made


class TestTheLock:
    def test_a_second_process_is_told_which_one_holds_the_file(self, world: LogWorld) -> None:
        holder = hold(world, "http://127.0.0.1:8000")
        try:
            with pytest.raises(AlreadyHeld) as error:
                world.open()
            sentence = str(error.value)
            assert f"process {holder.pid} on {socket.gethostname()}" in sentence
            assert "it answers at http://127.0.0.1:8000" in sentence
            assert "since 2026-11-22T08:00:00" in sentence
            assert error.value.pid == holder.pid
            assert error.value.url == "http://127.0.0.1:8000"
            assert read_holder(world.file)["url"] == error.value.url
        finally:
            end(holder, signal.SIGKILL)
        # Killed, it had no time to clean up; the system has dropped its lock.
        append(world, "a")

    def test_the_same_process_cannot_open_it_twice_either(self, world: LogWorld) -> None:
        expected = f"process {os.getpid()} on .*stop it first"
        with world.open(), pytest.raises(AlreadyHeld, match=expected):
            world.open()
        assert read_holder(world.file) == {}

    def test_a_lock_file_without_a_lock_says_nothing(self, world: LogWorld) -> None:
        lock_path(world.file).write_text('{"pid": 1}\n')
        append(world, "a")

    def test_a_holder_that_has_written_nothing_readable_is_another_process(
        self, world: LogWorld
    ) -> None:
        with world.open():
            lock_path(world.file).write_bytes(b'{"pid": 1')
            with pytest.raises(AlreadyHeld, match="held by another process"):
                world.open()

    # Forking beside threads is what Python 3.12 warns of, and what a careless caller does.
    @pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
    def test_a_child_that_outlives_us_does_not_keep_the_lock(self, tmp_path: Path) -> None:
        held = ProcessLock(tmp_path / "log.db", started=STARTED)
        reading, writing = os.pipe()
        ready, tells = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover  # it only waits until its parent has looked
            os.write(tells, b".")
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
        os.close(reading)
        try:
            assert os.read(ready, 1) == b"."
            held.forget()  # as if we had died: the system closes what we held, nothing unlocks it
            ProcessLock(tmp_path / "log.db", started=STARTED).release()
        finally:
            for end_of_pipe in (writing, ready, tells):
                os.close(end_of_pipe)
            os.waitpid(child, 0)

    def test_nor_does_one_that_shares_it_still(self, tmp_path: Path) -> None:
        """Between its fork and its first instruction a child has our handle: as this second one."""
        held = ProcessLock(tmp_path / "log.db", started=STARTED)
        shared = os.dup(held._file)
        try:
            held.release()
            ProcessLock(tmp_path / "log.db", started=STARTED).release()
        finally:
            os.close(shared)


class TestTheRegister:
    def test_an_older_copy_is_refused(self, world: LogWorld, tmp_path: Path) -> None:
        append(world, "a")
        shutil.copy(world.file, tmp_path / "backup.db")
        append(world, "b")
        shutil.copy(tmp_path / "backup.db", world.file)
        with pytest.raises(OlderCopy, match="has seen 2 entries and this file holds 1"):
            world.open()

    def test_another_history_of_the_same_length_is_refused(
        self, world: LogWorld, tmp_path: Path
    ) -> None:
        append(world, "a")
        shutil.copy(world.file, tmp_path / "backup.db")
        append(world, "b")
        other = LogWorld(tmp_path / "other")
        shutil.copy(tmp_path / "backup.db", other.file)
        FileRegister.create(other.register_path, (LOG_KEY.verifier,))
        append(other, "c")
        shutil.copy(other.file, world.file)
        with pytest.raises(RegisterRefused, match="other roots"):
            world.open()
        append(other, "d")
        shutil.copy(other.file, world.file)
        with pytest.raises(RegisterRefused, match="another newer root"):
            world.open()

    def test_a_lost_register_is_refused_and_the_file_is_free_again(self, world: LogWorld) -> None:
        append(world, "a")
        world.register_path.unlink()
        for _ in range(2):
            with pytest.raises(RegisterLost, match="seed it again"):
                world.open()

    def test_it_may_not_lie_in_the_data_folder(self, world: LogWorld) -> None:
        inside = world.file.parent / "backed-up-too" / "log.register"
        inside.parent.mkdir()
        register = FileRegister.create(inside, (LOG_KEY.verifier,))
        with pytest.raises(RegisterMisplaced, match="put it elsewhere"):
            world.open(register=register)


class TestTheFile:
    def test_a_missing_one_is_not_made_silently(self, tmp_path: Path) -> None:
        world = LogWorld(tmp_path)
        FileRegister.create(world.register_path, (LOG_KEY.verifier,))
        with pytest.raises(FileNotFoundError, match="liner init"):
            world.open()
        assert list(world.file.parent.iterdir()) == []

    def test_creating_over_a_log_opens_it(self, world: LogWorld) -> None:
        world.open(create=True).close()

    def test_something_else_is_not_taken_for_a_log(self, world: LogWorld) -> None:
        forget(world)
        world.file.write_bytes(b"not a database" * 100)
        with pytest.raises(Damaged, match="damaged"):
            world.open()

    def test_the_database_of_another_program_is_left_alone(self, world: LogWorld) -> None:
        forget(world)
        with sqlite3.connect(world.file) as other:
            other.execute("CREATE TABLE theirs (x)")
        other.close()
        with pytest.raises(Damaged, match="not one of a ledger"):
            world.open()

    def test_a_later_version_is_not_written_to(self, world: LogWorld) -> None:
        change(world, "INSERT INTO migrations VALUES ('99.00.00_01_pre_future')")
        with pytest.raises(Damaged, match=r"later version.*99\.00\.00"):
            world.open()

    @pytest.mark.parametrize(
        ("statement", "why"),
        [
            ("UPDATE state SET root = zeroblob(32)", "do not give the root"),
            ("UPDATE state SET size = 3", "says 3 entries"),
            ("UPDATE state SET size = 1, visible = 1", "says 1 entries"),
            ("DELETE FROM tiles", "not those of 2 entries"),
            ("UPDATE tiles SET hashes = zeroblob(64)", "do not give the root"),
        ],
    )
    def test_a_changed_row_is_noticed(self, world: LogWorld, statement: str, why: str) -> None:
        append(world, "a", "b")
        change(world, statement)
        with pytest.raises(Damaged, match=why):
            world.open()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE events SET data = x'00' WHERE position = 1",
            "DELETE FROM events",
            "UPDATE statements SET statement = x'00'",
            "DELETE FROM statements",
        ],
    )
    def test_the_log_does_not_let_itself_be_changed_by_a_slip(
        self, world: LogWorld, statement: str
    ) -> None:
        append(world, "a", "b")
        with pytest.raises(sqlite3.IntegrityError, match=r"append-only|byte for byte"):
            change(world, statement)


def forget(world: LogWorld) -> None:
    for file in world.file.parent.iterdir():
        file.unlink()


def change(world: LogWorld, statement: str) -> None:
    connection = sqlite3.connect(world.file)
    try:
        connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


def hold(world: LogWorld, url: str) -> subprocess.Popen[str]:
    folder = world.folder
    holder = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.support.storage_process", str(folder), "hold", url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def end(process: subprocess.Popen[str], number: int) -> None:
    process.send_signal(number)
    process.communicate(timeout=60)
