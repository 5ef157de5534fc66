"""Several processes on one log: they write behind one head, and see what the others have done."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from ledger.storage import following
from ledger.storage.errors import OlderCopy
from ledger.storage.killpoints import VARIABLE
from ledger.storage.opening import LogReading, Storage
from ledger.storage.postgres.database import ServerDatabase
from ledger.storage.roles import Role
from tests.support.patience import PATIENCE_S, until
from tests.support.postgres_behind import end_connections
from tests.support.soundness import check_sound
from tests.support.storage_process import commands
from tests.support.storage_world import MASTER_KEY, LogWorld, check_answer
from tests.support.witness_servers import running

ROOT = Path(__file__).parents[3]
WAIT_S = PATIENCE_S
EACH = 12
SELECT_MAX = 1023


@pytest.fixture(params=["register file", "register service"])
def shared(request: pytest.FixtureRequest, server_world: LogWorld) -> Iterator[LogWorld]:
    """A log on a server, its register a file or a service."""
    server_world.create().close()
    if request.param == "register file":
        yield server_world
    else:
        with running(server_world.folder, "register") as (service,):
            server_world.use_register(f"{service.url}/#{service.vkey}")
            yield server_world


@contextmanager
def appending(
    world: LogWorld, first: int, last: int, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603 - our own module
        [
            *(sys.executable, "-m", "tests.support.storage_process"),
            *(str(world.folder), str(first), str(last)),
        ],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_what_several_processes_were_answered_is_there_once_and_in_one_tree(
    shared: LogWorld,
) -> None:
    with (
        appending(shared, 1, EACH) as one,
        appending(shared, EACH + 1, 2 * EACH) as two,
        appending(shared, 2 * EACH + 1, 3 * EACH) as three,
    ):
        said = [process.communicate(timeout=WAIT_S)[0] for process in (one, two, three)]
        assert [process.returncode for process in (one, two, three)] == [0, 0, 0]
    answered = dict(line.split() for text in said for line in text.splitlines())
    assert len(answered) == 3 * EACH
    everything = commands(shared, 1, 3 * EACH)
    with shared.open() as log:
        check_sound(log)
        for prepared in everything:
            answer = check_answer(log.submit(prepared).result(WAIT_S), prepared.events)
            assert answer.replayed
            assert answer.positions[0] == int(answered[prepared.command_id])
        with log.snapshot() as reader:
            assert reader.bound == sum(len(prepared.events) for prepared in everything)
    with closing(shared.register()) as register:
        assert register.held().size == reader.bound


def test_two_writers_in_turn_go_on_from_each_others_tree(shared: LogWorld) -> None:
    with shared.open() as one, shared.open() as two:
        for n in range(6):
            prepared = shared.command(f"c{n}", tags=[["rights:rec_1"], []])
            answer = check_answer((one, two)[n % 2].submit(prepared).result(60), prepared.events)
            assert answer.positions == (2 * n + 1, 2 * n + 2)
        for log in (one, two):
            check_sound(log)


@pytest.mark.parametrize(
    "point", ["after_commit_before_register", "after_register_before_visible_head"]
)
class TestLeftBehind:
    """A process is killed over entries that it has committed and not shown."""

    @pytest.fixture(autouse=True)
    def nobody_looks_yet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(following, "LEFT_BEHIND_S", 10 * WAIT_S)

    def test_the_next_batch_of_another_shows_them(self, point: str, shared: LogWorld) -> None:
        with shared.open() as log:
            self.kill_one(point, shared, log)
            prepared = shared.command("next")
            check_answer(log.submit(prepared).result(60), prepared.events)
            check_sound(log)

    def test_who_asks_again_gets_the_answer(self, point: str, shared: LogWorld) -> None:
        with shared.open() as log:
            self.kill_one(point, shared, log)
            (prepared,) = commands(shared, 1, 1)
            assert check_answer(log.submit(prepared).result(60), prepared.events).replayed
            check_sound(log)

    def test_where_nobody_asks_they_are_shown_all_the_same(
        self, point: str, shared: LogWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with shared.open() as log:
            self.kill_one(point, shared, log)
            monkeypatch.setattr(following, "LEFT_BEHIND_S", 0.1)
            until(lambda: log.visible.position == 2)
            check_sound(log)

    @staticmethod
    def kill_one(point: str, world: LogWorld, log: Storage) -> None:
        with appending(world, 1, 1, **{VARIABLE: point}) as killed:
            assert killed.wait(WAIT_S) == -signal.SIGKILL
        with log.snapshot() as reader:
            assert (reader.bound, reader.head().size) == (0, 2)


def test_a_move_is_heard_by_who_writes_and_by_who_only_reads(server_world: LogWorld) -> None:
    server_world.create().close()
    assert server_world.url is not None
    with (
        server_world.open() as one,
        server_world.open() as two,
        LogReading(server_world.url, master_key=MASTER_KEY) as reading,
    ):
        one.submit(server_world.command("a")).result(60)
        assert two.visible.wait_beyond(0, WAIT_S) == 1
        assert reading.visible.wait_beyond(0, WAIT_S) == 1
        with reading.snapshot() as reader:
            assert reader.bound == 1
        assert reading.answer_again("cmd_a") is not None


@pytest.fixture
def many_open_files() -> Iterator[None]:
    """Hold so many descriptors that the next ones are beyond what `select` knows."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 2 * SELECT_MAX), before[1]))
    with ExitStack() as stack, Path(os.devnull).open("rb") as nothing:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        while (one := os.dup(nothing.fileno())) <= SELECT_MAX:
            stack.callback(os.close, one)
        stack.callback(os.close, one)
        yield


@pytest.mark.usefixtures("many_open_files")
def test_a_process_with_a_thousand_clients_hears_of_the_others_too(server_world: LogWorld) -> None:
    """What follows is a thread: where a descriptor ended it, the timer would be gone with it."""
    server_world.create().close()
    with server_world.open() as one, server_world.open() as two:
        for n in range(1, 4):
            one.submit(server_world.command(f"c{n}")).result(WAIT_S)
            assert two.visible.wait_beyond(n - 1, WAIT_S) == n


@pytest.mark.parametrize("word", ["nothing", "999999", "9" * 7_000])
def test_a_false_word_moves_nothing_and_ends_nothing(server_world: LogWorld, word: str) -> None:
    """Whoever may connect to a database may say words there."""
    server_world.create().close()
    assert server_world.url is not None
    with server_world.open() as one, server_world.open() as two:
        with psycopg.connect(server_world.url, autocommit=True) as somebody:
            somebody.execute("SELECT pg_notify('linernotes_visible', %s)", [word])
        for n in range(1, 4):
            one.submit(server_world.command(f"c{n}")).result(WAIT_S)
            assert two.visible.wait_beyond(n - 1, WAIT_S) == n
        time.sleep(2 * following.LOOK_AGAIN_S)  # each has looked at the row meanwhile
        for log, n in ((one, 4), (two, 5)):
            log.submit(server_world.command(f"c{n}")).result(WAIT_S)


def test_a_file_is_followed_by_who_only_reads(file_world: LogWorld) -> None:
    with file_world.create() as log, LogReading(file_world.file, master_key=MASTER_KEY) as reading:
        log.submit(file_world.command("a")).result(60)
        assert reading.visible.wait_beyond(0, WAIT_S) == 1


def test_a_database_that_has_fallen_behind_what_was_shown_ends_who_writes(
    server_world: LogWorld,
) -> None:
    """Soon, and without anybody who writes."""
    with server_world.create() as log:
        log.submit(server_world.command("a")).result(WAIT_S)
        log.visible.advance(2)  # as another process would have said before the change
        until(lambda: log.visible.is_closed)
        with pytest.raises(OlderCopy, match="shown and the database holds 1"):
            log.writer.check_alive()


def test_a_database_that_has_fallen_behind_what_was_shown_is_not_written_to(
    server_world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a standby that was promoted before it had everything, and before anybody has looked."""
    monkeypatch.setattr(following, "LOOK_AGAIN_S", 10 * WAIT_S)
    with server_world.create() as log:
        log.submit(server_world.command("a")).result(60)
        log.visible.advance(2)  # as another process would have said before the change
        with pytest.raises(OlderCopy, match="shown and the database holds 1"):
            log.submit(server_world.command("b")).result(60)
        with log.snapshot(committed=True) as reader:
            assert reader.bound == 1


class TestRoles:
    """One process has a role, the others wait for it."""

    def test_one_has_it_and_the_next_gets_it_when_it_is_given_back(
        self, server_world: LogWorld
    ) -> None:
        assert server_world.url is not None
        database = ServerDatabase(server_world.url)
        one, two, other = database.role("relay"), database.role("relay"), database.role("finisher")
        assert one.wait(never)
        assert other.wait(never)
        assert not two.wait(after(two_questions()))
        assert (one.is_held(), two.is_held()) == (True, False)
        waiter = threading.Thread(target=two.wait, args=(never,))
        waiter.start()
        one.close()
        waiter.join(WAIT_S)
        assert (one.is_held(), two.is_held(), other.is_held()) == (False, True, True)
        for role in (two, other):
            role.close()

    def test_who_loses_its_connection_notices_and_stays_without(
        self, server_log: Storage, server_world: LogWorld
    ) -> None:
        role = server_log.role("relay")
        assert role.wait(never)
        end_connections(server_world.url)
        assert not role.is_held()
        assert not role.is_held()
        role.close()

    def test_in_a_file_one_process_has_them_all(self, file_log: Storage) -> None:
        role: Role = file_log.role("relay")
        assert role.wait(never)
        assert role.is_held()
        assert not file_log.role("relay").wait(lambda: True)
        role.close()


def never() -> bool:
    return False


def two_questions() -> Iterator[bool]:
    yield from (False, False, True)


def after(answers: Iterator[bool]) -> Callable[[], bool]:
    return lambda: next(answers)
