"""The reading side: one moment at a time, many threads, proofs from tiles."""

import hashlib
import threading
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from eventsourcing.dcb.api import DCBEvent, DCBQuery, DCBQueryItem

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.merkle import verify_consistency, verify_inclusion
from ledger.evidence.nodes import TileHashes
from ledger.evidence.note import open_checkpoint
from ledger.named_sql import load
from ledger.storage.instants import utc_now
from ledger.storage.opening import Storage
from tests.support.storage_world import LOG_KEY, START, LogWorld, one_batch

ROUNDED = timedelta(milliseconds=1)
"""SQLite's clock has milliseconds."""

LONG = 700  # entries: more than two pages, and than two tiles


@pytest.fixture
def long_log(log: Storage) -> Storage:
    for start in (0, 1, 255, 256, 257, 600):
        end = {0: 1, 1: 255, 255: 256, 256: 257, 257: 600, 600: LONG}[start]
        log.recorder.append(
            [DCBEvent(f"Type{n % 3}", b"%d" % n, [f"rights:{n % 2}"]) for n in range(start, end)]
        )
    return log


def test_all_that_was_put_in_comes_out(log: Storage, world: LogWorld) -> None:
    prepared = world.command("a", tags=[["rights:rec_1", "about:pty_1", "rights:rec_1"], []])
    log.submit(prepared).result(60)
    with log.snapshot() as reader:
        entries = reader.read_after(0, 10)
        assert [entry.data for entry in entries] == [event.data for event in prepared.events]
        assert entries[0].tags == ("rights:rec_1", "about:pty_1", "rights:rec_1")
        assert entries[0].type == "ConsentGranted"
        assert (entries[1].event_id, entries[1].time) == ("evt_a_1", START)
        assert reader.entry(2) == entries[1]
        assert reader.entry(3) is reader.entry(0) is None
        assert reader.position_of("evt_a_1") == 2
        assert reader.position_of("evt_b_0") is None
        record = reader.command("cmd_a")
        assert record is not None
        assert (record.digest, record.positions) == (prepared.digest, (1, 2))
        assert record.statement_sha256 == hashlib.sha256(prepared.statement).digest()
        assert reader.answered("", until=1, limit=9) == [("cmd_a", 1)]
        assert reader.answered("", until=0, limit=9) == reader.answered("cmd_a", until=1, limit=9)
        for position in record.positions:
            found = reader.statement(record.statement_sha256, position)
            assert found == prepared.statement
            assert reader.statement(bytes(32), position) is None
        assert reader.head().time == reader.time() == START


def test_two_commands_of_one_statement_both_find_it(log: Storage, world: LogWorld) -> None:
    """The id is in the bytes, so only who forges has two: an audit must find them all the same."""
    said = world.command("a").statement
    for batch in (("a", "b"), ("c",)):
        with one_batch(log, world, f"before_{batch[0]}"):
            works = [replace(world.command(name), statement=said) for name in batch]
            futures = [log.submit(work) for work in works]
        for future in futures:
            future.result(60)
    with log.snapshot() as reader:
        for name in ("a", "b", "c"):
            record = reader.command(f"cmd_{name}")
            assert record is not None
            assert reader.statement(record.statement_sha256, record.first) == said


def test_the_database_has_a_clock_of_its_own(log: Storage) -> None:
    """In tests it is this machine's; between two processes it is what both are compared with."""
    before = utc_now()
    with log.snapshot() as reader:
        assert before - ROUNDED <= reader.clock() <= utc_now() + ROUNDED


def test_an_empty_log_has_a_head_too(log: Storage) -> None:
    with log.snapshot() as reader:
        assert (reader.bound, reader.visible_head(), reader.head().size) == (0, 0, 0)
        assert reader.head().root == hashlib.sha256(b"").digest()
        assert reader.time().year == 1970
        assert reader.last_checkpoint() is None
    assert log.recorder.read().head is None


def test_ranges_are_half_open_and_longer_than_a_page(long_log: Storage) -> None:
    with long_log.snapshot() as reader:
        even = [entry.position for entry in reader.events("rights:0")]
        assert even == list(range(1, LONG + 1, 2))
        some = [entry.position for entry in reader.events("rights:1", after=2, until=8)]
        assert some == [4, 6, 8]
        beyond = reader.events("rights:1", after=LONG - 1, until=LONG + 99)
        assert [entry.position for entry in beyond] == [LONG]
        query = DCBQuery([DCBQueryItem(types=["Type0", "Type1"]), DCBQueryItem(tags=["rights:0"])])
        expected = [n + 1 for n in range(LONG) if n % 3 < 2 or n % 2 == 0]
        assert list(reader.positions(query)) == expected
        assert [entry.position for entry in reader.read_after(698, 10)] == [699, 700]


def test_the_checkpoint_of_every_batch_is_kept_and_proved_from_tiles(long_log: Storage) -> None:
    sizes = [1, 255, 256, 257, 600, LONG]
    with long_log.snapshot() as reader:
        checkpoints = []
        for size in sizes:
            stored = reader.checkpoint(size)
            assert stored is not None
            assert stored.note is not None
            checkpoints.append(open_checkpoint(stored.note, LOG_KEY.verifier))
            assert (checkpoints[-1].size, checkpoints[-1].root) == (size, stored.root)
            hashes = TileHashes(reader, size)
            assert hashes.root() == stored.root
            for index in {0, size // 2, size - 1}:
                leaf = leaf_hash(b"%d" % index)
                verify_inclusion(leaf, index, size, hashes.inclusion_path(index), stored.root)
        for old, new in pairwise(checkpoints):
            path = TileHashes(reader, new.size).consistency_path(old.size)
            verify_consistency(old.size, new.size, path, old.root, new.root)
        assert reader.checkpoint(2) is None
        covering = [reader.checkpoint_covering(position) for position in (1, 2, 257, 258, LONG)]
        assert [found.size for found in covering if found] == [1, 255, 257, 600, LONG]
        assert reader.checkpoint_covering(LONG + 1) is None
        assert reader.last_checkpoint() == reader.checkpoint(LONG)


def test_tiles_have_the_width_that_is_asked_for_and_no_more_than_there_is(
    long_log: Storage,
) -> None:
    with long_log.snapshot() as reader:
        assert len(reader.read_tile(0, 0, 256)) == 8192
        assert reader.read_tile(0, 0, 5) == reader.read_tile(0, 0, 256)[: 5 * 32]
        assert len(reader.read_tile(0, 2, 256)) == (LONG - 512) * 32
        assert len(reader.read_tile(1, 0, 256)) == 2 * 32
        assert reader.read_tile(0, 3, 1) == reader.read_tile(2, 0, 1) == b""


def test_every_snapshot_is_of_one_moment_however_many_threads_read(
    log: Storage, world: LogWorld
) -> None:
    stop = threading.Event()
    faults: list[object] = []

    def read() -> None:
        seen = 0
        while not stop.is_set():
            with log.snapshot() as reader:
                entries = reader.read_after(0, 1000)
                last = reader.last_checkpoint()
                moment = (
                    len(entries),
                    reader.last_position("rights:rec_1"),
                    reader.visible_head(),
                    last.size if last else 0,
                )
                if len({reader.bound, *moment}) != 1 or reader.bound < seen:
                    faults.append((reader.bound, seen, moment))
                seen = reader.bound

    readers = [threading.Thread(target=read) for _ in range(4)]
    for thread in readers:
        thread.start()
    for n in range(60):
        log.submit(world.command(f"c{n}")).result(60)
    stop.set()
    for thread in readers:
        thread.join()
    assert faults == []


def test_a_closed_log_serves_nobody(world: LogWorld) -> None:
    log = world.create()
    with log.snapshot() as reader:
        log.close()
        assert reader.bound == 0
    with pytest.raises(ValueError, match="closed"), log.snapshot():
        pass


def test_a_name_given_twice_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "statements_twice"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "twice.sql").write_text("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="names a twice"):
        load("statements_twice", "twice.sql")
