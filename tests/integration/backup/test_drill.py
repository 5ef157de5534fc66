"""The drill of docs/guides/backup.md: take one, go on, lose it, restore it, and what then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.evidence.errors import EvidenceError
from ledger.evidence.merkle import verify_consistency
from ledger.evidence.nodes import TileHashes
from ledger.evidence.note import COSIGNER, NoteKey, cosign, parse_checkpoint, read_note
from ledger.evidence.policy import Policy, parse_policy, write_policy
from ledger.storage.errors import OlderCopy, RegisterLost, RegisterRefused
from ledger.storage.opening import Storage
from ledger.storage.register import FileRegister
from schemas.envelope.keys import SigningKey
from tests.integration.backup.backups import Backups, OfFile, OfServer, base_backup, put_back
from tests.support.postgres_server import PostgresServer
from tests.support.storage_world import LOG_KEY, LogWorld

WITNESS = NoteKey("w1.example", SigningKey("key_w1", b"\x0e" * 32), COSIGNER)
POLICY: Policy = parse_policy(
    write_policy((LOG_KEY.vkey,), (f"witness w1 {WITNESS.vkey}", "quorum w1"))
)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[LogWorld, Backups]:
    if request.param == "sqlite":
        return LogWorld(tmp_path), OfFile()
    return LogWorld(tmp_path, request.getfixturevalue("log_database")), OfServer()


def append(world: LogWorld, log: Storage, *names: str) -> None:
    for name in names:
        log.submit(world.command(name)).result(60)


def names(log: Storage) -> list[str]:
    with log.snapshot() as reader:
        return [entry.data.decode().split()[-1] for entry in reader.read_after(0, 100)]


def note(log: Storage) -> str:
    with log.snapshot() as reader:
        checkpoint = reader.last_checkpoint()
    assert checkpoint is not None
    assert checkpoint.note is not None
    return checkpoint.note


@pytest.fixture
def lost(engine: tuple[LogWorld, Backups], tmp_path: Path) -> tuple[LogWorld, str, str]:
    """A log that was backed up at 2 entries, went on to 4, and was restored at 2.

    With it the checkpoints that somebody had of both moments; the backup is taken while it runs.
    """
    world, backups = engine
    copy = tmp_path / "copy"
    with world.create() as log:
        append(world, log, "a", "b")
        backups.take(world, copy)
        before = note(log)
        append(world, log, "c", "d")
        after = note(log)
    backups.lose(world)
    backups.restore(world, copy)
    return world, before, after


def test_the_newest_copy_starts_as_if_nothing_had_been(
    engine: tuple[LogWorld, Backups], tmp_path: Path
) -> None:
    world, backups = engine
    with world.create() as log:
        append(world, log, "a", "b", "c")
        backups.take(world, tmp_path / "copy")
    backups.lose(world)
    backups.restore(world, tmp_path / "copy")
    with world.open() as log:
        assert names(log) == ["a", "b", "c"]
        append(world, log, "d")
        assert names(log) == ["a", "b", "c", "d"]


def test_an_older_copy_is_refused_and_trying_changes_nothing(
    lost: tuple[LogWorld, str, str],
) -> None:
    world, _, after = lost
    held = world.register_path.read_bytes()
    for _ in range(2):
        with pytest.raises(OlderCopy, match=r"the register has seen 4 entries and .* holds 2"):
            world.open()
    assert world.register_path.read_bytes() == held
    assert after in held.decode()


def test_a_register_that_is_taken_back_too_notices_nothing(
    engine: tuple[LogWorld, Backups], tmp_path: Path
) -> None:
    """Why the guide says never: with this mistake the drill above would find no difference."""
    world, backups = engine
    with world.create() as log:
        append(world, log, "a")
        backups.take(world, tmp_path / "copy")
        register = world.register_path.read_bytes()
        append(world, log, "b")
    backups.lose(world)
    backups.restore(world, tmp_path / "copy")
    world.register_path.write_bytes(register)
    with world.open() as log:
        assert names(log) == ["a"]


def test_without_its_register_no_copy_starts(lost: tuple[LogWorld, str, str]) -> None:
    world, _, _ = lost
    world.register_path.unlink()
    with pytest.raises(RegisterLost):
        world.open()


def test_where_no_witness_has_seen_the_tail_the_log_goes_on_and_everybody_can_tell(
    lost: tuple[LogWorld, str, str],
) -> None:
    world, before, after = lost
    signed = before + cosign(before, WITNESS, time_s=1_795_000_000) + "\n"
    # (1) The register stays what it is while it is there; it is kept under another name.
    with pytest.raises(RegisterRefused, match="nothing to seed"):
        FileRegister.seed_again(world.register_path, [LOG_KEY.verifier], signed, POLICY)
    world.register_path.rename(world.register_path.with_suffix(".lost"))
    # (2) What nobody has cosigned makes no register.
    with pytest.raises(RegisterRefused):
        FileRegister.seed_again(world.register_path, [LOG_KEY.verifier], after, POLICY)
    # (3) What the witness has signed does; the log goes on from there.
    FileRegister.seed_again(world.register_path, [LOG_KEY.verifier], signed, POLICY)
    with world.open() as log:
        assert names(log) == ["a", "b"]
        append(world, log, "other", "history", "longer")
        assert names(log) == ["a", "b", "other", "history", "longer"]
        # (4) Whoever kept a checkpoint of the lost tail can show that this is another history.
        old, new = (parse_checkpoint(read_note(text).body) for text in (after, note(log)))
        with log.snapshot() as reader:
            proof = TileHashes(reader, new.size).consistency_path(old.size)
        with pytest.raises(EvidenceError):
            verify_consistency(old.size, new.size, proof, old.root, new.root)


def test_a_copy_that_is_older_than_what_the_witness_signed_stays_refused(
    lost: tuple[LogWorld, str, str],
) -> None:
    world, _, after = lost
    signed = after + cosign(after, WITNESS, time_s=1_795_000_000) + "\n"
    world.register_path.unlink()
    FileRegister.seed_again(world.register_path, [LOG_KEY.verifier], signed, POLICY)
    with pytest.raises(OlderCopy):
        world.open()


@pytest.fixture
def archiving(tmp_path: Path) -> Iterator[tuple[PostgresServer, LogWorld, Path]]:
    """A server of its own that waits for the disk, and keeps its write-ahead log."""
    archive = tmp_path / "archive"
    archive.mkdir(mode=0o777)
    keep = f'archive_command=cp "%p" {archive}/%f'
    server = PostgresServer(durable=True, options=["wal_level=replica", "archive_mode=on", keep])
    try:
        yield server, LogWorld(tmp_path, server.url()), archive
    finally:
        server.close()


def test_a_base_backup_and_the_archived_log_bring_back_the_newest_moment(
    archiving: tuple[PostgresServer, LogWorld, Path], tmp_path: Path
) -> None:
    server, world, archive = archiving
    with world.create() as log:
        append(world, log, "a", "b")
        base_backup(server, tmp_path / "base")
        append(world, log, "c", "d")
    archived(server)
    server.kill()
    put_back(server, tmp_path / "base", archive=archive)
    with world.open() as log:
        assert names(log) == ["a", "b", "c", "d"]
        append(world, log, "e")


def test_a_base_backup_alone_is_an_older_copy_like_a_standby_that_lacks_the_tail(
    archiving: tuple[PostgresServer, LogWorld, Path], tmp_path: Path
) -> None:
    server, world, _ = archiving
    with world.create() as log:
        append(world, log, "a", "b")
        base_backup(server, tmp_path / "base")
        append(world, log, "c")
    server.kill()
    put_back(server, tmp_path / "base", archive=None)
    with pytest.raises(OlderCopy, match=r"has seen 3 entries and .* holds 2"):
        world.open()


def archived(server: PostgresServer) -> None:
    """Wait until the segment of now lies in the archive."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row is not None
        archived_now = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
        while connection.execute(archived_now, row).fetchone() != (True,):
            connection.execute("SELECT pg_sleep(0.05)")
