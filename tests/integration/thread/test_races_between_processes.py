"""Creators, holders and a representative, each in a process of its own, race on one server."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ledger.audit import StoreLog, audit
from ledger.storage.opening import LogReading
from ledger.storage.vault import read_master_key
from schemas.ids import new_id
from service.facts import InstanceFacts
from tests.kit.instance import Place
from tests.support.moved import move_log
from tests.support.race_process import Plan
from tests.support.violations import blind_acts, blind_authorizations, read_log

ROOT = Path(__file__).parents[3]
ROUNDS = 5
RACES_MAX = 4
"""For the test that must find something: it did so in the first wherever it was run."""

WAIT_S = 240.0
ROLES = ("creator", "creator", "holder", "manager")


@pytest.fixture
def moved(place: Place, log_database: str) -> str:
    """The founded instance's log, on a server."""
    move_log(place.settings.database, log_database)
    return log_database


def race(place: Place, url: str, *, guarded: bool) -> None:
    """Run one race to its end; every process ends well."""
    path = place.folder / "plan.json"
    Plan(str(place.folder), url, [new_id("mnd") for _ in range(ROUNDS)], guarded).write(path)
    processes = [
        subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "tests.support.race_process", str(path), role],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for role in ROLES
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process, role in zip(processes, ROLES, strict=True):
            if role != "creator":
                assert process.wait(WAIT_S) == 0
        for process, role in zip(processes, ROLES, strict=True):
            if role == "creator":
                process.communicate(timeout=WAIT_S)
                assert process.returncode == 0
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_nothing_rests_on_what_was_revoked_before_it(place: Place, moved: str) -> None:
    race(place, moved, guarded=True)
    facts = InstanceFacts.load(place.settings.instance)
    with LogReading(moved, master_key=read_master_key(place.settings.master_key)) as log:
        rows = read_log(log.store, log.visible)
        assert blind_authorizations(rows) == []
        assert blind_acts(log.store, rows) == []
        kinds = Counter(type(row.event).__name__ for row in rows)
        # Everybody had a part in it.
        assert kinds["GenerationAuthorized"] > 0
        assert kinds["GenerationRefused"] > 0
        assert kinds["ConsentRevoked"] >= 3 * ROUNDS
        assert kinds["MandateRevoked"] == ROUNDS
        assert kinds["ConsentGranted"] > 2 * 2 * ROUNDS  # more than the holder's own
        report = audit(StoreLog(log.store, origin=facts.origin), facts.checkpoint_vkey)
        assert report.sound, report.findings


def test_without_the_guard_the_same_finds_violations(place: Place, moved: str) -> None:
    """Teeth: what was read guards nothing, and the positions show it."""
    with LogReading(moved, master_key=read_master_key(place.settings.master_key)) as log:
        for _ in range(RACES_MAX):
            race(place, moved, guarded=False)
            rows = read_log(log.store, log.visible)
            found = blind_authorizations(rows) or blind_acts(log.store, rows)
            if found:
                break
        assert found
