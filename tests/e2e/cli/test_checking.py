"""Verbs of whoever checks: inspect, prove, checkpoint, events; on files that are good and not."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from schemas import canonical
from tests.support.liner import ROOT
from tests.support.town import CREATOR, Town

HERE = ("--territory", "DE", "--tier", "private", "--channel", "download")
"""The use that is licensed."""


@pytest.fixture(scope="module")
def made(town: Town) -> Path:
    """A generation's file; beside it its receipt, the bundle, the key."""
    file = town.liner.folder / "made.wav"
    receipt = town.liner.folder / "made.json"
    town.liner.ok("generate", *town.ref("-o", str(file), "--receipt", str(receipt)))
    town.liner.ok("checkpoint", "--bundle", str(town.liner.folder / "bundle.json"))
    return file


def _codes(rows: list[list[str]]) -> dict[str, str]:
    return {row[0]: row[1] for row in rows}


def test_an_untouched_file_may_be_carried_where_it_is_licensed(town: Town, made: Path) -> None:
    done = town.liner.ok("inspect", str(made), *HERE)
    assert _codes(done.rows) == {
        "intact": "intact",
        "signed_by": "assigned_worker",
        "ledger_says": "completed",
        "allowed_here": "allowed",
        "verdict": "allowed",
        "asked": "private, download, DE",
    }
    assert all(len(row[2]) > 20 for row in done.rows[:4]), "each with its reason"
    found = town.liner.data("inspect", str(made))
    assert found["verdict"]["exit_code"] == 0
    assert found["asked"] == {"tier": "private", "channel": "download", "territory": "DE"}
    elsewhere = town.liner("inspect", str(made), "--territory", "FR", "--json")
    assert (elsewhere.code, elsewhere.document["asked"]["tier"]) == (2, "private")


def test_an_untouched_file_may_not_be_carried_elsewhere(town: Town, made: Path) -> None:
    for asked, code in (
        (
            ("--territory", "JP", "--tier", "private", "--channel", "download"),
            "territory_not_cleared",
        ),
        (("--territory", "DE", "--tier", "commercial"), "tier_not_permitted"),
        (("--territory", "DE", "--tier", "private", "--channel", "sync"), "channel_not_permitted"),
    ):
        done = town.liner("inspect", str(made), *asked)
        assert (done.code, _codes(done.rows)["allowed_here"]) == (2, code)


def test_a_tampered_file_is_invalid(town: Town, made: Path) -> None:
    raw = bytearray(made.read_bytes())
    raw[len(raw) // 2] ^= 1
    tampered = town.liner.folder / "tampered.wav"
    tampered.write_bytes(raw)
    done = town.liner("inspect", str(tampered), *HERE)
    assert (done.code, _codes(done.rows)["intact"]) == (3, "audio_altered")
    offline = town.liner("inspect", str(tampered), *HERE, "--offline", _bundle(town))
    assert (offline.code, _codes(offline.rows)["verdict"]) == (3, "audio_altered")


def test_a_file_that_lost_its_manifest_is_known_by_its_sound(town: Town, made: Path) -> None:
    stripped = town.liner.folder / "stripped.wav"
    with wave.open(str(made)) as source, wave.open(str(stripped), "wb") as target:
        target.setparams(source.getparams())
        target.writeframes(source.readframes(source.getnframes()))
    done = town.liner("inspect", str(stripped), *HERE)
    assert done.code == 2
    assert _codes(done.rows)["intact"] == "no_manifest"
    assert _codes(done.rows)["ledger_says"] == "known_by_sound"


def test_a_file_that_nobody_signed_has_no_provenance(town: Town) -> None:
    done = town.liner("inspect", str(town.audio), *HERE)
    assert (done.code, _codes(done.rows)["signed_by"]) == (2, "unsigned")
    text = town.liner.folder / "text.txt"
    text.write_text("not audio")
    assert town.liner("inspect", str(text), *HERE).code in {2, 3}
    town.liner.fails(1, "file_missing", "inspect", "none.wav", *HERE)
    assert town.liner("inspect", str(text)).code in {2, 3}
    town.liner.fails(64, "usage", "inspect")
    town.liner.fails(1, "territory_unknown", "inspect", str(text), "--territory", "XX")


def _bundle(town: Town) -> str:
    return str(town.liner.folder / "bundle.json")


def test_a_file_is_checked_offline_by_a_bundle(town: Town, made: Path, tmp_path: Path) -> None:
    abroad = town.liner.at(tmp_path / "nothing")
    done = abroad("inspect", str(made), *HERE, "--offline", _bundle(town))
    assert done.code == 2, "that it was completed, only the ledger can say"
    assert _codes(done.rows)["ledger_says"] == "authorized_by_proof"
    assert _codes(done.rows)["intact"] == "intact"
    bundle = json.loads(Path(_bundle(town)).read_text())
    for changed, name in (
        ({"format": "other"}, "bundle_invalid"),
        ({"entry_keys": {}}, "evidence_invalid"),
        ({"policy": bundle["policy"].replace("log ", "log x")}, "evidence_invalid"),
    ):
        other = tmp_path / "other.json"
        other.write_text(json.dumps({**bundle, **changed}))
        code = 1 if name == "bundle_invalid" else 3
        abroad.fails(code, name, "inspect", str(made), *HERE, "--offline", str(other))


def test_a_receipt_is_proven_step_by_step(town: Town, made: Path, tmp_path: Path) -> None:
    receipt = str(made.with_suffix(".json"))
    abroad = town.liner.at(tmp_path / "nothing")
    vkey = town.liner.ok("checkpoint", "--vkey").out.strip()
    done = abroad.ok("prove", receipt, "--vkey", vkey)
    steps = done.out.splitlines()
    assert steps[0].startswith("1 read the entry: GenerationAuthorized")
    assert steps[-1].startswith("proven: GenerationAuthorized is at position ")
    found = abroad.data("prove", receipt, "--bundle", _bundle(town))
    assert found["valid"]
    assert [step["is_checked"] for step in found["steps"]].count(False) == 1, "the creator's key"
    policy = tmp_path / "policy"
    policy.write_text(town.liner.ok("checkpoint", "--policy").out)
    assert abroad.data("prove", "-", "--policy", str(policy), stdin=Path(receipt).read_text())
    abroad.fails(64, "usage", "prove", receipt)
    abroad.fails(64, "usage", "prove", receipt, "--vkey", vkey, "--policy", str(policy))
    abroad.fails(1, "policy_invalid", "prove", receipt, "--vkey", "nonsense")
    abroad.fails(1, "file_missing", "prove", "none.json", "--vkey", vkey)


def test_an_empty_policy_trusts_nobody(town: Town, made: Path, tmp_path: Path) -> None:
    empty = tmp_path / "policy"
    empty.write_bytes(b"")
    receipt = str(made.with_suffix(".json"))
    town.liner.fails(1, "policy_invalid", "prove", receipt, "--policy", str(empty))
    town.liner.fails(1, "policy_invalid", "prove", receipt, "--vkey", "")


def test_a_proof_in_text_is_proven_with_its_entry(town: Town, made: Path, tmp_path: Path) -> None:
    held = json.loads(made.with_suffix(".json").read_text())
    proof, entry = tmp_path / "x.tlog-proof", tmp_path / "x.cose"
    proof.write_text(held["proof"], encoding="utf-8")
    entry.write_bytes(canonical.unb64u(held["entry"]))
    given = (str(proof), "--entry", str(entry), "--bundle", _bundle(town))
    assert town.liner.data("prove", *given)["type"] == "GenerationAuthorized"
    proof.write_bytes(proof.read_bytes().replace("\u2014".encode(), b"\x97"))
    town.liner.fails(3, "evidence_invalid", "prove", *given)


def test_an_altered_receipt_is_not_proven(town: Town, made: Path) -> None:
    receipt = json.loads(made.with_suffix(".json").read_text())
    other = town.liner.data("events", "receipt", "1")
    last = receipt["proof"].rstrip("\n")
    for changed in (
        {"entry": other["entry"]},
        {"statement": other["statement"]},
        {"proof": other["proof"]},
        {"proof": f"{last[:-6]}AAAA==\n"},
        {"openings": [{**receipt["openings"][0], "value": "pty_01m81g89sef45svp82ss656vs9"}]},
        {"format": "another"},
        {"entry": 7},
        {"position": receipt["position"] + 1},
        {"ledger": "another.example/2026"},
    ):
        altered = json.dumps({**receipt, **changed})
        town.liner.fails(3, "evidence_invalid", "prove", "-", stdin=altered)
    twice = json.dumps(receipt).replace("{", '{"entry": "AAAA", ', 1)
    for text in (twice, "[" * 100_000, '{"format":' * 100_000, ""):
        town.liner.fails(3, "evidence_invalid", "prove", "-", stdin=text)
    town.liner.fails(3, "evidence_invalid", "prove", "-", stdin="{}")
    assert (
        "nothing that can be proven"
        in town.liner.fails(3, "evidence_invalid", "prove", str(made)).err
    )


def test_a_quorum_that_is_not_met_is_not_invalid(town: Town, made: Path, tmp_path: Path) -> None:
    vkey = town.liner.ok("checkpoint", "--vkey").out.strip()
    policy = tmp_path / "policy"
    policy.write_text(f"log {vkey}\nwitness w {_witness()}\nquorum w\n")
    receipt = str(made.with_suffix(".json"))
    town.liner.fails(2, "not_witnessed", "prove", receipt, "--policy", str(policy))
    found = town.liner.data("prove", receipt, "--policy", str(policy), "--unwitnessed")
    assert found["is_witnessed"] is False


def _witness() -> str:
    from ledger.evidence.vkeys import COSIGNER, NoteKey  # noqa: PLC0415 - one test needs it
    from schemas.envelope.keys import SigningKey  # noqa: PLC0415 - likewise
    from schemas.ids import new_id  # noqa: PLC0415 - likewise

    return NoteKey("witness.example", SigningKey.generate(new_id("key")), COSIGNER).vkey


def test_an_authorization_cites_a_verification_once(town: Town) -> None:
    verified = town.liner.data("verify", *town.ref("--seed", "2"))
    wanted = ["authorize", verified["verification"], "--as", CREATOR]
    receipt = town.liner.folder / "authorized.json"
    made = town.liner.data(*wanted, "--receipt", str(receipt))
    assert made["generation"] == verified["generation"]
    proven = town.liner.data("prove", str(receipt))
    assert proven["type"] == "GenerationAuthorized"
    town.liner.fails(1, "id_reused", *wanted)
    canceled = town.liner.data("cancel", made["generation"], "--as", CREATOR)
    assert canceled["entries"][0]["type"] == "GenerationCanceled"
    done = town.liner.fails(2, "generation_canceled", "generate", "--resume", made["generation"])
    assert done.out == ""


def test_a_cose_receipt_is_proven_with_its_entry(town: Town, tmp_path: Path) -> None:
    receipt, entry = str(tmp_path / "receipt.cose"), str(tmp_path / "entry.cose")
    town.liner.ok("events", "receipt", "7", "--cose", "-o", receipt, "--entry", entry)
    found = town.liner.data("prove", receipt, "--entry", entry)
    assert (found["position"], found["type"]) == (7, "KeyProposed")
    raw = bytearray(Path(receipt).read_bytes())
    raw[-1] ^= 1
    Path(receipt).write_bytes(raw)
    town.liner.fails(3, "evidence_invalid", "prove", receipt, "--entry", entry)
    town.liner.fails(64, "usage", "events", "receipt", "7", "--cose")


def test_proving_needs_neither_server_nor_synthesizer(
    town: Town, made: Path, tmp_path: Path
) -> None:
    vkey = town.liner.ok("checkpoint", "--vkey").out.strip()
    code = (
        "import sys\n"
        "class No:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in {'fastapi', 'uvicorn', 'httpx', 'starlette',"
        " 'numpy', 'scipy', 'soundfile', 'soxr', 'c2pa', 'eventsourcing', 'multipart'}:\n"
        "            raise ModuleNotFoundError(f'no {name}', name=name)\n"
        "sys.meta_path.insert(0, No())\n"
        "from service.cli import main\n"
        "main(sys.argv[1:])\n"
    )

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", code, *args],
            cwd=ROOT,
            env=town.liner.at(tmp_path).environment(),
            capture_output=True,
            check=False,
            text=True,
        )

    assert run("prove", "--help").returncode == 0
    proven = run("prove", str(made.with_suffix(".json")), "--vkey", vkey)
    assert proven.returncode == 0, proven.stderr
    assert proven.stdout.splitlines()[-1].startswith("proven: ")
    missing = run("balance", "--server", "http://127.0.0.1:1")
    assert missing.returncode == 1
    assert missing.stderr.endswith("install linernotes[service,generation] [package_missing]\n")


def test_a_file_is_checked_offline_without_server_or_database(town: Town, made: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('fastapi', 'uvicorn', 'httpx', 'sqlite3'):\n"
        "    sys.modules[name] = None\n"
        "from service.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code, "inspect", str(made), *HERE, "--offline", _bundle(town)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert "authorized_by_proof" in done.stdout


def test_events_are_listed_filtered_and_shown(town: Town, made: Path) -> None:
    assert made.exists()
    newest = town.liner.ok("events", "--limit", "3").rows
    assert len(newest) == 3
    first = town.liner.ok("events", "list", "--after", "0", "--limit", "2", "--json").lines
    assert [row["position"] for row in first] == [1, 2]
    keys = town.liner.ok("events", "--type", "KeyEnrolled", "--about", CREATOR, "--json").lines
    assert [row["data"]["party"] for row in keys] == [town.ids["creator"]]
    assert town.liner.ok("events", "--as-of", "2", "--json").lines[-1]["position"] == 2
    assert "data.origin" in town.liner.ok("events", "show", "1").out
    assert town.liner.data("events", "show", "1")["event"]["type"] == "LogOpened"
    town.liner.fails(1, "position_unknown", "events", "show", "100000")
    town.liner.fails(64, "usage", "events", "show", "zero")
    town.liner.fails(64, "usage", "events", "--as-of", "now-1d")
    followed = town.liner.ok("events", "tail", "--after", "3", "--limit", "2", "--json").lines
    assert [row["position"] for row in followed] == [4, 5]


def test_who_a_creator_is_stays_with_those_whom_it_concerns(town: Town, made: Path) -> None:
    assert made.exists()
    wanted = ("events", "--type", "GenerationAuthorized", "--json")
    own = town.liner.ok(*wanted, "--as", CREATOR).lines[0]
    assert own["data"]["creator"] == town.ids["creator"]
    other = town.liner.ok(*wanted, "--as", "Halyard Records").lines[0]
    assert set(other["data"]["creator"]) == {"commit"}


def test_a_checkpoint_is_one_of_its_forms(town: Town) -> None:
    note = town.liner.ok("checkpoint").out
    assert note.startswith("ledger.example/2026\n")
    town.liner.fails(64, "usage", "checkpoint", "--vkey", "--policy")
