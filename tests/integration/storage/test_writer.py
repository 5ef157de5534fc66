"""The group-commit writer: what happens to each command, and never to its neighbors."""

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from eventsourcing.dcb.api import DCBEvent

from ledger.storage.contract import Reader
from ledger.storage.errors import Busy, ClockOff, Fatal
from ledger.storage.opening import Storage
from ledger.storage.records import Committed, Outcome, Prepared, Probe, SubjectOpening
from ledger.storage.writer import Result
from schemas.commitments import Opening
from schemas.envelope.entry import ENTRY_BYTES_MAX
from schemas.refusals import Conflict, Malformed
from tests.support.soundness import check_sound
from tests.support.storage_world import (
    LogWorld,
    SimulatedClock,
    check_answer,
    command,
    one_batch,
)


def commit(log: Storage, prepared: Prepared) -> Committed:
    return check_answer(log.submit(prepared).result(60), prepared.events)


def test_the_answer_proves_each_position_under_one_signed_checkpoint(
    log: Storage, world: LogWorld
) -> None:
    first = world.command("a", tags=(["rights:rec_1"], ["about:pty_1"]))
    second = world.command("b")
    assert commit(log, first).positions == (1, 2)
    assert commit(log, second).positions == (3,)


def test_a_batch_shares_one_checkpoint_and_keeps_the_order_of_arrival(
    log: Storage, world: LogWorld
) -> None:
    commands = [world.command(f"c{n}", tags=[[f"rights:rec_{n}"]] * (n % 3 + 1)) for n in range(40)]
    with one_batch(log, world):
        futures = [log.submit(one) for one in commands]
    answers = [check_answer(f.result(60), c.events) for f, c in zip(futures, commands, strict=True)]
    assert len({answer.note for answer in answers}) == 1
    positions = [position for answer in answers for position in answer.positions]
    assert positions == list(range(2, 2 + len(positions)))


def test_a_moved_scope_is_decided_again_on_what_the_same_batch_has_written(
    log: Storage, world: LogWorld
) -> None:
    seen: list[tuple[int, int, str]] = []

    def redecide(reader: Reader) -> Prepared:
        entry = reader.entry(reader.bound)
        assert entry is not None
        seen.append((reader.bound, reader.last_position("rights:rec_1"), entry.event_id or ""))
        return world.command("late", tags=[["rights:rec_2"]])

    with one_batch(log, world):
        early = log.submit(world.command("early", tags=[["rights:rec_1"]]))
        late = log.submit(world.command("late", guard={"rights:rec_1": 1}, redecide=redecide))
        other = log.submit(world.command("other", guard={"rights:rec_3": 0}))
    results = [one.result(60) for one in (early, late, other)]
    assert seen == [(2, 2, "evt_early_0")]
    assert [one.positions for one in results if isinstance(one, Committed)] == [(2,), (3,), (4,)]


def test_a_guard_that_still_holds_is_not_decided_again(log: Storage, world: LogWorld) -> None:
    commit(log, world.command("a", tags=[["rights:rec_1", "about:pty_1"]]))
    commit(log, world.command("b", guard={"rights:rec_1": 1, "rights:rec_9": 0}, tags=[["x"]]))


def test_what_concerns_somebody_moves_no_scope_but_is_found(log: Storage, world: LogWorld) -> None:
    commit(log, world.command("a", tags=[["about:pty_1"]]))
    with log.snapshot() as reader:
        assert reader.last_position("about:pty_1") == 1
    with log.store.transaction(Probe(scopes=["about:pty_1"])) as transaction:
        assert transaction.ground.scopes == {"about:pty_1": 0}


def test_an_answer_that_appends_nothing_leaves_no_trace(log: Storage, world: LogWorld) -> None:
    commit(log, world.command("a"))
    late = world.command("b", guard={"rights:rec_1": 0}, redecide=lambda _: Outcome("repeated"))
    assert log.submit(late).result(60) == Outcome("repeated")
    with log.snapshot() as reader:
        assert (reader.bound, reader.command("cmd_b")) == (1, None)


def test_refused_and_failing_commands_do_not_disturb_their_neighbors(
    log: Storage, world: LogWorld
) -> None:
    def refuse(_: Reader) -> Prepared:
        raise Conflict("scope_moved")

    def fail(_: Reader) -> Prepared:
        raise ZeroDivisionError

    def become_another(_: Reader) -> Prepared:
        return world.command("somebody-else")

    taken = world.command("taken")
    commit(log, taken)
    moved = {"rights:rec_1": 0}
    with one_batch(log, world):
        good = log.submit(world.command("good"))
        refused = log.submit(world.command("refused", guard=moved, redecide=refuse))
        failing = log.submit(world.command("failing", guard=moved, redecide=fail))
        foreign = log.submit(world.command("foreign", guard=moved, redecide=become_another))
        reused = log.submit(world.command("taken", content="something else"))
        event_reused = log.submit(replace(world.command("new"), event_ids=("evt_taken_0",)))
        last = log.submit(world.command("last"))
    assert isinstance(good.result(60), Committed)
    with pytest.raises(Conflict, match="scope_moved"):
        refused.result(60)
    with pytest.raises(ZeroDivisionError):
        failing.result(60)
    with pytest.raises(ValueError, match="another command"):
        foreign.result(60)
    with pytest.raises(Malformed, match="id_reused"):
        reused.result(60)
    with pytest.raises(Malformed, match="id_reused"):
        event_reused.result(60)
    answer = check_answer(last.result(60), world.command("last").events)
    assert answer.positions == (4,)
    with log.snapshot() as reader:
        assert reader.command("cmd_new") is None


def test_under_any_interleaving_each_decision_holds_at_its_place(
    log: Storage, world: LogWorld
) -> None:
    """Each event says what its decision had read; nothing may lie between that and itself."""
    scopes = ["rights:rec_1", "rights:rec_2", "terms:tariffs"]

    def decide(reader: Reader, name: str, tag: str) -> Prepared:
        read = {scope: reader.last_position(scope) for scope in scopes[: 1 + len(name) % 3]}
        prepared = world.command(
            name, guard=read, tags=[[tag]], redecide=lambda reader: decide(reader, name, tag)
        )
        return replace(prepared, events=(DCBEvent("Decided", json.dumps(read).encode(), [tag]),))

    def work(number: int) -> None:
        for n in range(25):
            with log.snapshot() as reader:
                prepared = decide(reader, f"{number}-{'x' * (n % 5)}-{n}", scopes[n % 3])
            log.submit(prepared).result(60)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = dict.fromkeys(scopes, 0)
    with log.snapshot() as reader:
        entries = reader.read_after(0, 1000)
    assert len(entries) == 200
    for entry in entries:
        for scope, read in json.loads(entry.data).items():
            assert last[scope] <= read < entry.position
        last[entry.tags[0]] = entry.position


def test_the_same_command_again_is_the_first_answer_again(log: Storage, world: LogWorld) -> None:
    prepared = world.command("a", tags=[["rights:rec_1"], ["rights:rec_2"]])
    with one_batch(log, world):
        futures = [log.submit(prepared) for _ in range(3)]
    first, *again = (check_answer(future.result(60), prepared.events) for future in futures)
    commit(log, world.command("b"))
    again.append(commit(log, prepared))
    found = log.answer_again("cmd_a")
    assert found is not None
    again.append(found)
    assert not first.replayed
    for answer in again:
        assert answer.replayed
        assert (answer.positions, answer.note) == (first.positions, first.note)
        assert answer.proofs == first.proofs
    with log.snapshot() as reader:
        assert reader.bound == 4


def test_an_old_decision_is_made_again(log: Storage, world: LogWorld) -> None:
    fresh = world.command("fresh")
    world.clock.advance(seconds=2)
    commit(log, fresh)
    stale = world.command("stale", redecide=lambda _: world.command("stale"))
    world.clock.advance(seconds=2, microseconds=1)
    commit(log, stale)
    with log.snapshot() as reader:
        last = reader.entry(2)
    assert last is not None
    assert last.time == world.clock()


def test_a_clock_a_minute_off_appends_nothing(world: LogWorld) -> None:
    ours = SimulatedClock()
    with world.create(clock=ours) as log:
        ours.advance(seconds=60)
        commit(log, command("a", recorded_at=ours()))
        ours.advance(microseconds=1)
        with pytest.raises(ClockOff):
            log.submit(command("b", recorded_at=ours())).result(60)
        world.clock.advance(hours=1)
        late = command("c", recorded_at=ours())
        with pytest.raises(ClockOff):
            log.submit(late).result(60)


def test_the_real_clocks_agree(world: LogWorld) -> None:
    with world.create(database_clock=None, clock=world.clock) as log:
        with log.store.transaction() as transaction:
            world.clock.now = transaction.ground.now
        commit(log, world.command("a"))


def test_time_never_falls_and_an_instant_maps_to_a_position(log: Storage, world: LogWorld) -> None:
    start = world.clock()
    for name, seconds in (("a", 0), ("b", 5), ("c", 3), ("d", 3), ("e", 9)):
        world.clock.now = start + timedelta(seconds=seconds)
        commit(log, world.command(name))
    with log.snapshot() as reader:
        times = [(entry.time - start).seconds for entry in reader.read_after(0, 9)]
        assert times == [0, 5, 5, 5, 9]
        at = [reader.position_at(start + timedelta(seconds=second)) for second in range(-1, 11)]
        assert at == [0, 1, 1, 1, 1, 1, 4, 4, 4, 4, 5, 5]
        assert reader.time() == start + timedelta(seconds=9)


def test_a_full_queue_says_busy_at_once(world: LogWorld) -> None:
    with world.create(queue_max=2) as log:
        with one_batch(log, world):
            waiting = [log.submit(world.command(f"w{n}")) for n in range(2)]
            with pytest.raises(Busy):
                log.submit(world.command("w3"))
        assert [isinstance(future.result(60), Committed) for future in waiting] == [True, True]


def test_a_canceled_command_is_not_appended(log: Storage, world: LogWorld) -> None:
    with one_batch(log, world):
        canceled = log.submit(world.command("canceled"))
        kept = log.submit(world.command("kept"))
        assert canceled.cancel()
    assert check_answer(kept.result(60), world.command("kept").events).positions == (2,)


def test_what_cannot_be_stored_is_refused_before_the_queue(log: Storage, world: LogWorld) -> None:
    too_long = DCBEvent("A", b"x" * (ENTRY_BYTES_MAX + 1))
    with pytest.raises(Malformed, match="entry_too_large"):
        log.recorder.append([too_long])
    log.recorder.append([DCBEvent("A", b"x" * ENTRY_BYTES_MAX), DCBEvent("A", b"")])
    with pytest.raises(ValueError, match=r"U\+0000"):
        log.recorder.append([DCBEvent("A", b"", ["a\0b"])])
    with pytest.raises(ValueError, match="at least one"):
        log.submit(world.command("none", tags=()))
    good = world.command("a", tags=[["x"], ["y"]])
    opening = Opening("/name", b"s" * 16, "Anna")
    own = SubjectOpening("evt_a_0", "pty_1", opening)
    for changes, why in (
        ({"event_ids": ("evt_a_0",)}, "has an id"),
        ({"event_ids": ("evt_a_0",) * 2}, "ids of their own"),
        ({"openings": [own, own]}, "ids of their own"),
        ({"openings": [SubjectOpening("evt_b_0", "pty_1", opening)]}, "its own command"),
        ({"openings": [replace(own, subject="pty\0")]}, r"U\+0000"),
        ({"command_id": "cmd_\udc80"}, "surrogates"),
    ):
        with pytest.raises(ValueError, match=why):
            log.submit(replace(good, **changes))


def test_closing_finishes_what_is_queued(world: LogWorld) -> None:
    log = world.create()
    with one_batch(log, world):
        futures = [log.submit(world.command(f"c{n}")) for n in range(5)]
    log.close()
    assert all(isinstance(future.result(0), Committed) for future in futures)
    with pytest.raises(Fatal, match="closed"):
        log.submit(world.command("late"))
    log.close()


class TestWrittenByWhoeverAsks:
    """Where nobody else is at it, the thread that asks writes; otherwise it is the writer's own."""

    def test_all_has_ended_and_been_told_in_order_when_it_returns(
        self, log: Storage, world: LogWorld
    ) -> None:
        told: list[tuple[int, int]] = []
        threads: set[str] = set()

        def tell(ended: Sequence[tuple[int, Result]]) -> None:
            threads.add(threading.current_thread().name)
            for number, answer in ended:
                assert isinstance(answer, Committed)
                told.append((number, answer.positions[0]))

        works = [(n, world.command(f"c{n}")) for n in range(20)]
        log.writer.submit_all(works[:1], tell, here=True)
        log.writer.submit_all(works[1:], tell, here=True)
        assert told == [(number, number + 1) for number in range(20)]
        assert threads == {threading.current_thread().name}
        check_sound(log)

    def test_from_many_threads_at_once_each_is_written_once_and_told_in_order(
        self, log: Storage, world: LogWorld
    ) -> None:
        told: list[int] = []

        def tell(ended: Sequence[tuple[None, Result]]) -> None:
            for _, answer in ended:
                assert isinstance(answer, Committed)
                told.append(answer.positions[0])

        def ask(number: int) -> None:
            for turn in range(10):
                mine = world.command(f"{number}-{turn}")
                log.writer.submit_all([(None, mine)], tell, here=turn % 3 > 0)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        log.close()
        assert told == list(range(1, 61))

    def test_what_ends_the_writer_ends_it_there_too(
        self, log: Storage, world: LogWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit(log, world.command("a"))
        told: list[Result] = []

        def tell(ended: Sequence[tuple[None, Result]]) -> None:
            told.extend(result for _, result in ended)

        def fail(*_: object, **__: object) -> None:
            raise OSError("no disk")

        monkeypatch.setattr(log.store, "accept", fail)
        command = world.command("b")
        log.writer.submit_all([(None, command)], tell, here=True)
        log.writer.submit_all([(None, command)], tell, here=True)
        assert [type(end) for end in told] == [Fatal, Fatal]
        with pytest.raises(Fatal, match="no disk"):
            log.submit(command)
