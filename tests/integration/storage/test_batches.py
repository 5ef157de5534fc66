"""Inside a batch: what a second decision sees is what will be committed, and costs no query."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.persistence import IntegrityError

from ledger.storage.contract import Reader
from ledger.storage.opening import Storage
from ledger.storage.records import Committed, PlainAppend, Prepared, SubjectOpening
from schemas.commitments import Opening
from schemas.refusals import Malformed
from tests.support.storage_world import START, LogWorld, check_answer, one_batch

ANNA = Opening("/name", b"a" * 16, "Anna")
BEN = Opening("/actor", b"b" * 16, "Ben")

QUERIES = [
    DCBQuery(),
    DCBQuery([DCBQueryItem(tags=["rights:rec_1"])]),
    DCBQuery([DCBQueryItem(types=["ConsentGranted"], tags=["rights:rec_2", "about:pty_1"])]),
    DCBQuery([DCBQueryItem(types=["None"]), DCBQueryItem(tags=["about:pty_1"])]),
]


def everything(reader: Reader, bound: int) -> dict[str, Any]:
    """Ask all that a decision could ask of the log up to `bound`."""
    tags = ("rights:rec_1", "rights:rec_2", "about:pty_1", "nothing")
    seen: dict[str, Any] = {
        "entries": [reader.entry(position) for position in range(bound + 2)],
        "pages": [reader.read_after(after, 2) for after in range(bound + 1)],
        "last": [reader.last_position(tag) for tag in tags],
        "lasts": reader.last_positions([tag for tag in tags if tag != "about:pty_1"]),
        "time": reader.time(),
        "at": [reader.position_at(START + timedelta(seconds=second)) for second in range(-1, 9)],
    }
    for after in range(bound + 1):
        for tag in tags:
            seen[f"{tag} {after}"] = list(reader.events(tag, after=after))
            seen[f"{tag} {after} 3"] = list(reader.events(tag, after=after, until=3))
        for number, query in enumerate(QUERIES):
            seen[f"query {number} {after}"] = (
                list(reader.positions(query, after=after)),
                list(reader.positions(query, after=after, limit=2)),
                reader.matches(query, after=after),
            )
    for name in ("a", "b", "c", "unknown"):
        record = reader.command(f"cmd_{name}")
        seen[name] = (
            record,
            record and reader.statement(record.statement_sha256, record.last),
            reader.position_of(f"evt_{name}_0"),
            reader.openings(f"evt_{name}_0"),
            reader.opening(f"evt_{name}_0", "/name"),
        )
    return seen


def test_what_a_decision_sees_inside_a_batch_is_what_is_committed(
    log: Storage, world: LogWorld
) -> None:
    seen: dict[str, Any] = {}

    def look(reader: Reader) -> Prepared:
        seen.update(everything(reader, reader.bound))
        seen["bound"] = reader.bound
        return world.command("late")

    own = [SubjectOpening("evt_a_0", "pty_1", ANNA), SubjectOpening("evt_a_0", "pty_2", BEN)]
    a = world.command("a", tags=[["rights:rec_1", "about:pty_1"], ["rights:rec_2"]], openings=own)
    log.submit(a).result(60)
    b = world.command("b", openings=[SubjectOpening("evt_b_0", "pty_1", ANNA)])
    with one_batch(log, world):
        world.clock.advance(seconds=1)
        first = log.submit(b)
        world.clock.advance(seconds=1)
        tags = [["rights:rec_2", "about:pty_1"], ["rights:rec_1", "rights:rec_1"], []]
        second = log.submit(world.command("c", tags=tags))
        late = log.submit(world.command("late", guard={"rights:rec_1": 1}, redecide=look))
    for future in (first, second, late):
        assert isinstance(future.result(60), Committed)
    bound = seen.pop("bound")
    with log.snapshot() as reader:
        assert reader.bound == bound + 1
        # What the late command itself has added is not what it saw.
        expected = everything(_Until(reader, bound), bound)
    assert seen == expected


class _Until:
    """A reader of the finished log that hides the last event, which lies in one scope."""

    def __init__(self, reader: Any, bound: int) -> None:
        reader._stop_at(replace(reader.head(), size=bound, visible=bound), committed=True)
        reader._head = replace(reader.head(), time_us=reader.entry(bound).time_us)
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def test_a_hot_scope_is_decided_again_without_asking_the_database(
    log: Storage, world: LogWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of 60 finds the scope moved by the one before it; the statements do not multiply."""
    hot = [["rights:hot"]]
    for n in range(20):
        log.submit(world.command(f"before {n}", tags=hot)).result(60)
    asked: list[str] = []

    def run(count: int, name: str) -> int:
        def again(reader: Reader, n: int) -> Prepared:
            # What is cached of the scope ends at position 15.
            numbers = [entry.position for entry in reader.events("rights:hot", after=15)]
            assert numbers[:5] == [16, 17, 18, 19, 20]
            assert numbers[-1] == reader.last_position("rights:hot")
            assert all(reader.openings(f"evt_before {n}_0") == () for n in range(15, 20))
            return world.command(f"{name} {n}", tags=hot)

        def overtaken(n: int) -> Prepared:
            guard = {"rights:hot": 15, f"rights:{n}": 0}
            return world.command(
                f"{name} {n}", tags=hot, guard=guard, redecide=lambda reader: again(reader, n)
            )

        with one_batch(log, world, f"plug {name}"):
            futures = [log.submit(overtaken(n)) for n in range(count)]
            asked.clear()
        for future in futures:
            assert isinstance(future.result(60), Committed)
        return len(asked)

    watch(log, asked, monkeypatch)
    few = run(2, "few")
    assert few > 0
    # A busy machine may make two batches of one; asked for each command it would be sixty more.
    assert run(60, "many") <= 2 * few


def watch(log: Storage, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Note every statement that a reader runs."""
    with log.snapshot() as reader:
        kind: Any = type(reader)
    run: Callable[..., Any] = kind._rows

    def noted(self: Reader, name: str, **values: Any) -> Any:
        asked.append(name)
        return run(self, name, **values)

    monkeypatch.setattr(kind, "_rows", noted)


def test_what_comes_after_an_erasure_in_the_queue_no_longer_sees_what_it_took(
    log: Storage, world: LogWorld
) -> None:
    a = world.command("a", openings=[SubjectOpening("evt_a_0", "pty_1", ANNA)])
    log.submit(a).result(60)
    seen: list[object] = []

    def look(reader: Reader) -> Prepared:
        seen.append((reader.openings("evt_a_0"), reader.openings("evt_b_0")))
        return world.command("late")

    own = [SubjectOpening("evt_b_0", "pty_1", ANNA), SubjectOpening("evt_b_0", "pty_2", BEN)]
    with one_batch(log, world):
        b = log.submit(world.command("b", openings=own))
        erasing = log.submit(world.command("erasing", erases=["pty_1"]))
        late = log.submit(world.command("late", guard={"rights:rec_1": 0}, redecide=look))
        last = log.submit(world.command("last"))
    answers = [future.result(60) for future in (b, erasing, late, last)]
    assert [a.positions for a in answers if isinstance(a, Committed)] == [(3,), (4,), (5,), (6,)]
    assert seen == [((), (BEN,))]
    with log.snapshot() as reader:
        assert (reader.openings("evt_a_0"), reader.openings("evt_b_0")) == ((), (BEN,))


def test_a_subject_that_only_a_second_decision_names_keeps_its_key(
    log: Storage, world: LogWorld
) -> None:
    a = world.command("a", openings=[SubjectOpening("evt_a_0", "pty_1", ANNA)])
    log.submit(a).result(60)
    own = [SubjectOpening("evt_b_0", "pty_1", ANNA), SubjectOpening("evt_b_0", "pty_2", BEN)]
    late = world.command(
        "b", guard={"rights:rec_1": 0}, redecide=lambda _: world.command("b", openings=own)
    )
    log.submit(late).result(60)
    with log.snapshot() as reader:
        assert reader.openings("evt_a_0") == (ANNA,)
        assert reader.openings("evt_b_0") == (BEN, ANNA)


def test_an_event_id_that_is_taken_is_found_among_its_neighbors(
    log: Storage, world: LogWorld
) -> None:
    log.submit(world.command("taken")).result(60)
    names = [f"c{n}" for n in range(6)]
    with one_batch(log, world):
        futures = [log.submit(world.command(name)) for name in names[:3]]
        taken = log.submit(replace(world.command("x"), event_ids=("evt_taken_0",)))
        twice = log.submit(replace(world.command("y"), event_ids=("evt_c1_0",)))
        futures += [log.submit(world.command(name)) for name in names[3:]]
    for refused in (taken, twice):
        with pytest.raises(Malformed, match="id_reused"):
            refused.result(60)
    answers = [
        check_answer(future.result(60), world.command(name).events)
        for future, name in zip(futures, names, strict=True)
    ]
    assert [answer.positions for answer in answers] == [(n,) for n in range(3, 9)]


def test_a_condition_sees_what_the_same_batch_has_placed(log: Storage, world: LogWorld) -> None:
    name = DCBAppendCondition(DCBQuery([DCBQueryItem(["Named"], ["name:1", "about:1"])]))
    append = PlainAppend([DCBEvent("Named", b"", ["about:1", "name:1"])], name.fail_if_events_match)
    other = PlainAppend([DCBEvent("Other", b"", ["about:1", "name:1"])], name.fail_if_events_match)
    with one_batch(log, world):
        futures = [log.writer.submit(one) for one in (other, append, other, append)]
    assert [isinstance(one.result(60), Committed) for one in futures[:2]] == [True, True]
    for future in futures[2:]:
        with pytest.raises(IntegrityError):
            future.result(60)
