"""Who gets which page: over HTTP, and by `liner notes`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from schemas import canonical
from schemas.envelope.entry import read_entry
from schemas.ids import new_id
from service.identity import Role, Tokens
from service.notes.sound import EMPTY
from tests.integration.api.world import served
from tests.integration.notes.conftest import Made
from tests.kit.earning import earned
from tests.kit.instance import Place
from tests.support.browser import opened


class Doors:
    """Clients of one served instance."""

    def __init__(self, place: Place, url: str) -> None:
        self.place = place
        self._tokens = Tokens(place.settings.tokens)
        self._url = url

    def get(self, party: str, role: Role, subject: str, **query: str) -> httpx.Response:
        token = self._tokens.issue(party, (role,), "test")
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self._url}/v1/notes/{subject}"
        return httpx.get(url, headers=headers, params=query, timeout=60, trust_env=False)


@pytest.fixture(scope="module")
def doors(noted: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    place = noted.copy(tmp_path_factory.mktemp("doors") / "place")
    with place.open() as instance, served(instance) as url:
        yield Doors(place, url)


def test_the_creator_gets_the_page_with_the_sound(doors: Doors, output: Made) -> None:
    answer = doors.get(doors.place.creator, "creator", earned(doors.place)["generation"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert Made(answer.text).sound == output.sound


def test_whose_music_is_in_it_may_hear_it(doors: Doors, output: Made) -> None:
    for piece in doors.place.pieces:
        answer = doors.get(piece.holder, "holder", earned(doors.place)["generation"])
        assert Made(answer.text).sound == output.sound


def test_another_party_gets_the_entries_and_not_the_sound(doors: Doors) -> None:
    answer = doors.get(new_id("pty"), "holder", earned(doors.place)["generation"])
    assert answer.status_code == 200
    assert EMPTY in answer.text


@pytest.mark.parametrize("by", ["gen_", "out_", "sha256"])
def test_an_output_has_three_names(doors: Doors, output: Made, by: str) -> None:
    evidence = output.evidence
    entry = output.row(evidence, "GenerationCompleted")["entry"]
    data = read_entry(canonical.unb64u(entry)).data
    names = {"gen_": "generation", "out_": "output", "sha256": "artifact_sha256"}
    answer = doors.get(doors.place.creator, "creator", data[names[by]], sound="false")
    assert answer.status_code == 200
    assert Made(answer.text).evidence["generation"] == data["generation"]
    assert EMPTY in answer.text


def test_a_statement_is_its_partys_and_finances(doors: Doors) -> None:
    facts = earned(doors.place)
    assert doors.get(facts["payee"], "holder", facts["statement"]).status_code == 200
    assert doors.get(new_id("pty"), "finance", facts["statement"]).status_code == 200
    assert doors.get(new_id("pty"), "holder", facts["statement"]).status_code == 403


@pytest.mark.parametrize("subject", ["gen_01h455vb4pex5vsknk084sn02q", "rst_none", "0" * 64])
def test_what_there_is_not(doors: Doors, subject: str) -> None:
    answer = doors.get(doors.place.creator, "creator", subject)
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_nobody_gets_nothing(doors: Doors) -> None:
    url = f"{doors._url}/v1/notes/{earned(doors.place)['generation']}"
    assert httpx.get(url, timeout=60, trust_env=False).status_code == 401


def liner(place: Place, *words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    settings = place.settings
    environment = {**os.environ, "LINERNOTES_REGISTER": str(settings.register)}
    command = [sys.executable, "-c", "from service.cli import main; main()", *map(str, words)]
    return subprocess.run(  # noqa: S603 - our own program
        [*command, "--home", str(settings.home)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command_line_writes_a_page_that_verifies_itself(
    noted: Place, output: Made, browser: Browser, tmp_path: Path
) -> None:
    place = noted.copy(tmp_path / "place")
    sound = tmp_path / "output.wav"
    sound.write_bytes(output.sound)
    done = liner(place, "notes", sound, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    with opened(browser, tmp_path / "output.notes.html") as found:
        assert found.state == "verified", found.verdict
        assert ("passed", "Compare the sound with the log") in found.steps()


def test_the_command_line_writes_the_page_of_a_statement(
    noted: Place, browser: Browser, tmp_path: Path
) -> None:
    place = noted.copy(tmp_path / "place")
    page = tmp_path / "statement.html"
    done = liner(
        place, "notes", "--statement", earned(place)["statement"], "--page", page, folder=tmp_path
    )
    assert done.returncode == 0, done.stderr
    with opened(browser, page) as found:
        assert found.state == "verified", found.verdict


def test_a_file_that_is_no_output(noted: Place, tmp_path: Path) -> None:
    place = noted.copy(tmp_path / "place")
    other = tmp_path / "other.wav"
    other.write_bytes(b"something else")
    done = liner(place, "notes", other, folder=tmp_path)
    assert done.returncode == 1
    assert "no output of this ledger has these bytes" in done.stderr
    assert list(tmp_path.glob("*.html")) == []


@pytest.mark.parametrize("words", [[], ["x.wav", "--statement", "rst_1"]])
def test_what_cannot_be_asked(noted: Place, tmp_path: Path, words: list[str]) -> None:
    done = liner(noted, "notes", *words, folder=tmp_path)
    assert done.returncode == 64
    assert "--statement" in done.stderr
