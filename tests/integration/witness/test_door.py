"""The witness's door, as clients written by others come to it: paths, types, limits."""

import http.client
from collections.abc import Iterator
from hashlib import sha256

import httpx
import pytest

from ledger.evidence.note import parse_vkey, read_note, verify_note
from ledger.evidence.submission import parse_submission
from service.demo.witness import WitnessNotRunningError, witness_process
from service.witness.setting import init, read_logs, watch
from tests.support.witness_servers import WAIT_S, post
from tests.support.witness_world import LOG_KEY, ORIGIN, OTHER_KEY, grown, submission

THREE, SEVEN = grown(3, 7)
PATH = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A witness that has seen three entries."""
    folder = tmp_path_factory.mktemp("door") / "witness"
    with (
        witness_process(folder, ORIGIN, LOG_KEY.vkey, name="w.example/<one>") as one,
        httpx.Client(base_url=one.url, trust_env=False, timeout=WAIT_S) as client,
    ):
        assert client.get(PATH).status_code == 404
        assert client.post("/add-checkpoint", content=submission(THREE)).status_code == 200
        yield client


@pytest.mark.interop(18)
def test_a_conflict_has_exactly_the_type_that_clients_compare(door: httpx.Client) -> None:
    """Read past any library: one header, and nothing behind the type."""
    raw = http.client.HTTPConnection(door.base_url.host, door.base_url.port or 0)
    raw.request("POST", "/add-checkpoint", body=submission(grown(1, 7)[1]))
    answer = raw.getresponse()
    types = [value for name, value in answer.getheaders() if name.lower() == "content-type"]
    assert (answer.status, types, answer.read()) == (409, ["text/x.tlog.size"], b"3\n")
    raw.close()


@pytest.mark.interop(20)
def test_its_newest_checkpoint_has_the_logs_line_and_its_own(door: httpx.Client) -> None:
    response = door.get(PATH)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    vkey = door.get("/").text.split("<code>")[1].split("</code>")[0].replace("&lt;", "<")
    known = (LOG_KEY.verifier, parse_vkey(vkey.replace("&gt;", ">")))
    assert len(verify_note(read_note(response.text), known)) == 2
    assert door.head(PATH).headers["content-length"] == response.headers["content-length"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/add-checkpoint", 405),
        ("PUT", "/add-checkpoint", 405),
        ("POST", "/", 405),
        ("DELETE", PATH, 405),
        ("GET", PATH.upper(), 404),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("GET", f"{PATH}/", 404),
        ("GET", "/checkpoint", 404),
        ("GET", "/favicon.ico", 404),
        ("POST", "/add-checkpoint/", 405),
    ],
)
def test_there_is_nothing_else(door: httpx.Client, method: str, path: str, status: int) -> None:
    response = door.request(method, path)
    assert response.status_code == status
    assert ("allow" in response.headers) == (status == 405)


def test_a_submission_has_an_end(door: httpx.Client) -> None:
    assert door.post("/add-checkpoint", content=b"old 3\n" * 20_000).status_code == 413
    assert door.post("/add-checkpoint", content=b"").status_code == 400


def test_people_see_who_it_is_and_what_it_watches(door: httpx.Client) -> None:
    response = door.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "Witness w.example/&lt;one&gt;" in response.text
    assert f'href="{PATH[1:]}"' in response.text
    assert "<script" not in response.text


def test_a_folder_goes_on_with_its_key_and_takes_on_a_second_key_of_the_log(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("keys") / "witness"
    key = init(folder, name="w.example/two")
    with pytest.raises(FileExistsError):
        init(folder, name="w.example/three")
    watch(folder, LOG_KEY.vkey)
    watch(folder, OTHER_KEY.vkey)
    watch(folder, OTHER_KEY.vkey)
    assert read_logs(folder) == {ORIGIN: (LOG_KEY.verifier, OTHER_KEY.verifier)}
    with witness_process(folder, ORIGIN, LOG_KEY.vkey) as running:
        assert running.vkey == key.vkey
        by_other = parse_submission(submission(THREE, OTHER_KEY).decode()).text
        answer = post(running.url, by_other.encode())
        assert answer.status_code == 200


def test_a_witness_that_forgot_a_log_does_not_start(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("lost") / "witness"
    init(folder, name="w.example/two")
    watch(folder, LOG_KEY.vkey)
    for memory in (folder / "logs").iterdir():
        memory.unlink()
    with (
        pytest.raises(WitnessNotRunningError),
        witness_process(folder, ORIGIN, LOG_KEY.vkey),
    ):
        pass
    assert "MemoryLostError" in capfd.readouterr().err


def test_a_log_is_watched_under_its_own_origin_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("origin") / "witness"
    with (
        pytest.raises(ValueError, match="not the verifier key"),
        witness_process(folder, "else.example/log", LOG_KEY.vkey),
    ):
        pass
