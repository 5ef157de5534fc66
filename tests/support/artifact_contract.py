"""What every store of artifacts must do: one suite, run on each. A store brings a `Stand`."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from generation.artifacts import ArtifactError, Artifacts, hash_file

CONTENT = b"sixteen bars of nothing" * 1_000
NAME = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Stand:
    """A store, another process's view of the same one, and the files in which bytes really lie."""

    store: Artifacts
    again: Callable[[], Artifacts]
    objects: Path

    def stored(self) -> list[Path]:
        return [path for path in self.objects.rglob("*") if path.is_file()]


class ArtifactContract:
    """Derive from it in a module that has the fixture `stand`."""

    def test_bytes_and_files_are_named_by_their_hash(self, stand: Stand, tmp_path: Path) -> None:
        file = tmp_path / "some.wav"
        file.write_bytes(CONTENT)
        assert stand.store.put(CONTENT) == stand.store.put(file) == NAME
        assert stand.store.path(NAME).read_bytes() == CONTENT
        assert file.is_file()  # copied, not taken

    def test_storing_twice_keeps_one(self, stand: Stand) -> None:
        for _ in range(3):
            stand.store.put(CONTENT)
        assert [hash_file(path) for path in stand.stored()] == [NAME]

    def test_many_who_store_the_same_at_once_keep_one(self, stand: Stand) -> None:
        with ThreadPoolExecutor(8) as pool:
            names = list(pool.map(lambda _: stand.again().put(CONTENT), range(8)))
        assert names == [NAME] * 8
        assert [hash_file(path) for path in stand.stored()] == [NAME]

    def test_nothing_is_found_under_a_name_never_stored(self, stand: Stand) -> None:
        with pytest.raises(ArtifactError) as error:
            stand.store.path("0" * 64)
        assert error.value.code == "artifact_missing"

    @pytest.mark.parametrize(
        "name", ["", "../secret", "A" * 64, "0" * 63, NAME + "\n", NAME + "/x"]
    )
    def test_only_hashes_are_names(self, name: str, stand: Stand) -> None:
        with pytest.raises(ArtifactError) as error:
            stand.store.path(name)
        assert error.value.code == "artifact_name_invalid"

    def test_a_flipped_bit_is_noticed_and_storing_again_mends_it(self, stand: Stand) -> None:
        stand.store.put(CONTENT)
        (stored,) = stand.stored()
        stored.chmod(0o644)
        stored.write_bytes(CONTENT[:-1] + b"!")
        with pytest.raises(ArtifactError) as error:
            stand.again().path(NAME)
        assert error.value.code == "artifact_corrupt"
        assert stand.again().put(CONTENT) == NAME
        assert stand.again().path(NAME).read_bytes() == CONTENT

    def test_a_shortened_copy_is_noticed_and_storing_again_mends_it(self, stand: Stand) -> None:
        stand.store.put(CONTENT)
        (stored,) = stand.stored()
        stored.chmod(0o644)
        stored.write_bytes(CONTENT[:100])
        with pytest.raises(ArtifactError) as error:
            stand.again().path(NAME)
        assert error.value.code == "artifact_corrupt"
        stand.again().put(CONTENT)
        assert stand.again().path(NAME).read_bytes() == CONTENT

    def test_a_reader_never_sees_half_a_file(self, stand: Stand, tmp_path: Path) -> None:
        """A pipe is stored while it is written: until it ends, the name does not exist."""
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        names: list[str] = []
        storing = threading.Thread(target=lambda: names.append(stand.store.put(pipe)))
        storing.start()
        with pipe.open("wb") as writer:
            writer.write(CONTENT[:10_000])
            writer.flush()
            with pytest.raises(ArtifactError):
                stand.again().path(NAME)
            writer.write(CONTENT[10_000:])
        storing.join()
        assert names == [NAME]
        assert stand.again().path(NAME).read_bytes() == CONTENT

    def test_a_source_that_fails_leaves_nothing(self, stand: Stand, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            stand.store.put(tmp_path / "nowhere.wav")
        assert not stand.stored()

    def test_what_is_handed_out_is_read_only(self, stand: Stand) -> None:
        stand.store.put(CONTENT)
        assert stand.again().path(NAME).stat().st_mode & 0o777 == 0o444

    def test_nothing_at_all_can_be_stored(self, stand: Stand) -> None:
        name = stand.store.put(b"")
        assert stand.again().path(name).read_bytes() == b""
