"""Nothing leaves before the register has accepted it, and nothing is lost when it does not."""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from eventsourcing.dcb.api import DCBQuery

from ledger.storage.errors import Fatal, RegisterRefused, RegisterSilent
from ledger.storage.records import Committed, SubjectOpening
from ledger.storage.register import FileRegister
from schemas.commitments import Opening
from tests.support.storage_world import LOG_KEY, LogWorld, check_answer


class SlowRegister(FileRegister):
    """A register at the far end of a slow line: it answers when the test lets it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, (LOG_KEY.verifier,))
        self.asked = threading.Event()
        self.may_answer = threading.Event()

    def update(self, *, old_size: int, proof: Sequence[bytes], note: str) -> None:
        self.asked.set()
        assert self.may_answer.wait(60)
        super().update(old_size=old_size, proof=proof, note=note)


class DeadRegister(FileRegister):
    """A register whose line is cut, before or after it has taken the checkpoint."""

    def __init__(self, path: Path, *, has_heard: bool) -> None:
        super().__init__(path, (LOG_KEY.verifier,))
        self.has_heard = has_heard

    def update(self, *, old_size: int, proof: Sequence[bytes], note: str) -> None:
        if self.has_heard:
            super().update(old_size=old_size, proof=proof, note=note)
        raise RegisterSilent("no answer")


@pytest.mark.interop(28)
def test_a_committed_entry_is_invisible_until_the_register_accepts(world: LogWorld) -> None:
    world.create().close()
    register = SlowRegister(world.register_path)
    with world.open(register=register) as log:
        prepared = world.command("a", tags=[["rights:rec_1"], ["rights:rec_1"]])
        future = log.submit(prepared)
        assert register.asked.wait(60)
        with log.snapshot() as reader:
            assert (reader.bound, reader.visible_head(), reader.head().size) == (0, 0, 2)
            assert reader.entry(1) is None
            assert reader.read_after(0, 10) == []
            assert list(reader.events("rights:rec_1")) == []
            assert reader.last_position("rights:rec_1") == 0
            assert list(reader.positions(DCBQuery())) == []
            assert reader.command("cmd_a") is None
            assert reader.position_of("evt_a_0") is None
            assert reader.statement(hashlib.sha256(prepared.statement).digest(), 1) is None
            assert reader.position_at(world.clock()) == 0
            assert reader.read_tile(0, 0, 2) == b""
            assert reader.checkpoint(2) is None
            assert reader.last_checkpoint() is None
            assert reader.openings("evt_a_0") == ()
        assert list(log.recorder.read()) == []
        with log.snapshot(committed=True) as reader:
            assert reader.bound == 2
            assert reader.last_position("rights:rec_1") == 2
            command = reader.command("cmd_a")
            assert command is not None
            assert command.positions == (1, 2)
        assert not future.done()
        register.may_answer.set()
        check_answer(future.result(60), prepared.events)
        with log.snapshot() as reader:
            assert reader.bound == 2


def test_a_snapshot_does_not_move_when_the_log_does(world: LogWorld) -> None:
    with world.create() as log:
        log.submit(world.command("a")).result(60)
        with log.snapshot() as reader:
            log.submit(world.command("b")).result(60)
            assert (reader.bound, reader.head().size) == (1, 1)
            assert [entry.event_id for entry in reader.events("rights:rec_1")] == ["evt_a_0"]
        with pytest.raises(ValueError, match="ended"):
            reader.entry(1)


@pytest.mark.parametrize("has_heard", [False, True], ids=["before", "after"])
def test_a_dead_register_stops_committing_and_nothing_leaves(
    world: LogWorld, *, has_heard: bool
) -> None:
    world.create().close()
    prepared = world.command("a")
    with world.open(register=DeadRegister(world.register_path, has_heard=has_heard)) as log:
        with pytest.raises(RegisterSilent):
            log.submit(prepared).result(60)
        with pytest.raises(Fatal):
            log.submit(world.command("b"))
        with pytest.raises(Fatal):
            log.recorder.append(prepared.events)
        with log.snapshot() as reader:
            assert reader.bound == 0
        with pytest.raises(StopIteration):
            next(log.recorder.subscribe())
    with world.open() as log:
        answer = log.submit(prepared).result(60)
        assert isinstance(answer, Committed)
        assert answer.replayed
        assert check_answer(answer, prepared.events).positions == (1,)
        assert world.register().held().size == 1


def test_another_history_in_the_register_is_refused_and_stays_invisible(tmp_path: Path) -> None:
    ours, theirs = LogWorld(tmp_path / "ours"), LogWorld(tmp_path / "theirs")
    with theirs.create() as log:
        log.submit(theirs.command("a")).result(60)
        with ours.create() as other:
            theirs.register_path.replace(ours.register_path)
            with pytest.raises(RegisterRefused):
                other.submit(ours.command("b")).result(60)
            with other.snapshot() as reader:
                assert reader.bound == 0


def test_everybody_who_waits_is_woken(world: LogWorld) -> None:
    rung = threading.Event()
    with world.create() as log:
        log.visible.listen(rung.set)
        waiter = threading.Thread(target=log.visible.wait_beyond, args=(0, 60))
        waiter.start()
        log.visible.wake()
        log.submit(world.command("a")).result(60)
        waiter.join(60)
        assert not waiter.is_alive()
        assert rung.is_set()
        assert log.visible.wait_beyond(0, 0) == 1


def test_an_opening_waits_for_the_register_like_its_entry(world: LogWorld) -> None:
    world.create().close()
    opening = SubjectOpening("evt_a_0", "pty_1", Opening("/name", b"s" * 16, "Anna"))
    with world.open(register=DeadRegister(world.register_path, has_heard=False)) as log:
        with pytest.raises(RegisterSilent):
            log.submit(world.command("a", openings=[opening])).result(60)
        with log.snapshot() as reader:
            assert reader.openings("evt_a_0") == ()
    with world.open() as log, log.snapshot() as reader:
        assert reader.openings("evt_a_0") == (opening.opening,)
