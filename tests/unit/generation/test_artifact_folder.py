"""The content-addressed store: names are hashes, and what is handed out was verified."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from generation.artifacts import ArtifactError, ArtifactFolder, Artifacts, hash_file

CONTENT = b"sixteen bars of nothing" * 1_000
NAME = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> ArtifactFolder:
    return ArtifactFolder(tmp_path / "artifacts")


def test_bytes_and_files_are_named_by_their_hash(store: ArtifactFolder, tmp_path: Path) -> None:
    file = tmp_path / "some.wav"
    file.write_bytes(CONTENT)
    kept: Artifacts = store
    assert kept.put(CONTENT) == kept.put(file) == NAME
    assert kept.path(NAME).read_bytes() == CONTENT
    assert file.is_file()  # copied, not taken


def test_storing_twice_keeps_one(store: ArtifactFolder, tmp_path: Path) -> None:
    for _ in range(3):
        store.put(CONTENT)
    files = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
    assert files == [store.path(NAME)]


def test_nothing_is_found_under_a_name_never_stored(store: ArtifactFolder) -> None:
    with pytest.raises(ArtifactError) as error:
        store.path("0" * 64)
    assert error.value.code == "artifact_missing"


@pytest.mark.parametrize("name", ["", "../secret", "A" * 64, "0" * 63, NAME + "\n", f"{NAME}/x"])
def test_only_hashes_are_names(name: str, store: ArtifactFolder) -> None:
    with pytest.raises(ArtifactError) as error:
        store.path(name)
    assert error.value.code == "artifact_name_invalid"


def test_a_flipped_bit_is_noticed_and_storing_again_mends_it(store: ArtifactFolder) -> None:
    store.put(CONTENT)
    path = store.path(NAME)
    path.chmod(0o644)
    path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(ArtifactError) as error:
        store.path(NAME)
    assert error.value.code == "artifact_corrupt"
    assert store.put(CONTENT) == NAME
    assert store.path(NAME).read_bytes() == CONTENT


def test_a_reader_never_sees_half_a_file(store: ArtifactFolder, tmp_path: Path) -> None:
    """A pipe is stored while it is written: until it ends, the name does not exist."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    names: list[str] = []
    storing = threading.Thread(target=lambda: names.append(store.put(pipe)))
    storing.start()
    with pipe.open("wb") as writer:
        writer.write(CONTENT[:10_000])
        writer.flush()
        with pytest.raises(ArtifactError):
            store.path(NAME)
        writer.write(CONTENT[10_000:])
    storing.join()
    assert names == [NAME]
    assert store.path(NAME).read_bytes() == CONTENT


def test_a_source_that_fails_leaves_nothing(store: ArtifactFolder, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put(tmp_path / "nowhere.wav")
    assert not [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]


def test_what_is_stored_is_read_only(store: ArtifactFolder) -> None:
    store.put(CONTENT)
    assert store.path(NAME).stat().st_mode & 0o777 == 0o444


def test_a_second_folder_object_sees_the_same_files(store: ArtifactFolder, tmp_path: Path) -> None:
    store.put(CONTENT)
    assert hash_file(ArtifactFolder(tmp_path / "artifacts").path(NAME)) == NAME
