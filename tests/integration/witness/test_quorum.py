"""A log asks real witnesses, each a process of its own: quorum, absence, restart, races."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.evidence.errors import NotWitnessedError
from ledger.evidence.hashing import leaf_hash
from ledger.evidence.nodes import TileHashes
from ledger.evidence.policy import Policy
from ledger.evidence.proof import make_proof, parse_proof, verify_proof
from ledger.storage.opening import Storage
from service.demo.witness import witness_process
from service.witnessed import best, newest, witnessed
from service.workers.witnessing import Witnessing
from tests.support.ports import free_port
from tests.support.storage_world import LOG_KEY, ORIGIN, LogWorld
from tests.support.witness_servers import (
    ABSENT,
    WAIT_S,
    append,
    asking,
    held_by,
    policy_of,
    quorum,
    running,
    send,
    stands,
)


@pytest.fixture
def world(tmp_path: Path) -> LogWorld:
    return LogWorld(tmp_path / "log")


@pytest.fixture
def log(world: LogWorld) -> Iterator[Storage]:
    with world.create() as storage:
        yield storage


def test_two_of_three_are_enough_while_one_is_down(
    world: LogWorld, log: Storage, tmp_path: Path
) -> None:
    with running(tmp_path, "w1", "w2") as (one, two):
        policy = policy_of(
            quorum(
                2,
                {"w1": f"{one.vkey} {one.url}", "w2": f"{two.vkey} {two.url}", "w3": ABSENT},
            )
        )
        with asking(log, policy) as witnessing:
            size = append(world, log, "a", "b", "c")
            assert witnessing.wait_for(size, WAIT_S)
            with log.snapshot() as reader:
                found = witnessed(reader, policy, least=size)
                assert found is not None
                accepted = policy.accept(found.note or "")
            assert set(accepted.witnesses) == {"w1", "w2"}
            assert accepted.checkpoint.size == size
            assert stands(witnessing, "w3.example").state == "silent"


def test_a_proof_is_witnessed_once_they_have_signed_and_not_invalid_before(
    world: LogWorld, log: Storage, tmp_path: Path
) -> None:
    with running(tmp_path, "w1") as (one,):
        policy = policy_of(quorum(1, {"w1": f"{one.vkey} {one.url}"}))
        size = append(world, log, "a", "b")

        def proof() -> str:
            with log.snapshot() as reader:
                checkpoint = best(reader, policy, covering=1)
                path = TileHashes(reader, checkpoint.size).inclusion_path(0)
                return make_proof(index=0, path=path, checkpoint=checkpoint.note or "")

        with log.snapshot() as reader:
            entry = reader.entry(1)
        assert entry is not None
        leaf = leaf_hash(entry.data)
        with pytest.raises(NotWitnessedError):
            verify_proof(parse_proof(proof()), leaf, policy)
        early = verify_proof(parse_proof(proof()), leaf, policy, require_witnesses=False)
        assert not early.is_witnessed
        with asking(log, policy) as witnessing:
            assert witnessing.wait_for(size, WAIT_S)
        assert verify_proof(parse_proof(proof()), leaf, policy).is_witnessed


def test_an_entry_is_visible_whatever_witnesses_do(world: LogWorld, log: Storage) -> None:
    policy = policy_of(quorum(1, {"w3": ABSENT}))
    with asking(log, policy):
        assert append(world, log, "a") == 1
        with log.snapshot() as reader:
            assert newest(reader).size == 1
            assert witnessed(reader, policy, least=1) is None


def test_a_witness_that_starts_again_goes_on_with_what_it_remembers(
    world: LogWorld, log: Storage, tmp_path: Path
) -> None:
    folder = tmp_path / "w1"
    port = free_port()  # which nobody is given while the witness is away
    with witness_process(folder, ORIGIN, LOG_KEY.vkey, name="w1.example", port=port) as one:
        policy = policy_of(quorum(1, {"w1": f"{one.vkey} {one.url}"}))
        with asking(log, policy) as witnessing:
            assert witnessing.wait_for(append(world, log, "a"), WAIT_S)
    with asking(log, policy) as witnessing:
        size = append(world, log, "b", "c")
        with witness_process(folder, ORIGIN, LOG_KEY.vkey, port=port) as again:
            assert again == one
            assert held_by(again.url) == 1
            assert witnessing.wait_for(size, WAIT_S)


def test_what_the_log_forgot_of_a_witness_it_learns_from_its_answer(
    world: LogWorld, log: Storage, tmp_path: Path
) -> None:
    """409: the first request says old 0, the witness says what it has seen, the second one fits."""
    with running(tmp_path, "w1") as (one,):
        append(world, log, "a", "b")
        send(log, one.url, old_size=0)
        policy = policy_of(quorum(1, {"w1": f"{one.vkey} {one.url}"}))
        size = append(world, log, "c", "d")
        with log.snapshot() as reader:
            assert reader.cosigned_by(one.vkey) == 0
        with asking(log, policy) as witnessing:
            assert witnessing.wait_for(size, WAIT_S)


def test_asking_goes_on_after_what_nobody_expected(
    log: Storage, world: LogWorld, tmp_path: Path
) -> None:
    failed = threading.Event()

    def policy() -> Policy:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("a mistake of ours")
        return found

    with running(tmp_path, "w1") as (one,):
        found = policy_of(quorum(1, {"w1": f"{one.vkey} {one.url}"}))
        with closing(Witnessing(log.store, log.visible, policy)) as witnessing:
            witnessing.start()
            assert failed.wait(WAIT_S)
            assert witnessing.wait_for(append(world, log, "a"), WAIT_S)


def test_closing_does_not_wait_for_who_never_answers(log: Storage, world: LogWorld) -> None:
    policy = policy_of(quorum(1, {"w3": ABSENT}))
    witnessing = Witnessing(log.store, log.visible, lambda: policy)
    witnessing.start()
    append(world, log, "a")
    witnessing.close()
    assert not witnessing.wait_for(1, WAIT_S)


@pytest.mark.parametrize(
    "edit",
    [
        "line = replace(line, substr(line, -12, 4), 'AAAA')",
        "line = line || char(10) || line",
        "line = 'nothing'",
        "witness = 'nobody'",
        "time_s = time_s + 1",
    ],
)
def test_a_line_that_somebody_edited_never_leaves(
    world: LogWorld, log: Storage, tmp_path: Path, edit: str
) -> None:
    with running(tmp_path, "w1", "w2") as (one, two):
        keys = {"w1": f"{one.vkey} {one.url}", "w2": f"{two.vkey} {two.url}"}
        policy, either = policy_of(quorum(2, keys)), policy_of(quorum(1, keys))
        with asking(log, policy) as witnessing:
            size = append(world, log, "a")
            assert witnessing.wait_for(size, WAIT_S)
        with closing(sqlite3.connect(world.file)) as database, database:
            changed = database.execute(
                f"UPDATE cosignatures SET {edit} WHERE witness = ?",  # noqa: S608 - ours, above
                (str(one.vkey),),
            )
            assert changed.rowcount == 1
        with log.snapshot() as reader:
            assert set(either.accept(newest(reader).note or "").witnesses) == {"w2"}
            assert witnessed(reader, policy, least=size) is None
            assert best(reader, policy, covering=size).note == newest(reader).note
