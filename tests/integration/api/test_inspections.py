"""Inspections: a verdict on whatever comes, and an answer without the file."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.examples.story import Cast
from tests.integration.api.test_commands import problem

QUERY = "?territory=DE&tier=private&channel=download"


def inspect(cast: Cast, content: bytes, query: str = QUERY) -> dict[str, Any]:
    http = cast.people["Stream House"].http
    headers = {"Content-Type": "application/octet-stream"}
    response = http.post(f"/v1/inspections{query}", content=content, headers=headers)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def look_up(cast: Cast, **finder: str) -> httpx.Response:
    http = cast.people["Stream House"].http
    response: httpx.Response = http.post(f"/v1/inspections{QUERY}", json=finder)
    return response


def test_the_file_as_it_was_made_is_allowed_where_it_was_licensed(cast: Cast) -> None:
    verdict = inspect(cast, cast.file)["verdict"]
    assert (verdict["code"], verdict["exit_code"]) == ("allowed", 0)
    elsewhere = inspect(cast, cast.file, "?territory=FR&tier=private&channel=download")
    assert elsewhere["allowed_here"]["code"] == "territory_not_cleared"
    commercial = inspect(cast, cast.file, "?territory=DE")
    assert commercial["allowed_here"]["code"] == "tier_not_permitted"


def test_a_file_in_a_form_is_the_same_file(cast: Cast) -> None:
    http = cast.people["Stream House"].http
    files = {"file": ("song.wav", cast.file, "audio/wav")}
    response = http.post(f"/v1/inspections{QUERY}", files=files)
    assert response.json()["verdict"] == inspect(cast, cast.file)["verdict"]
    empty = http.post(f"/v1/inspections{QUERY}", files={"other": ("x", b"x")})
    problem(empty, 400, "request_invalid")


def test_whatever_comes_gets_a_verdict(cast: Cast) -> None:
    middle = len(cast.file) // 2
    tampered = cast.file[:middle] + bytes([cast.file[middle] ^ 1]) + cast.file[middle + 1 :]
    assert inspect(cast, tampered)["verdict"]["intact"]["code"] == "audio_altered"
    for content in (b"", b"\0" * 1000, cast.file[:1000]):
        found = inspect(cast, content)["verdict"]
        assert found["exit_code"] == 3, found
        assert found["allowed_here"]["code"] == "file_unusable"


def test_a_song_that_was_never_signed_says_nothing_of_itself(cast: Cast) -> None:
    recording = cast.songs[0].recording
    audio = cast.officer.http.get(f"/v1/recordings/{recording}").json()["audio"]
    song = cast.songs[0].holder.http.get(f"/v1/artifacts/{audio['file_sha256']}").content
    verdict = inspect(cast, song)["verdict"]
    assert (verdict["intact"]["code"], verdict["exit_code"]) == ("no_manifest", 2)


def test_an_output_is_found_without_its_file(cast: Cast) -> None:
    reading = inspect(cast, cast.file)["reading"]
    ways = {
        "file_sha256": reading["file_sha256"],
        "frames_sha256": reading["frames"]["sha256"],
        "urn": reading["urn"],
        "output": cast.output["output"],
        "generation": cast.generation,
    }
    for way, value in ways.items():
        found = look_up(cast, **{way: value}).json()
        assert found["record"]["generation"] == cast.generation, way
        assert found["record"]["status"] == "completed"
        assert found["allowed_here"]["code"] == "allowed"
        assert found["verdict"] is None, "the file was not seen"


def test_what_the_ledger_does_not_know_is_said_to_be_unknown(cast: Cast) -> None:
    for finder in (
        {"file_sha256": "0" * 64},
        {"frames_sha256": "0" * 64},
        {"urn": "urn:c2pa:00000000-0000-4000-8000-000000000000"},
        {"urn": "no urn at all"},
        {"output": cast.output["output"][:-4] + "0000"},
    ):
        found = problem(look_up(cast, **finder), 404, "not_found")
        assert "says nothing else" in found["detail"]


def test_a_lookup_names_one_thing(cast: Cast) -> None:
    problem(look_up(cast), 400, "value_unknown")
    problem(look_up(cast, file_sha256="0" * 64, urn="x"), 400, "value_unknown")
    problem(look_up(cast, file_sha256="0"), 400, "value_unknown")
    problem(look_up(cast, color="red"), 400, "value_unknown")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?territory=XX", "territory_unknown"),
        ("", "request_invalid"),
        ("?territory=DE&tier=golden", "request_invalid"),
        ("?territory=DE&at=yesterday", "value_unknown"),
    ],
)
def test_a_question_that_is_none_is_refused(cast: Cast, query: str, code: str) -> None:
    http = cast.people["Stream House"].http
    headers = {"Content-Type": "audio/wav"}
    response = http.post(f"/v1/inspections{query}", content=cast.file, headers=headers)
    problem(response, 400, code)


def test_nothing_is_left_of_what_was_sent(cast: Cast) -> None:
    inspect(cast, cast.file)
    incoming = cast.stage.instance.settings.home / "incoming"
    assert list(incoming.iterdir()) == []
