"""A name is on disk after its bytes: what is told to the system, in order, by all who write files.

A loss of power keeps what was synced and may keep or lose anything else, so its outcome follows
from the order alone. The calls are the real ones; they are
only written down.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from generation.artifacts import ArtifactFolder
from generation.audio import Audio, write_wav
from schemas.drafts import draft, name_folder, rename, write

RAW: Final = b"x" * 70_000


class Disk:
    """Writes down what is synced, and what had a name by then."""

    def __init__(self, patch: pytest.MonkeyPatch, root: Path) -> None:
        self.synced: list[tuple[int, dict[Path, int]]] = []
        fsync = os.fsync

        def told(handle: int) -> None:
            fsync(handle)
            named = {path: path.stat().st_ino for path in root.rglob("*")}
            self.synced.append((os.fstat(handle).st_ino, named))

        patch.setattr(os, "fsync", told)

    def check(self, place: Path) -> None:
        """Its bytes were synced, then it was named, and then its folder was synced."""
        file, folder = place.stat().st_ino, place.parent.stat().st_ino
        (named,) = [named for inode, named in self.synced if inode == file]
        assert place not in named, "it had its name before its bytes"
        assert [named[place] for inode, named in self.synced if inode == folder] == [file]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Disk:
    return Disk(monkeypatch, tmp_path)


@pytest.mark.parametrize("how", ["replace", "link"])
def test_bytes_then_name_then_folder(disk: Disk, tmp_path: Path, how: str) -> None:
    write(tmp_path / "file", RAW, getattr(os, how))
    disk.check(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == RAW
    assert len(list(tmp_path.iterdir())) == 1


def test_a_sound(disk: Disk, tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", Audio(np.zeros((100, 1), dtype=np.float32), 44_100))
    disk.check(tmp_path / "a.wav")


def test_an_artifact_and_the_subfolder_it_is_the_first_of(disk: Disk, tmp_path: Path) -> None:
    store = ArtifactFolder(tmp_path)
    path = store.path(store.put(RAW))
    disk.check(path)
    assert disk.synced[-1][0] == tmp_path.stat().st_ino


def test_an_artifact_that_somebody_else_did_not_live_to_sync(disk: Disk, tmp_path: Path) -> None:
    store = ArtifactFolder(tmp_path)
    path = store.path(store.put(RAW))
    disk.synced.clear()
    store.put(RAW)
    assert [number for number, _ in disk.synced] == [
        one.stat().st_ino for one in (path, path.parent, tmp_path)
    ]


def test_what_gets_no_name_is_gone(tmp_path: Path) -> None:
    with draft(tmp_path, "file") as begun:
        begun.file.write(RAW)
    assert list(tmp_path.iterdir()) == []


def test_drafts_that_a_kill_left_are_swept_after_a_day_and_no_others(tmp_path: Path) -> None:
    store = ArtifactFolder(tmp_path)
    kept = store.path(store.put(RAW))
    left, fresh = tmp_path / ".incoming.0badc0de.part", tmp_path / ".incoming.0000beef.part"
    for path in (left, fresh, tmp_path / "note.txt"):
        path.write_bytes(RAW)
    for path in (left, kept, tmp_path / "note.txt"):
        os.utime(path, (0, 0))
    ArtifactFolder(tmp_path)
    assert not left.exists()
    assert all(path.is_file() for path in (fresh, kept, tmp_path / "note.txt"))


def test_what_fails_is_gone_and_the_place_as_it_was(tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError("the disk is gone")

    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(OSError, match="gone"):
        write(tmp_path / "file", RAW, before=fail)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", b"old")]


def test_another_name_is_on_disk_in_both_folders(disk: Disk, tmp_path: Path) -> None:
    old, new = tmp_path / "inbox", tmp_path / "taken"
    old.mkdir()
    new.mkdir()
    (old / "file").write_bytes(RAW)
    (new / "file").write_bytes(b"what was there")
    rename(old / "file", new / "file")
    assert (new / "file").read_bytes() == RAW
    synced = [(number, old / "file" in named) for number, named in disk.synced]
    assert synced == [(new.stat().st_ino, False), (old.stat().st_ino, False)]


def test_all_that_is_in_a_folder_is_on_disk_before_it_has_its_name(
    disk: Disk, tmp_path: Path
) -> None:
    drafted, folder = tmp_path / ".folder.part", tmp_path / "folder"
    (drafted / "keys").mkdir(parents=True)
    (drafted / "keys" / "one.key").write_bytes(RAW)
    name_folder(drafted, folder)
    *within, last = disk.synced
    inside = {one.stat().st_ino for one in (folder, folder / "keys", folder / "keys" / "one.key")}
    assert {number for number, _ in within} == inside
    assert not any(folder in named for _, named in within)
    assert (last[0], folder in last[1]) == (tmp_path.stat().st_ino, True)


def test_a_folder_that_is_there_stays(tmp_path: Path) -> None:
    drafted, folder = tmp_path / ".folder.part", tmp_path / "folder"
    for each in (drafted, folder):
        each.mkdir()
        (each / "file").write_bytes(each.name.encode())
    with pytest.raises(OSError, match="not empty"):
        name_folder(drafted, folder)
    assert (folder / "file").read_bytes() == b"folder"
