"""A batch that is placed without the lock: all that it took for granted is so, or none is there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ledger.evidence.tree import grow, load
from ledger.storage.contract import Reader
from ledger.storage.drafting import Draft
from ledger.storage.opening import Storage
from ledger.storage.postgres.database import Listener
from ledger.storage.records import (
    BatchRows,
    Expected,
    Ground,
    Outcome,
    Prepared,
    Probe,
    SubjectOpening,
)
from schemas.commitments import Opening
from tests.support.soundness import check_sound
from tests.support.storage_world import LogWorld, check_answer

ANNA = SubjectOpening("evt_b_0", "pty_1", Opening("/name", b"a" * 16, "Anna"))
Change = Callable[[BatchRows, Expected], tuple[BatchRows, Expected]]


def begin(log: Storage, world: LogWorld) -> None:
    """Append what a later draft may stumble over."""
    own = [SubjectOpening("evt_a_0", "pty_1", Opening("/name", b"a" * 16, "Anna"))]
    prepared = world.command("a", tags=[["rights:rec_1", "about:pty_1"]], openings=own)
    check_answer(log.submit(prepared).result(60), prepared.events)


def draft(log: Storage, *commands: Prepared) -> tuple[BatchRows, Expected]:
    """Return what a draft of `commands` on the newest head would write."""
    with log.store.transaction(Probe(subjects=["pty_1"])) as transaction:
        ground = transaction.ground
        tree = load(ground.head.size, transaction.reader.read_tile)
    placed = Draft(Ground(ground.head, ground.now, {}, {}, {}), ground.keys, ground.now)
    placed.place_all(commands)
    return placed.rows(grow(tree, placed.leaves())), placed.expected()


def test_what_is_so_is_written_in_one_call(log: Storage, world: LogWorld) -> None:
    begin(log, world)
    prepared = world.command("b", guard={"rights:rec_1": 1, "rights:rec_9": 0}, openings=[ANNA])
    assert log.store.append(*draft(log, prepared)) is None
    with log.snapshot(committed=True) as reader:
        assert reader.bound == 2
        assert reader.openings("evt_b_0") == (ANNA.opening,)
    again = log.submit(prepared).result(60)
    assert check_answer(again, prepared.events).replayed
    check_sound(log)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows, so: (replace(rows, old=replace(rows.old, size=0)), so),
        lambda rows, so: (replace(rows, old=replace(rows.old, root=b"\0" * 32)), so),
        lambda rows, so: (replace(rows, old=replace(rows.old, time_us=1)), so),
        lambda rows, so: (rows, replace(so, commands=["cmd_b", "cmd_a"])),
        lambda rows, so: (rows, replace(so, scopes={"rights:rec_9": 0, "rights:rec_1": 0})),
        lambda rows, so: (replace(rows, keys={}), so),
        lambda rows, so: (replace(rows, keys={"pty_1": rows.keys["pty_1"], "pty_2": b"x"}), so),
        lambda rows, so: (rows, replace(so, earliest=so.earliest - timedelta(seconds=61))),
        lambda rows, so: (rows, replace(so, latest=so.latest + timedelta(seconds=61))),
    ],
    ids=["size", "root", "time", "command", "scope", "no key", "a key", "earlier", "later"],
)
def test_what_is_not_so_is_told_and_nothing_is_written(
    change: Change, log: Storage, world: LogWorld
) -> None:
    begin(log, world)
    rows, expected = draft(log, world.command("b", guard={"rights:rec_1": 1}, openings=[ANNA]))
    changed, presumed = change(rows, expected)
    ground = log.store.append(changed, presumed)
    assert ground is not None
    assert (ground.head.size, ground.head.root) == (1, rows.old.root)
    assert ground.keys == rows.keys
    assert ground.scopes["rights:rec_1"] == 1
    assert set(ground.commands) == {"cmd_a"}.intersection(presumed.commands)
    with log.snapshot(committed=True) as reader:
        assert (reader.bound, reader.command("cmd_b")) == (1, None)
    assert log.store.append(rows, expected) is None


def test_what_a_writer_does_while_the_server_works_changes_nothing(
    server_log: Storage, server_world: LogWorld
) -> None:
    """It is called once, before the outcome is known; what it raises is no matter of the batch."""
    begin(server_log, server_world)
    called: list[str] = []

    def fail() -> None:
        called.append("failed")
        raise RuntimeError

    append = server_log.store.append
    guard = {"rights:rec_1": 0}
    refused = append(
        *draft(server_log, server_world.command("b", guard=guard)),
        meanwhile=lambda: called.append("refused"),
    )
    assert refused is not None
    assert refused.scopes == {"rights:rec_1": 1}
    rows, expected = draft(server_log, server_world.command("b"))
    assert append(rows, expected, meanwhile=fail) is None
    assert append(rows, expected) is not None
    assert called == ["refused", "failed"]


def test_what_was_made_for_a_batch_that_was_refused_is_not_used(
    server_world: LogWorld,
) -> None:
    """Another process is first: the checkpoint and the answer are those of the second placing."""
    with server_world.create() as one, server_world.open() as two:
        for n, log in enumerate((one, two, one)):
            prepared = server_world.command(f"first {n}")
            check_answer(log.submit(prepared).result(60), prepared.events)
        look = two.store.look
        heads = [look(Probe()).head.size]
        two.visible._position = heads[0] - 1  # as if it had not heard of the third
        prepared = server_world.command("second")
        answer = check_answer(two.submit(prepared).result(60), prepared.events)
        assert answer.positions == (heads[0] + 1,)
        check_sound(two)


def test_the_lock_is_taken_by_the_first_batch_and_by_what_must_be_decided_again(
    server_log: Storage, server_world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, world = server_log, server_world
    locked: list[Probe] = []
    take = log.store.transaction

    def noted(probe: Probe) -> Any:
        locked.append(probe)
        return take(probe)

    monkeypatch.setattr(log.store, "transaction", noted)
    begin(log, world)
    assert len(locked) == 1
    for n in range(5):
        prepared = world.command(f"c{n}", guard={"rights:rec_1": n + 1})
        check_answer(log.submit(prepared).result(60), prepared.events)
    assert len(locked) == 1
    seen: list[int] = []

    def again(reader: Reader) -> Prepared | Outcome:
        seen.append(reader.last_position("rights:rec_1"))
        return world.command("late")

    late = world.command("late", guard={"rights:rec_1": 1}, redecide=again)
    check_answer(log.submit(late).result(60), late.events)
    assert (len(locked), seen) == (2, [6])


def test_a_key_that_was_erased_since_it_was_remembered_is_used_no_more(
    log: Storage, world: LogWorld
) -> None:
    begin(log, world)
    for name in ("b", "c"):
        own = SubjectOpening(f"evt_{name}_0", "pty_1", ANNA.opening)
        prepared = world.command(name, openings=[own])
        check_answer(log.submit(prepared).result(60), prepared.events)
        assert log.erase("pty_1") > 0
    last = world.command("d", openings=[SubjectOpening("evt_d_0", "pty_1", ANNA.opening)])
    check_answer(log.submit(last).result(60), last.events)
    with log.snapshot() as reader:
        assert [reader.openings(f"evt_{name}_0") for name in "abcd"] == [
            *((), (), ()),
            (ANNA.opening,),
        ]


def test_another_who_writes_is_heard_of_without_the_lock(
    server_world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head, the edge of the tree and a command that is known come with the refusal."""
    with server_world.create() as one, server_world.open() as two:
        for n, log in enumerate((one, two)):
            prepared = server_world.command(f"first {n}")
            check_answer(log.submit(prepared).result(60), prepared.events)

        def never(_: Probe) -> Any:
            raise AssertionError("the lock was taken")

        for n in range(300):
            log = (one, two)[n % 2]
            with monkeypatch.context() as patch:
                patch.setattr(log.store, "transaction", never)
                new = server_world.command(f"c{n}", tags=[["x"], ["y"]])
                check_answer(log.submit(new).result(60), new.events)
        check_sound(one)


def test_who_was_overtaken_looks_before_it_sends_until_it_is_alone(
    server_world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that write in turn none sends in vain twice; who is left alone asks nothing more."""
    done: list[str] = []

    def watch(log: Storage) -> None:
        append, look = log.store.append, log.store.look

        def appended(*rows: Any, **how: Any) -> Ground | None:
            ground = append(*rows, **how)
            done.append("written" if ground is None else "refused")
            return ground

        def looked(probe: Probe) -> Ground:
            done.append("looked")
            return look(probe)

        monkeypatch.setattr(log.store, "append", appended)
        monkeypatch.setattr(log.store, "look", looked)

    def write(log: Storage, name: str) -> list[str]:
        done.clear()
        # As if the word of what is visible came late, as it does where both are busy.
        log.visible._position = 0
        prepared = server_world.command(name, tags=[["rights:rec_1"]])
        check_answer(log.submit(prepared).result(60), prepared.events)
        return done.copy()

    # Nobody looks at the visible head meanwhile.
    monkeypatch.setattr(Listener, "_turn", lambda self: self._ended.wait())
    with server_world.create() as one, server_world.open() as two:
        for log in (one, two):
            watch(log)
            write(log, f"begin {id(log)}")
        assert write(one, "overtaken") == ["refused", "written"]
        for n in range(6):
            assert write((two, one)[n % 2], f"turn {n}") in (
                [["looked", "written"]] if n else [["refused", "written"]]
            )
        alone = [write(one, f"alone {n}") for n in range(4)]
        assert alone == [*[["looked", "written"]] * 2, ["written"], ["written"]]
        check_sound(one)
