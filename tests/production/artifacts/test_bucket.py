"""Artifacts in a real S3 server: the contract of every store, and what a network adds to it."""

from __future__ import annotations

import hashlib
import itertools
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from generation import object_store
from generation.artifact_bucket import ArtifactBucket
from generation.artifact_cache import ArtifactCache
from generation.artifact_opening import ArtifactSettings, open_artifacts
from generation.artifacts import ArtifactError, Artifacts, ArtifactsUnavailableError, hash_file
from generation.object_store import Bucket, BucketPlace
from tests.support.artifact_contract import CONTENT, NAME, ArtifactContract, Stand
from tests.support.processes import stopped
from tests.support.s3_server import KEY_ID, SECRET, S3Server, s3_server

LARGE = bytes(range(256)) * (13 << 12)
"""Thirteen megabytes: parts of five (the least that S3 takes) and a rest."""

_numbers = itertools.count()


@pytest.fixture
def place(server: S3Server) -> BucketPlace:
    name = f"artifacts-{next(_numbers)}"
    server.make_bucket(name)
    return BucketPlace(name, "in/a.folder/", server.url, key_id=KEY_ID, secret=SECRET)


@pytest.fixture
def stand(place: BucketPlace, server: S3Server, tmp_path: Path) -> Stand:
    def opened() -> Artifacts:
        bucket = Bucket(place, whole_bytes_max=6 << 20, part_bytes=5 << 20)
        return ArtifactBucket(bucket, ArtifactCache(tmp_path / f"cache-{next(_numbers)}"))

    return Stand(opened(), opened, server.folder / "objects" / place.bucket)


class TestArtifactBucket(ArtifactContract):
    """Every test of the contract."""


def test_a_large_file_goes_and_comes_in_parts(stand: Stand) -> None:
    name = hashlib.sha256(LARGE).hexdigest()
    assert stand.store.put(LARGE) == name
    assert hash_file(stand.again().path(name)) == name
    assert stand.again().put(LARGE) == name
    assert [hash_file(path) for path in stand.stored()] == [name]


def test_a_large_copy_that_went_bad_is_replaced(stand: Stand) -> None:
    name = stand.store.put(LARGE)
    (stored,) = stand.stored()
    stored.write_bytes(LARGE[:-1] + b"!")
    with pytest.raises(ArtifactError, match="artifact_corrupt"):
        stand.again().path(name)
    stand.again().put(LARGE)
    assert hash_file(stand.again().path(name)) == name


def test_the_condition_is_the_servers(place: BucketPlace, tmp_path: Path, stand: Stand) -> None:
    """Whatever the client believes: a name that is taken is not written a second time."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"first")
    second.write_bytes(b"second")
    assert Bucket(place).create(NAME, first)
    for bucket in (Bucket(place), Bucket(place, whole_bytes_max=1, part_bytes=5 << 20)):
        assert not bucket.create(NAME, second)
    (stored,) = stand.stored()
    assert stored.read_bytes() == b"first"


def test_only_the_version_that_was_read_is_replaced(place: BucketPlace, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")
    bucket = Bucket(place)
    bucket.create(NAME, file)
    tag = bucket.read(NAME, lambda _: None)
    file.write_bytes(b"two")
    assert bucket.replace(NAME, file, tag=tag)
    assert not bucket.replace(NAME, file, tag=tag)


def test_the_server_refuses_bytes_that_are_not_the_ones_announced(
    place: BucketPlace, tmp_path: Path, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"what leaves")
    another = object_store._b64(hashlib.sha256(b"what was meant").digest())
    monkeypatch.setattr(object_store, "_b64", lambda _: another)
    with pytest.raises(ArtifactsUnavailableError):
        Bucket(place).create(NAME, file)
    assert not stand.stored()


def test_a_bad_local_copy_is_fetched_again(stand: Stand) -> None:
    stand.store.put(CONTENT)
    reader = stand.again()
    copy = reader.path(NAME)
    copy.chmod(0o644)
    copy.write_bytes(b"spoiled")
    assert reader.path(NAME).read_bytes() == CONTENT


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[BucketPlace], Bucket]:
    """Make a client that waits for a second: of a server that does not answer."""

    def made(place: BucketPlace) -> Bucket:
        with monkeypatch.context() as patched:
            patched.setattr(object_store, "CONNECT_TIMEOUT_S", 1)
            patched.setattr(object_store, "READ_TIMEOUT_S", 1)
            patched.setattr(object_store, "TRIES_MAX", 2)
            return Bucket(place)

    return made


def _both_ways(store: Artifacts) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.put(b"something new"),
        lambda: store.path(NAME),
    ]
    for call in calls:
        with pytest.raises(ArtifactsUnavailableError, match="artifact_unavailable"):
            call()


def test_a_server_that_is_away_or_hangs_is_a_reason_to_come_again(
    tmp_path: Path, impatient: Callable[[BucketPlace], Bucket]
) -> None:
    with s3_server(tmp_path / "s3") as server:
        server.make_bucket("artifacts")
        place = BucketPlace("artifacts", "", server.url, key_id=KEY_ID, secret=SECRET)
        store = ArtifactBucket(Bucket(place), ArtifactCache(tmp_path / "a"))
        hasty = ArtifactBucket(impatient(place), ArtifactCache(tmp_path / "b"))
        store.put(CONTENT)
        assert server.process is not None
        with stopped(server.process.pid):
            _both_ways(hasty)
        server.stop(signal.SIGKILL)
        _both_ways(hasty)
        server.start()
        # What was stored before the kill is still there, for whoever has no copy.
        again = ArtifactBucket(Bucket(place), ArtifactCache(tmp_path / "c"))
        assert again.path(NAME).read_bytes() == CONTENT
        assert store.put(b"something new")


@pytest.mark.parametrize("wrong", ["bucket", "key_id", "secret"])
def test_a_start_with_a_wrong_setting_says_so(
    wrong: str, server: S3Server, place: BucketPlace, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("wrong\n" if wrong == "secret" else SECRET + "\n")
    settings = ArtifactSettings(
        place="s3://nowhere-at-all" if wrong == "bucket" else f"s3://{place.bucket}/in",
        cache=tmp_path / "cache",
        endpoint=server.url,
        key_id="nobody" if wrong == "key_id" else KEY_ID,
        secret_file=secret,
    )
    with pytest.raises(ArtifactsUnavailableError):
        open_artifacts(settings)


def test_the_settings_open_the_store(server: S3Server, place: BucketPlace, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    settings = ArtifactSettings(
        place=f"s3://{place.bucket}/by/settings",
        cache=tmp_path / "cache",
        endpoint=server.url,
        key_id=KEY_ID,
        secret_file=secret,
    )
    opened = open_artifacts(settings)
    assert opened.path(opened.put(CONTENT)).read_bytes() == CONTENT
    stored = server.folder / "objects" / place.bucket / "by/settings" / NAME[:2] / NAME
    assert stored.read_bytes() == CONTENT


def test_a_folder_of_the_servers_is_a_bucket_as_compose_makes_it(
    server: S3Server, tmp_path: Path
) -> None:
    (server.folder / "objects/made-by-hand").mkdir()
    place = BucketPlace("made-by-hand", "v1/", server.url, key_id=KEY_ID, secret=SECRET)
    bucket = Bucket(place)
    bucket.check()
    store = ArtifactBucket(bucket, ArtifactCache(tmp_path / "cache"))
    assert ArtifactBucket(bucket, ArtifactCache(tmp_path / "other")).path(store.put(CONTENT))
