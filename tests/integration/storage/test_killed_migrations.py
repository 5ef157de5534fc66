"""Killed while a store is brought to newer tables: each step is wholly done or not begun."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg
import pytest

from ledger.storage.killpoints import MIGRATING, VARIABLE
from ledger.storage.postgres.queries import STEPS as POSTGRES_STEPS
from ledger.storage.register import FileRegister
from ledger.storage.sqlite.queries import STEPS as SQLITE_STEPS
from tests.integration.storage.test_migrations import steps_of, use
from tests.support.older_databases import FOLDER, restore
from tests.support.patience import PATIENCE_S
from tests.support.storage_world import LOG_KEY, LogWorld

ROOT = Path(__file__).parents[3]
OPENING = """
import sys
from pathlib import Path
from tests.support.storage_world import LogWorld
LogWorld(Path(sys.argv[1])).open().close()
"""


def opened(world: LogWorld, *, kill: int = 0) -> int:
    """Open a log in a process of its own, which dies at a point where it migrates; its code."""
    env = {**os.environ, **({VARIABLE: f"{MIGRATING}:{kill}"} if kill else {})}
    command = [sys.executable, "-c", OPENING, str(world.folder)]
    return subprocess.run(command, cwd=ROOT, env=env, check=False, timeout=PATIENCE_S).returncode  # noqa: S603 - ours


def tables(world: LogWorld) -> str:
    """Return all that a store holds, tables and rows, but what a process that opens it adds."""
    if world.url is None:
        with closing(sqlite3.connect(world.file)) as file:
            return "\n".join(file.iterdump())
    with psycopg.connect(world.url) as server:
        columns = server.execute(
            "SELECT table_name, string_agg(column_name || data_type, ',' ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_schema = 'ledger' GROUP BY 1 ORDER BY 1"
        ).fetchall()
        found = [repr(columns)]
        for name, _ in columns:
            if name != "migrations":  # it says when
                rows = server.execute(f"SELECT t::text FROM ledger.{name} AS t ORDER BY 1")  # noqa: S608 - our own tables
                found.append(f"{name}: {rows.fetchall()}")
        return "\n".join(found)


@pytest.fixture
def older(world: LogWorld) -> str:
    """The oldest database that there is, beside the register that goes with it."""
    FileRegister.create(world.register_path, (LOG_KEY.verifier,))
    engine = "sqlite" if world.url is None else "postgres"
    return (FOLDER / f"{engine}_00.01.00.sql").read_text(encoding="utf-8")


def again(world: LogWorld, older: str) -> None:
    """Put the older database in the place of the one that is there."""
    if world.url is None:
        for left_over in world.file.parent.iterdir():
            left_over.unlink()
    restore(older, world)


def test_killed_at_any_point_every_step_is_done_or_not_begun(world: LogWorld, older: str) -> None:
    steps = tuple(SQLITE_STEPS if world.url is None else POSTGRES_STEPS)
    restore(older, world)
    # What a store holds by the steps that are done: as it was, and then as it is right after each
    # step, for of the points at which the same steps are done that one comes first.
    known = {tuple(steps_of(world)): tables(world)}
    left = len(steps) - len(steps_of(world))
    for kill in count(1):
        again(world, older)
        code = opened(world, kill=kill)
        done, found = tuple(steps_of(world)), tables(world)
        assert done == steps[: len(done)]
        assert known.setdefault(done, found) == found, "between two steps there is nothing"
        with world.open():
            pass  # who starts next goes on
        assert tuple(steps_of(world)) == steps
        assert known.setdefault(steps, tables(world)) == tables(world), "and ends at the same"
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert len(known) == left + 1
    assert kill > 3 * left, "it was killed inside of each step too"
    with world.open() as log:
        use(log, world)
