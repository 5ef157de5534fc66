"""What an instance refuses to start with, and the sentence that says why."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.audit import StoreLog, audit
from ledger.storage.errors import (
    AlreadyHeld,
    Damaged,
    OlderCopy,
    RegisterLost,
    RegisterMisplaced,
    RegisterRefused,
)
from schemas.commands.parties import RegisterParty
from schemas.ids import new_id
from service.instance import Instance
from service.settings import Settings
from tests.e2e.driving import KILLED, Driver, wait_for_line
from tests.kit.instance import Place
from tests.kit.sound import check_sound, wait_ended


def register_somebody(instance: Instance, name: str = "Somebody") -> None:
    party = RegisterParty(party=new_id("pty"), kind="organization", name=name)
    instance.operator().say(party)


def test_a_restored_older_copy_does_not_start(place: Place, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(place.settings.home, backup)
    with place.open(work=True) as instance:
        before = instance.feed.visible_head()
        generation = place.authorize(instance)
        wait_ended(instance, generation)
        after = instance.feed.visible_head()
    newest = tmp_path / "newest"
    place.settings.home.rename(newest)
    shutil.copytree(backup, place.settings.home)
    expected = f"the register has seen {after} entries and this file holds {before}"
    for work in (False, True):
        with pytest.raises(OlderCopy, match=expected):
            place.open(work=work)
    # The newest one, put back, starts as if nothing had been.
    shutil.rmtree(place.settings.home)
    newest.rename(place.settings.home)
    with place.open() as instance:
        assert instance.feed.visible_head() == after
        check_sound(instance)


def test_another_history_of_the_same_length_does_not_start(place: Place, tmp_path: Path) -> None:
    other = place.copy(tmp_path / "other")
    for chosen, name in ((place, "One"), (other, "Another")):
        with chosen.open() as instance:
            register_somebody(instance, name)
    shutil.copy(other.settings.database, place.settings.database)
    with pytest.raises(RegisterRefused, match="refused"):
        place.open()


def test_a_copy_that_went_on_by_itself_does_not_start(place: Place, tmp_path: Path) -> None:
    """A backup on another machine, with its own register, that outgrew the first one."""
    other = place.copy(tmp_path / "other")
    with place.open() as instance:
        register_somebody(instance)
    with other.open() as instance:
        register_somebody(instance)
        register_somebody(instance)
    shutil.copy(other.settings.database, place.settings.database)
    with pytest.raises(RegisterRefused):
        place.open()


def test_without_its_register_it_does_not_start(place: Place) -> None:
    place.settings.register.unlink()
    with pytest.raises(RegisterLost, match="seed it again from a checkpoint that witnesses"):
        place.open()
    assert not place.settings.register.exists()  # looking for it did not make a new one


def test_a_register_inside_the_data_folder_is_refused(place: Place) -> None:
    inside = place.settings.home / "register"
    shutil.move(place.settings.register, inside)
    with pytest.raises(RegisterMisplaced, match="put it elsewhere"):
        Instance(Settings(home=place.settings.home, register=inside))


def test_a_second_process_is_told_which_one_holds_the_file(place: Place, driver: Driver) -> None:
    answers = driver.begin(place, "hold")
    pid = wait_for_line(answers)["pid"]
    try:
        with pytest.raises(AlreadyHeld, match=f"process {pid} on .*; stop it first") as held:
            place.open()
        assert held.value.pid == pid
    finally:
        os.kill(pid, signal.SIGKILL)
    assert driver.end(answers).code == KILLED
    with place.open() as instance:
        check_sound(instance)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM events WHERE position = (SELECT max(position) FROM events)",
        "UPDATE state SET size = size - 1, visible = visible - 1",
        "UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE level = 0",
    ],
)
def test_a_file_whose_edge_was_edited_does_not_start(place: Place, change: str) -> None:
    edit(place, change)
    with pytest.raises(Damaged):
        place.open()


AS_SIX = "UPDATE events SET data = (SELECT data FROM events WHERE position = 6) WHERE position = 7"


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ("UPDATE events SET data = zeroblob(length(data)) WHERE position = 7", "(1) entry"),
        (AS_SIX, "(6) tree"),
        ("UPDATE statements SET statement = zeroblob(length(statement))", "(4) statement"),
        ("UPDATE events SET tags = '[]' WHERE position = 7", "(5) tags"),
    ],
)
def test_an_older_entry_that_was_edited_is_found_by_the_audit(
    place: Place, change: str, step: str
) -> None:
    edit(place, change)
    with place.open() as instance:
        log = StoreLog(instance.store, origin=instance.facts.origin)
        report = audit(log, instance.facts.checkpoint_vkey)
        assert not report.sound
        assert step in {found.step for found in report.findings}


def edit(place: Place, change: str) -> None:
    """Change rows as somebody would who owns the file: triggers gone first."""
    with closing(sqlite3.connect(place.settings.database)) as connection, connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in rows.fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        assert connection.execute(change).rowcount > 0
