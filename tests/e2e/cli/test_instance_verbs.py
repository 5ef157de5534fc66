"""Verbs of an instance, as the installed program: init, serve, token, doctor; and who holds it."""

from __future__ import annotations

import json
import os
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from ledger.storage.instants import utc_now
from ledger.storage.lock import ProcessLock, read_holder
from service.identity import Tokens
from tests.support.liner import Liner, serving
from tests.support.ports import free_port
from tests.support.town import CREATOR, HOLDER, Town


@pytest.fixture
def fresh(forking: str, tmp_path: Path) -> Liner:
    """A folder without an instance."""
    return Liner(forking, tmp_path, tmp_path / "home")


def test_init_makes_an_instance_and_shows_its_token_once(fresh: Liner) -> None:
    made = fresh.script(
        "init", "--name", "Rights Society", "--origin", "log.example/2026", "--json"
    )
    assert made.code == 0, made.err
    told = made.document
    assert told["origin"] == "log.example/2026"
    who = Tokens(fresh.home / "tokens.json").authenticate(told["token"])
    assert who.party == told["operator"]
    assert "operator" in who.roles
    for path in fresh.home.rglob("*"):
        assert path.is_dir() or told["token"].encode() not in path.read_bytes()
    assert told["token"] not in fresh.ok("token", "list", "--json").out
    assert fresh.fails(1, "already_founded", "init").out == ""


def test_init_is_refused_before_anything_is_written(fresh: Liner) -> None:
    fresh.fails(1, "origin_invalid", "init", "--origin", "two words")
    fresh.fails(1, "value_unknown", "init", "--currency", "euro")
    fresh.fails(64, "usage", "init", "--threshold-minor", "-1")
    fresh.fails(64, "usage", "init", "--server", "http://127.0.0.1:1")
    assert not fresh.home.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["balance"],
        ["events"],
        ["audit"],
        ["rebuild"],
        ["serve"],
        ["token", "list"],
        ["party", "add", "X"],
        ["generate", "--ref", "X", "--territory", "DE"],
    ],
)
def test_without_an_instance_one_sentence_says_so(fresh: Liner, arguments: list[str]) -> None:
    done = fresh.fails(1, "no_instance", *arguments)
    assert "liner init" in done.err
    assert not fresh.home.exists(), "looking leaves nothing behind"


def test_a_service_announces_itself_and_is_found(town: Town) -> None:
    run = town.liner
    with serving(run) as url:
        assert read_holder(run.home / "ledger.sqlite")["url"] == url
        before = run.data("party", "add", "By Way Of Http")
        assert before["entries"][0]["type"] == "PartyRegistered"
        assert "answers at" in run.ok("doctor").out
        second = run.script("serve", "--port", "0")
        assert second.code == 1
        assert second.err.rstrip().endswith("[held]")
        _talks_to_a_server_by_name(town, url)
        _reads_beside_a_service(town)
    assert "By Way Of Http" in run.ok("party", "list").out


def _talks_to_a_server_by_name(town: Town, url: str) -> None:
    """The same verbs from another machine: a token to read, a key to say something."""
    abroad = town.liner.at(town.liner.folder / "abroad")
    abroad.fails(1, "token_missing", "balance", "--server", url)
    abroad.fails(1, "token_invalid", "balance", "--server", url, "--token", "liner_x")
    named = ("--server", url, "--token", town.token)
    assert abroad.ok("balance", HOLDER, *named).out == ""
    abroad.fails(64, "usage", "work", "add", "X", *named)
    abroad.fails(1, "key_missing", "work", "add", "X", *named, "--as", HOLDER)
    made = abroad.data("key", "new", HOLDER, *named)
    town.liner.ok("key", "confirm", made["key"])
    said = abroad.data("work", "add", "From abroad", *named, "--as", HOLDER)
    assert said["entries"][0]["type"] == "WorkRegistered"
    for verb in (["audit"], ["rebuild"], ["serve"]):
        abroad.fails(64, "usage", *verb, "--server", url)


def _reads_beside_a_service(town: Town) -> None:
    assert "0 differ" in town.liner.ok("audit").out
    assert {row["state"] for row in town.liner.ok("rebuild", "--json").lines} == {"equal"}


def test_a_service_that_is_gone_is_not_waited_for(town: Town) -> None:
    lock = town.liner.home / "ledger.sqlite.lock"
    port = free_port()
    lock.write_text(json.dumps({"pid": 1, "url": f"http://127.0.0.1:{port}"}))
    assert town.liner.ok("model", "list").rows[0][1] == "mosaic"
    lock.write_text("half a li")
    town.liner.ok("model", "list")
    url = f"http://127.0.0.1:{port}"
    town.liner.fails(1, "server_unreachable", "balance", "--server", url)
    town.liner.fails(1, "server_unfit", "balance", "--server", "localhost:1")


def test_another_holder_without_an_address_is_named(town: Town) -> None:
    with ExitStack() as stack:
        held = ProcessLock(town.liner.home / "ledger.sqlite", started=utc_now())
        stack.callback(held.release)
        done = town.liner.fails(1, "held", "balance", HOLDER)
        assert f"process {os.getpid()}" in done.err
        assert "0 differ" in town.liner.ok("audit").out, "an audit takes nothing from the holder"


def test_a_port_that_is_taken_is_a_sentence(town: Town) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = town.liner.script("serve", "--port", port)
    assert (done.code, done.out) == (1, "")
    assert done.err.rstrip().endswith("[port_taken]")


def test_ctrl_c_ends_a_tail_with_a_sentence(town: Town) -> None:
    process = town.liner.start("events", "tail", "--after", "0")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("1\t")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == "liner: interrupted; what was acknowledged stays [interrupted]\n"


def test_keys_that_others_may_read_are_not_used(town: Town) -> None:
    key = town.liner.home / "keyring" / f"{town.ids['holder']}.key"
    say = ("work", "add", "X", "--as", HOLDER)
    key.chmod(0o644)
    done = town.liner.fails(1, "key_open", *say)
    assert f"chmod 600 {key}" in done.err
    town.liner.fails(1, "unhealthy", "doctor")
    key.chmod(0o600)
    whole = key.read_bytes()
    for broken in (b"", b"{}\n", b"not a key", whole[: len(whole) // 2]):
        key.write_bytes(broken)
        town.liner.fails(1, "key_broken", *say)
    key.write_bytes(whole)
    town.liner.ok("doctor")


@pytest.mark.parametrize("name", ["openings", "entry"])
def test_keys_of_the_ledger_that_others_may_read_are_not_used(town: Town, name: str) -> None:
    key = town.liner.home / "keys" / f"{name}.key"
    key.chmod(0o640)
    assert f"chmod 600 {key}" in town.liner.fails(1, "key_open", "model", "list").err
    town.liner.fails(1, "unhealthy", "doctor")
    key.chmod(0o600)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("LEDGER_DATABASE_URL", "postgresql://u:hunter2%zz@h/d"),
        ("LEDGER_DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("LEDGER_BROKER_URL", "kafka://u:hunter2@h:9092"),
        ("LINERNOTES_REGISTER", "http://127.0.0.1:1/"),
        ("LINERNOTES_ARTIFACTS", "s3://!"),
    ],
)
def test_a_setting_that_is_none_is_a_sentence_that_repeats_no_password(
    town: Town, setting: str, value: str
) -> None:
    for verb in ("model", "list"), ("serve", "--port", "0"):
        assert (
            "hunter2" not in town.liner.fails(1, "setting_invalid", *verb, **{setting: value}).err
        )


def test_the_doctor_names_what_does_not_answer(town: Town) -> None:
    nowhere = {
        "LEDGER_DATABASE_URL": "postgresql://app@127.0.0.1:1/nothing",
        "LEDGER_BROKER_URL": "kafka://127.0.0.1:1",
        "LINERNOTES_ARTIFACTS": str(town.liner.folder / "no-such-folder"),
        "LINERNOTES_REGISTER": "http://127.0.0.1:1/#none",
    }
    done = town.liner.fails(1, "unhealthy", "doctor", **nowhere)
    bad = {row[0] for row in done.rows if row[1] == "bad"}
    assert bad == {"log", "register", "artifacts", "broker"}
    assert not (town.liner.folder / "no-such-folder").exists(), "it only looks"


def test_tokens_are_made_listed_and_revoked(town: Town) -> None:
    file = town.liner.folder / "token"
    made = town.liner.data("token", "issue", CREATOR, "--role", "creator", "-o", str(file))
    assert made["party"] == town.ids["creator"]
    assert file.stat().st_mode & 0o077 == 0
    token = file.read_text().strip()
    name = token.partition("_")[2].partition(".")[0]
    assert name in town.liner.ok("token", "list").out
    town.liner.ok("token", "revoke", name)
    town.liner.fails(1, "token_invalid", "balance", "--token", token)
    town.liner.fails(1, "token_invalid", "token", "revoke", "nonsense")
    own = town.liner.data("token", "issue", "operator", "--role", "auditor")
    assert own["party"] == town.ids["operator"]
    town.liner.fails(1, "token_invalid", "token", "issue", CREATOR, "--role", "emperor")
    town.liner.fails(64, "usage", "token", "issue", CREATOR)


def test_options_may_stand_before_the_verb(town: Town) -> None:
    """As in other programs; where no verb follows, the sentence is about what was written."""
    home = str(town.liner.home)
    elsewhere = town.liner.at(town.liner.folder / "nowhere")
    behind = elsewhere.ok("party", "list", "--json", "--home", home)
    assert elsewhere.ok("--home", home, "--json", "party", "list").lines == behind.lines
    elsewhere.fails(64, "usage", "--home", home)
