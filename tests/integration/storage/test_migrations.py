"""Databases of every version so far are brought to this one, by one process or several at once."""

import hashlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from ledger.storage.opening import Storage
from ledger.storage.postgres.queries import STEPS as POSTGRES_STEPS
from ledger.storage.records import StoredCosignature
from ledger.storage.sqlite.queries import STEPS as SQLITE_STEPS
from tests.support.older_databases import FOLDER, NAME, restore
from tests.support.postgres_server import drop_database, fresh_database
from tests.support.soundness import check_sound
from tests.support.storage_world import LogWorld, check_answer

VERSIONS = sorted({name.partition("_")[0] for name in (*SQLITE_STEPS, *POSTGRES_STEPS)})


def steps_of(world: LogWorld) -> list[str]:
    if world.url is None:
        with closing(sqlite3.connect(world.file)) as file:
            return sorted(name for (name,) in file.execute("SELECT name FROM migrations"))
    with psycopg.connect(world.url) as server:
        return sorted(n for (n,) in server.execute("SELECT name FROM ledger.migrations"))


def use(log: Storage, world: LogWorld) -> None:
    """Read what the older version wrote, and write what only this one knows."""
    with log.snapshot() as reader:
        assert [entry.event_id for entry in reader.read_after(0, 9)] == [
            *("evt_a_0", "evt_a_1", "evt_b_0")
        ]
        assert reader.openings("evt_a_0") == (NAME,)
        assert reader.last_position("rights:rec_1") == 3
        for name, positions in {"a": (1, 2), "b": (3,)}.items():
            said = world.command(name).statement
            found = {reader.statement(hashlib.sha256(said).digest(), at) for at in positions}
            assert found == {said}
    again = world.command("b", guard={"rights:rec_1": 1})
    assert check_answer(log.submit(again).result(60), again.events).replayed
    new = world.command("c", guard={"rights:rec_1": 3})
    check_answer(log.submit(new).result(60), new.events)
    log.store.keep_cosignature(StoredCosignature(4, "w", 1_800_000_000, "line"))
    check_sound(log)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_database_of_each_version_is_migrated_forward(version: str, world: LogWorld) -> None:
    engine, steps = ("sqlite", SQLITE_STEPS) if world.url is None else ("postgres", POSTGRES_STEPS)
    older = FOLDER / f"{engine}_{version}.sql"
    restore(older.read_text(encoding="utf-8"), world)
    assert steps_of(world) == [name for name in steps if name.partition("_")[0] <= version]
    with world.create() as log:
        use(log, world)
    assert steps_of(world) == list(steps)


def test_several_processes_may_bring_a_server_forward_at_once(tmp_path: Path) -> None:
    url = fresh_database()
    worlds = [LogWorld(tmp_path / str(n), url) for n in range(4)]
    for other in worlds[1:]:
        other.register_path = worlds[0].register_path
    opened: list[Storage] = []
    threads = [
        threading.Thread(target=lambda one=one: opened.append(one.create())) for one in worlds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(opened) == len(worlds)
    for n, log in enumerate(opened):
        prepared = worlds[n].command(f"c{n}")
        assert check_answer(log.submit(prepared).result(60), prepared.events).positions == (n + 1,)
    for log in opened:
        log.close()
    assert steps_of(worlds[0]) == list(POSTGRES_STEPS)
    drop_database(url)
