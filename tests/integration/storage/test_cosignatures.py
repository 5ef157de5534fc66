"""What witnesses have signed lies beside the checkpoints, up to the visible head like all else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.storage.opening import Storage
from ledger.storage.records import StoredCosignature
from tests.support.storage_world import LogWorld


@pytest.fixture
def world(tmp_path: Path) -> LogWorld:
    return LogWorld(tmp_path)


@pytest.fixture
def log(world: LogWorld) -> Iterator[Storage]:
    with world.create() as storage:
        for name in "abc":
            storage.submit(world.command(name)).result(60)
        yield storage


def row(size: int, witness: str = "w1", time_s: int = 100) -> StoredCosignature:
    return StoredCosignature(size, witness, time_s, f"line of {witness} at {time_s}")


def test_sizes_are_found_newest_first_and_from_a_least_one(log: Storage) -> None:
    for size in (1, 3, 2):
        log.store.keep_cosignature(row(size))
    log.store.keep_cosignature(row(2, "w2"))
    with log.snapshot() as reader:
        assert reader.cosigned_sizes(1, 10) == [3, 2, 1]
        assert reader.cosigned_sizes(2, 10) == [3, 2]
        assert reader.cosigned_sizes(1, 2) == [3, 2]
        assert reader.cosignatures(2) == (row(2), row(2, "w2"))
        assert reader.cosigned_by("w1") == 3
        assert reader.cosigned_by("w2") == 2
        assert reader.cosigned_by("w3") == 0


def test_the_newest_word_of_a_witness_about_one_size_stays(log: Storage) -> None:
    log.store.keep_cosignature(row(3, time_s=100))
    log.store.keep_cosignature(row(3, time_s=200))
    log.store.keep_cosignature(row(3, time_s=150))
    with log.snapshot() as reader:
        assert reader.cosignatures(3) == (row(3, time_s=200),)


def test_nothing_beyond_the_visible_head_is_seen(log: Storage) -> None:
    log.store.keep_cosignature(row(4))
    with log.snapshot() as reader:
        assert reader.cosignatures(4) == ()
        assert reader.cosigned_sizes(1, 10) == []
        assert reader.cosigned_by("w1") == 0


def test_they_are_there_after_a_restart(world: LogWorld) -> None:
    with world.create() as log:
        log.submit(world.command("a")).result(60)
        log.store.keep_cosignature(row(1))
    with world.open() as log, log.snapshot() as reader:
        assert reader.cosignatures(1) == (row(1),)
