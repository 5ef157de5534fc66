"""Audio by its hash: what is kept is what was named, decodes, and is read in ranges."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from generation import audio
from service.api.limits import Limits
from tests.integration.api.test_commands import problem
from tests.integration.api.world import Client, World, open_world


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path: Path = tmp_path_factory.mktemp("sound") / "tone.wav"
    time = np.arange(44_100, dtype=np.float32) / 44_100
    tone = np.sin(2 * np.pi * 440 * time)[:, None].repeat(2, axis=1) * 0.5
    audio.write_wav(path, audio.Audio(tone.astype(np.float32), 44_100))
    return path.read_bytes()


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(who: Client, content: bytes, name: str = "") -> httpx.Response:
    response: httpx.Response = who.put(
        f"/v1/artifacts/{name or sha256_of(content)}", content=content
    )
    return response


@pytest.fixture(scope="module")
def holder(world: World, sound: bytes) -> Client:
    who = world.party("Holder")
    recording = register(who, put(who, sound).json())
    share = claim(who, recording)
    etag = who.get(f"/v1/shares/{share}").headers["etag"]
    world.officer().did("ConfirmShare", {"share": share}, If_Match=etag)
    return who


def register(who: Client, known: dict[str, Any]) -> str:
    """Register audio, as the door knows it, as a recording of somebody's."""
    facts = {name: known[name] for name in ("duration_ms", "sample_rate_hz", "audio")}
    said = who.did("RegisterRecording", {"title": "Tone", "artist": "Holder", **facts})
    return str(said["entries"][0]["data"]["recording"])


def claim(who: Client, recording: str) -> str:
    """Claim the whole of a recording, which somebody else has to confirm."""
    world = {"include": ["2136"], "exclude": []}
    body = {"asset": recording, "party": who.party, "fraction": "1", "territories": world}
    said = who.did("ClaimShare", body)
    return str(said["entries"][0]["data"]["share"])


def leftovers(world: World) -> list[Path]:
    return list((world.instance.settings.home / "incoming").iterdir())


def test_audio_is_known_by_its_two_hashes(world: World, holder: Client, sound: bytes) -> None:
    response = put(holder, sound)
    assert response.status_code == 200, "it was here already"
    found = response.json()
    assert found["audio"]["file_sha256"] == sha256_of(sound)
    assert found["duration_ms"] == 1000
    assert found["sample_rate_hz"] == 44_100
    assert found["bytes"] == len(sound)
    assert leftovers(world) == []


def test_the_first_time_it_is_created(holder: Client, sound: bytes) -> None:
    other = sound[:-2] + b"\x01\x00"
    response = put(holder, other)
    assert response.status_code == 201
    assert response.headers["location"] == f"/v1/artifacts/{sha256_of(other)}"


def test_bytes_of_another_name_are_refused(world: World, holder: Client, sound: bytes) -> None:
    found = problem(put(holder, sound, "0" * 64), 409, "content_mismatch")
    assert sha256_of(sound) in found["detail"]
    problem(put(holder, sound, "ABC"), 400, "request_invalid")
    assert leftovers(world) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "audio_empty"),
        (b"not audio at all" * 100, "audio_unreadable"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio_unreadable"),
    ],
)
def test_what_is_no_audio_is_not_kept(
    world: World, holder: Client, content: bytes, code: str
) -> None:
    found = problem(put(holder, content), 422, "audio_unusable")
    assert found["errors"][0]["code"] == code
    assert str(world.instance.settings.home) not in str(found)
    problem(holder.get(f"/v1/artifacts/{sha256_of(content)}"), 404, "not_found")
    assert leftovers(world) == []


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, sound: bytes) -> None:
    with open_world(tmp_path, limits=Limits(file_bytes=len(sound) - 1)) as world:
        who = world.party("Holder")
        problem(put(who, sound), 413, "content_too_large")
        path = f"/v1/artifacts/{sha256_of(sound)}"
        chunked = who.put(path, content=(sound[at : at + 999] for at in range(0, len(sound), 999)))
        problem(chunked, 413, "content_too_large")
        assert leftovers(world) == []


def test_who_only_looks_brings_nothing(world: World, sound: bytes) -> None:
    problem(put(world.party("Auditor", "auditor"), sound), 403, "role_missing")
    problem(put(world.nobody, sound), 401, "token_missing")


def test_audio_is_read_by_those_whose_it_is(world: World, holder: Client, sound: bytes) -> None:
    path = f"/v1/artifacts/{sha256_of(sound)}"
    assert holder.get(path).content == sound
    assert world.party("Auditor", "auditor").get(path).content == sound
    problem(world.party("Other").get(path), 403, "not_yours")
    problem(world.nobody.get(path), 401, "token_missing")


def test_whoever_registers_a_hash_from_the_log_hears_nothing(
    world: World, holder: Client, sound: bytes
) -> None:
    known = put(holder, sound).json()
    thief = world.party("Thief")
    claim(thief, register(thief, known))
    problem(thief.get(f"/v1/artifacts/{sha256_of(sound)}"), 403, "not_yours")


def test_a_download_says_what_it_is(holder: Client, sound: bytes) -> None:
    path = f"/v1/artifacts/{sha256_of(sound)}"
    response, head = holder.get(path), holder.head(path)
    digest = base64.b64encode(hashlib.sha256(sound).digest()).decode()
    for answer in (response, head):
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.headers["content-digest"] == f"sha-256=:{digest}:"
        assert answer.headers["etag"] == f'"{sha256_of(sound)}"'
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["content-length"] == str(len(sound))
    assert head.content == b""
    known = holder.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize(
    ("field", "first", "end"),
    [("0-0", 0, 1), ("100-199", 100, 200), ("100-", 100, None), ("-10", -10, None)],
)
def test_a_range_is_that_part(
    holder: Client, sound: bytes, field: str, first: int, end: int | None
) -> None:
    path = f"/v1/artifacts/{sha256_of(sound)}"
    response = holder.get(path, headers={"Range": f"bytes={field}"})
    assert response.status_code == 206
    assert response.content == sound[first:end]
    begin = first % len(sound)
    until = begin + len(response.content) - 1
    assert response.headers["content-range"] == f"bytes {begin}-{until}/{len(sound)}"
    assert "content-digest" not in response.headers
    assert "repr-digest" in response.headers


def test_a_range_beyond_the_end_is_cut_off_or_refused(holder: Client, sound: bytes) -> None:
    path, size = f"/v1/artifacts/{sha256_of(sound)}", len(sound)
    cut = holder.get(path, headers={"Range": f"bytes={size - 5}-{size + 5}"})
    assert (cut.status_code, cut.content) == (206, sound[-5:])
    for field in (f"{size}-", f"{size + 10}-{size + 20}", "-0"):
        refused = holder.get(path, headers={"Range": f"bytes={field}"})
        problem(refused, 416, "range_not_satisfiable")
        assert refused.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize("field", ["bytes=5-1", "bytes=-", "bytes=0-1,5-6", "lines=1-2", "x"])
def test_a_range_that_is_not_understood_is_passed_over(
    holder: Client, sound: bytes, field: str
) -> None:
    response = holder.get(f"/v1/artifacts/{sha256_of(sound)}", headers={"Range": field})
    assert (response.status_code, response.content) == (200, sound)


def test_a_range_of_something_else_is_the_whole(holder: Client, sound: bytes) -> None:
    path = f"/v1/artifacts/{sha256_of(sound)}"
    tag = f'"{sha256_of(sound)}"'
    ranged = {"Range": "bytes=0-3"}
    assert holder.get(path, headers=ranged | {"If-Range": tag}).status_code == 206
    assert holder.get(path, headers=ranged | {"If-Range": '"other"'}).status_code == 200
