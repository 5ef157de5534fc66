"""What a witness has signed binds it: dying, racing, and a log that shows a second history."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ledger.evidence.errors import NotWitnessedError
from ledger.evidence.nodes import TileHashes
from ledger.evidence.submission import Submission
from ledger.storage.opening import Storage
from service.demo.witness import witness_process
from service.witnessed import newest, witnessed
from tests.support.storage_world import LOG_KEY, ORIGIN, LogWorld
from tests.support.witness_servers import (
    WAIT_S,
    append,
    asking,
    held_by,
    policy_of,
    post,
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


@pytest.mark.parametrize("point", ["witness_before_rename", "witness_before_answer"])
def test_a_witness_that_dies_between_signing_and_answering_signs_nothing_else(
    world: LogWorld, log: Storage, tmp_path: Path, point: str
) -> None:
    folder = tmp_path / "w1"
    with witness_process(folder, ORIGIN, LOG_KEY.vkey, name="w1.example") as one:
        append(world, log, "a")
        assert send(log, one.url, old_size=0).status_code == 200
    environment = os.environ | {"LINERNOTES_KILL_AT": point}
    command = [sys.executable, "-m", "service.witness", str(folder), "--port", "0"]
    dying = subprocess.Popen(  # noqa: S603 - our own module, by this very Python
        command, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert dying.stdout is not None
    url = dying.stdout.readline().strip()
    append(world, log, "b")
    with pytest.raises(httpx.HTTPError):
        send(log, url, old_size=1)
    assert dying.wait(WAIT_S) == -signal.SIGKILL
    dying.stdout.close()
    with witness_process(folder, ORIGIN, LOG_KEY.vkey) as again:
        assert held_by(again.url) == (1 if point == "witness_before_rename" else 2)
        policy = policy_of(quorum(1, {"w1": f"{again.vkey} {again.url}"}))
        with asking(log, policy) as witnessing:
            assert witnessing.wait_for(2, WAIT_S)


def test_of_requests_at_once_one_is_taken_and_the_others_hear_what_is_held(
    world: LogWorld, log: Storage, tmp_path: Path
) -> None:
    """Two processes over one folder, eight requests at once, all from the same old size."""
    folder = tmp_path / "w1"
    with (
        witness_process(folder, ORIGIN, LOG_KEY.vkey, name="w1.example") as one,
        witness_process(folder, ORIGIN, LOG_KEY.vkey) as two,
    ):
        append(world, log, "a")
        assert send(log, one.url, old_size=0).status_code == 200
        requests = []
        for name in "bcde":
            size = append(world, log, name)
            with log.snapshot() as reader:
                note = newest(reader).note or ""
                path = TileHashes(reader, size).consistency_path(1)
            text = Submission(1, tuple(path), note).text.encode()
            requests += [(one.url, text), (two.url, text)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda request: post(*request), requests))
        taken = [answer for answer in answers if answer.status_code == 200]
        assert len(taken) == 1
        held = held_by(two.url)
        others = [answer for answer in answers if answer.status_code != 200]
        assert {(a.status_code, a.text) for a in others} == {(409, f"{held}\n")}


def test_a_restored_backup_is_refused_by_the_witness(world: LogWorld, tmp_path: Path) -> None:
    """Even where the register was taken back with it: nobody accepts the second history."""
    folder = tmp_path / "log"
    with running(tmp_path, "w1") as (one,):
        policy = policy_of(quorum(1, {"w1": f"{one.vkey} {one.url}"}))
        with world.create() as log:
            append(world, log, "a")
        shutil.copytree(folder, tmp_path / "backup")
        with world.open() as log, asking(log, policy) as witnessing:
            assert witnessing.wait_for(append(world, log, "b", "c"), WAIT_S)
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "backup", folder)
        with world.open() as log:
            append(world, log, "x")
            with asking(log, policy) as witnessing:
                standing = stands(witnessing, "w1.example")
            assert standing.state == "ahead"
            assert standing.detail == "it has seen 3 entries, and this log holds 2"
        with world.open() as log:
            size = append(world, log, "y", "z")
            with asking(log, policy) as witnessing:
                standing = stands(witnessing, "w1.example")
            assert standing.state == "refused"
            assert standing.detail.startswith("422 ")
            with log.snapshot() as reader:
                assert witnessed(reader, policy, least=size) is None
                with pytest.raises(NotWitnessedError):
                    policy.accept(newest(reader).note or "")


def test_of_two_histories_at_most_one_finds_a_quorum(tmp_path: Path) -> None:
    """Two of three: whoever is shown the other history is told that it is not witnessed."""
    with running(tmp_path, "w1", "w2", "w3") as three:
        urls = {f"w{n}": f"{w.vkey} {w.url}" for n, w in enumerate(three, start=1)}
        policy = policy_of(quorum(2, urls))
        to_most = policy_of(quorum(2, {name: urls[name] for name in ("w1", "w2")}))
        to_one = policy_of(quorum(1, {"w3": urls["w3"]}))
        notes = []
        for name, shown, names in (("first", to_most, "abc"), ("second", to_one, "xyz")):
            world = LogWorld(tmp_path / name)
            with world.create() as log, asking(log, shown) as witnessing:
                assert witnessing.wait_for(append(world, log, *names), WAIT_S)
                with log.snapshot() as reader:
                    notes.append(newest(reader).note or "")
        assert set(policy.accept(notes[0]).witnesses) == {"w1", "w2"}
        with pytest.raises(NotWitnessedError, match="witnessed by w3"):
            policy.accept(notes[1])
        # And those who saw the first will not sign the second.
        for witness in three[:2]:
            text = Submission(3, (), notes[1].split("— w3")[0]).text.encode()
            assert post(witness.url, text).status_code == 422
