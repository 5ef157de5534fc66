"""The server is killed, or its line is cut in a commit: nothing answered is lost or doubled."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.storage.errors import CommitUnknown, Fatal
from ledger.storage.opening import Storage
from schemas.refusals import Conflict
from tests.support.postgres_line import Line
from tests.support.postgres_server import PostgresServer
from tests.support.soundness import check_answered, check_sound
from tests.support.storage_process import commands
from tests.support.storage_world import LogWorld, check_answer

WAIT_S = 60.0
THREADS = 4
EACH = 40


@pytest.mark.parametrize("before", [0, 1, 2])
@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_line_that_is_cut_in_a_commit_ends_this_process_and_loses_nothing(
    server_world: LogWorld, cut: str, before: int
) -> None:
    """In a batch that was placed under the lock, the first, and in those that take no lock."""
    *answered, lost, late = commands(server_world, 1, before + 2)
    assert server_world.url is not None
    with Line(server_world.url) as line:
        server_world.database = line.url
        with server_world.create() as log:
            for one in answered:
                check_answer(log.submit(one).result(WAIT_S), one.events)
            line.cut = cut
            with pytest.raises(CommitUnknown, match="outcome of a commit is not known"):
                log.submit(lost).result(WAIT_S)
            line.cut = None
            # It may be there or not: this process says nothing more.
            with pytest.raises(CommitUnknown):
                log.submit(late)
            assert log.visible.is_closed
    server_world.database = server_world.url
    with server_world.open() as log:
        check_sound(log)
        with log.snapshot() as reader:
            assert (reader.command(lost.command_id) is not None) == (cut == "after")
        answer = check_answer(log.submit(lost).result(WAIT_S), lost.events)
        assert answer.replayed == (cut == "after")
        assert answer.positions[0] == sum(len(one.events) for one in answered) + 1
        check_sound(log)


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    server = PostgresServer(durable=True)
    yield server
    server.close()


def submit_all(log: Storage, world: LogWorld, number: int, said: dict[str, int]) -> None:
    """Submit this thread's commands until one of them is not answered."""
    first = number * EACH + 1
    for one in commands(world, first, first + EACH - 1):
        try:
            answer = check_answer(log.submit(one).result(WAIT_S), one.events)
        except (Fatal, Conflict):
            return
        said[one.command_id] = answer.positions[0]


def test_a_server_that_is_killed_under_load_has_all_that_was_answered(
    durable: PostgresServer, tmp_path: Path
) -> None:
    world = LogWorld(tmp_path, durable.url())
    said: dict[str, int] = {}
    log = world.create()
    for kill_after in (5, 30, 70):
        with log:
            threads = [
                threading.Thread(target=submit_all, args=(log, world, number, said))
                for number in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            while len(said) < kill_after and any(thread.is_alive() for thread in threads):
                threading.Event().wait(0.001)
            durable.kill()
            for thread in threads:
                thread.join(WAIT_S)
        durable.start()
        log = world.open()
        check_sound(log)
        check_answered(log, said)
    with log:
        everything = commands(world, 1, THREADS * EACH)
        for one in everything:
            answer = check_answer(log.submit(one).result(WAIT_S), one.events)
            assert answer.positions[0] == said.get(one.command_id, answer.positions[0])
        check_sound(log)
        with log.snapshot() as reader:
            assert reader.bound == sum(len(one.events) for one in everything)
