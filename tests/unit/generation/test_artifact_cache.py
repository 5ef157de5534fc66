"""The cache: nothing unverified comes out of it, it is bounded, and what is in use stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.artifact_cache import ArtifactCache
from generation.artifact_opening import (
    ArtifactPlaceError,
    ArtifactSettings,
    open_artifacts,
)
from generation.artifacts import ArtifactFolder


class Clock:
    """The seconds of a test."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(tmp_path: Path, clock: Clock) -> ArtifactCache:
    return ArtifactCache(tmp_path / "cache", bytes_max=3_000, keep_s=60, now=clock)


def test_the_least_recently_used_goes_when_there_is_no_room(
    cache: ArtifactCache, clock: Clock
) -> None:
    names = []
    for number in range(3):
        names.append(cache.put(bytes([number]) * 1_000)[0])
        clock.now += 100
    assert cache.find(names[0]) is not None  # used again: now the second is the oldest
    clock.now += 100
    names.append(cache.put(b"new" * 300)[0])
    assert [cache.find(name) is not None for name in names] == [True, False, True, True]


def test_what_was_handed_out_a_moment_ago_stays_whatever_the_bound_says(
    cache: ArtifactCache, clock: Clock
) -> None:
    paths = []
    for number in range(9):
        paths.append(cache.put(bytes([number]) * 1_000)[1])
        clock.now += 1
    assert all(path.is_file() for path in paths)
    clock.now += 100
    cache.put(b"later")
    assert sum(path.stat().st_size for path in paths if path.is_file()) <= 3_000


def test_a_copy_that_went_bad_is_not_found(cache: ArtifactCache) -> None:
    name, path = cache.put(b"a good copy")
    path.chmod(0o644)
    path.write_bytes(b"a bad copy!")
    assert cache.find(name) is None


def test_a_lent_file_is_gone_afterwards(cache: ArtifactCache) -> None:
    with cache.incoming() as path:
        path.write_bytes(b"half")
    assert not path.exists()


def test_a_path_opens_a_folder(tmp_path: Path) -> None:
    for place in (tmp_path / "a", str(tmp_path / "b")):
        opened = open_artifacts(ArtifactSettings(place=place, cache=tmp_path / "cache"))
        assert isinstance(opened, ArtifactFolder)
        assert opened.path(opened.put(b"x")).read_bytes() == b"x"


@pytest.mark.parametrize(
    "place",
    [
        "s3://",
        "s3://A_Bucket",
        "s3://bucket/a?b",
        "https://bucket.example/x",
        "gs://bucket",
        "s3:///x",
    ],
)
def test_what_names_no_place_is_refused_by_name(place: str, tmp_path: Path) -> None:
    with pytest.raises(ArtifactPlaceError) as error:
        open_artifacts(ArtifactSettings(place=place, cache=tmp_path))
    assert error.value.code == "setting_invalid"


def test_half_of_the_credentials_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactPlaceError, match="belong together"):
        open_artifacts(ArtifactSettings(place="s3://bucket", cache=tmp_path, key_id="someone"))
