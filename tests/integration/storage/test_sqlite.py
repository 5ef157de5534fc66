"""What is particular to SQLite: its connections, and that its statements use the indexes."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.dcb.api import DCBEvent

from ledger.storage.errors import EngineTooOld
from ledger.storage.opening import Storage
from ledger.storage.sqlite import store as sqlite_store
from ledger.storage.sqlite.connection import CHECKPOINT_PAGES, ENGINE_MIN, connect
from ledger.storage.sqlite.queries import QUERIES
from ledger.storage.sqlite.reader import SqliteReader
from tests.support.storage_world import LogWorld, sqlite


def test_more_readers_than_are_kept_are_served_and_given_back(file_log: Storage) -> None:
    many = sqlite_store.IDLE_MAX + 3
    opened = [file_log.store.snapshot() for _ in range(many)]
    for one in opened:
        assert one.__enter__().bound == 0
    for one in opened:
        one.__exit__(None, None, None)
    assert len(sqlite(file_log)._idle) == sqlite_store.IDLE_MAX


def test_a_reading_connection_cannot_write(file_log: Storage) -> None:
    with file_log.store.snapshot() as reader:
        assert isinstance(reader, SqliteReader)
        connection = reader._connection
        assert connection is not None
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM scopes")


def test_the_write_ahead_log_begins_anew_and_does_not_grow_for_ever(
    file_log: Storage, file_world: LogWorld
) -> None:
    large = [DCBEvent("A", bytes(60_000), [])] * 12
    written = 0
    while written < 3 * CHECKPOINT_PAGES:
        file_log.recorder.append(large)
        written += 12 * 15
    wal = file_world.file.with_name(f"{file_world.file.name}-wal")
    assert wal.stat().st_size < 1.1 * CHECKPOINT_PAGES * 4_096
    assert file_world.file.stat().st_size > 2 * CHECKPOINT_PAGES * 4_096


def test_every_named_statement_explains_itself_and_runs(file_log: Storage) -> None:
    for name, statement in QUERIES.items():
        plan = sqlite(file_log)._writing.execute(f"EXPLAIN {statement}", _any_values(statement))
        assert plan.fetchall(), name


def test_guards_and_matches_never_scan_the_log(file_log: Storage) -> None:
    probes = ["ground", "scope_positions", "tag_position", "match_tagged", "match_typed"]
    probes += [
        "position_at",
        "entry",
        "event_position",
        "commands",
        "statement",
        "openings",
        "tile",
    ]
    for name in probes:
        plan = sqlite(file_log)._writing.execute(
            f"EXPLAIN QUERY PLAN {QUERIES[name]}", _any_values(QUERIES[name])
        )
        steps = [row[3] for row in plan.fetchall()]
        scans = [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
        assert scans == [], name


def _any_values(statement: str) -> Any:
    names = re.findall(r":(\w+)", statement)
    return dict.fromkeys(names, 0) or [0] * statement.count("?")


def test_an_older_engine_is_refused_by_name_before_a_file_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 38, 5))
    with pytest.raises(EngineTooOld, match=r"SQLite 3\.38\.5, and 3\.39\.0 or later"):
        connect(tmp_path / "ledger.sqlite", writes=True, create=True)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(sqlite3, "sqlite_version_info", ENGINE_MIN)
    connect(tmp_path / "ledger.sqlite", writes=True, create=True).close()
