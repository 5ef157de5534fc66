"""A checkpoint is signed while its batch is being written; where there is no room, it never was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.evidence.note import Checkpoint, sign_checkpoint
from ledger.storage.contract import Store
from ledger.storage.errors import StorageFull
from ledger.storage.opening import Storage
from ledger.storage.records import Committed, Outcome
from tests.support.postgres_small import SmallPostgresServer
from tests.support.storage_world import LOG_KEY, ORIGIN, LogWorld, check_answer

TRIES = 40
"""Commands of 40 kB each: more than a full disk has left anywhere."""


@pytest.fixture
def small() -> Iterator[SmallPostgresServer]:
    found = SmallPostgresServer()
    yield found
    found.close()


def append_until_full(log: Storage, world: LogWorld, answers: list[Committed | Outcome]) -> None:
    for number in range(TRIES):
        large = world.command(f"large{number}", content=os.urandom(20_000).hex())
        answers.append(log.submit(large).result(60))


def test_what_was_signed_for_a_batch_that_found_no_room_is_seen_by_nobody(
    small: SmallPostgresServer, tmp_path: Path
) -> None:
    signed: list[tuple[int, bytes]] = []

    def sign(_store: Store, size: int, root: bytes, _own: bool) -> str:  # noqa: FBT001 - a callback
        signed.append((size, root))
        return sign_checkpoint(Checkpoint(ORIGIN, size, root), LOG_KEY)

    world = LogWorld(tmp_path, small.url())
    with world.create(sign=sign) as log:
        answers = [log.submit(world.command("first")).result(60)]
        small.fill()
        with pytest.raises(StorageFull, match="nothing was appended"):
            append_until_full(log, world, answers)
        last = answers[-1]
        assert isinstance(last, Committed)
        ahead = signed[-1]
        assert ahead[0] == last.size + 1, "it was signed while its batch was refused"
        assert world.register().held().size == last.size
        with log.snapshot(committed=True) as reader:
            assert reader.bound == last.size
            assert reader.checkpoint(ahead[0]) is None
        small.empty()
        after = world.command("after")
        answer = check_answer(log.submit(after).result(60), after.events)
        assert answer.size == ahead[0]
        assert signed[-1][1] != ahead[1]
        assert world.register().held().root == signed[-1][1]
    with world.open(sign=sign) as log, log.snapshot() as reader:
        assert reader.bound == answer.size, "a start finds nothing to refuse"
