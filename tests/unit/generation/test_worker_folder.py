"""What a worker keeps: the finished statement for as long as its job may come again, no longer."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from generation.worker_folder import (
    EXPIRES,
    FINISHED,
    GRACE,
    SWEEP_EVERY,
    UNITS,
    UNKNOWN_STAYS,
    WorkerFolder,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def finished(folder: WorkerFolder, name: str, *, expires_at: datetime) -> Path:
    home = folder.begin(name, expires_at=expires_at)
    (home / UNITS).write_bytes(b"[]")
    (home / FINISHED).write_bytes(b"statement")
    return home


def test_it_stays_until_its_authorization_and_the_grace_are_over(tmp_path: Path) -> None:
    home = finished(WorkerFolder(tmp_path, keeps_units=False), "gen_1", expires_at=NOW)
    assert WorkerFolder(tmp_path, keeps_units=False).sweep(NOW + GRACE - SECOND) == 0
    assert (home / FINISHED).read_bytes() == b"statement"
    assert WorkerFolder(tmp_path, keeps_units=False).sweep(NOW + GRACE) == 1
    assert not home.exists()


def test_what_a_page_reads_is_kept_where_pages_are_made(tmp_path: Path) -> None:
    home = finished(WorkerFolder(tmp_path, keeps_units=True), "gen_1", expires_at=NOW)
    assert WorkerFolder(tmp_path, keeps_units=True).sweep(NOW + GRACE) == 1
    assert [path.name for path in home.iterdir()] == [UNITS]
    later = NOW + GRACE + 100 * UNKNOWN_STAYS
    assert WorkerFolder(tmp_path, keeps_units=True).sweep(later) == 0
    assert (home / UNITS).exists()


@pytest.mark.parametrize("content", [None, "", "tomorrow", "2026-06-01T00:00:00"])
def test_a_folder_that_does_not_say_until_when_stays_a_week(
    tmp_path: Path, content: str | None
) -> None:
    """It is of an earlier version, or somebody was killed over it."""
    home = finished(WorkerFolder(tmp_path, keeps_units=False), "gen_1", expires_at=NOW)
    (home / EXPIRES).unlink()
    if content is not None:
        (home / EXPIRES).write_text(content)
    os.utime(home, (NOW.timestamp(), NOW.timestamp()))
    assert WorkerFolder(tmp_path, keeps_units=False).sweep(NOW + UNKNOWN_STAYS - SECOND) == 0
    assert WorkerFolder(tmp_path, keeps_units=False).sweep(NOW + UNKNOWN_STAYS) == 1


def test_one_that_was_killed_while_it_removed_goes_on(tmp_path: Path) -> None:
    home = finished(WorkerFolder(tmp_path, keeps_units=True), "gen_1", expires_at=NOW)
    (home / FINISHED).unlink()  # and `expires` not yet
    assert WorkerFolder(tmp_path, keeps_units=True).sweep(NOW + GRACE) == 1
    assert [path.name for path in home.iterdir()] == [UNITS]


def test_one_looks_now_and_then_and_a_new_job_begins_with_nothing(tmp_path: Path) -> None:
    folder = WorkerFolder(tmp_path / "not there yet", keeps_units=False)
    assert folder.sweep(NOW) == 0
    home = finished(folder, "gen_1", expires_at=NOW - GRACE)
    assert folder.sweep(NOW + SWEEP_EVERY - SECOND) == 0, "it has just looked"
    assert folder.begin("gen_1", expires_at=NOW) == home
    assert [path.name for path in home.iterdir()] == [EXPIRES]
    assert folder.sweep(NOW + SWEEP_EVERY) == 0, "it was made anew, and lives"
