"""Verbs of auditors: audit, its exports, rebuild; on a log that is sound, and on ones that lie."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.support.town import HOLDER, Town


@pytest.fixture
def copy(town: Town, tmp_path: Path) -> Path:
    """A home to damage."""
    shutil.copytree(town.liner.home, tmp_path / "home")
    shutil.copy(town.liner.home.with_name("home.register"), tmp_path / "home.register")
    return tmp_path / "home"


def test_a_sound_log_is_said_to_be_sound(town: Town) -> None:
    line = town.liner.ok("audit").out.splitlines()[-1]
    head = town.liner.ok("events", "--limit", "1").rows[0][0]
    assert line.startswith(f"{head} entries, ")
    assert line.endswith(" not open to you, 0 differ")
    report = town.liner.data("audit")
    assert (report["sound"], report["findings"]) == (True, [])
    assert report["entries"] == int(head)


def test_an_export_is_audited_without_the_ledger(town: Town, tmp_path: Path) -> None:
    whole, public = tmp_path / "whole", tmp_path / "public"
    town.liner.ok("audit", "--export", str(whole))
    town.liner.ok("audit", "--export", str(public), "--public")
    vkey = town.liner.ok("checkpoint", "--vkey").out.strip()
    abroad = town.liner.at(tmp_path / "nothing")
    assert abroad.data("audit", "--from", str(whole), "--vkey", vkey)["not_open"] == 0
    assert abroad.ok("audit", "--from", str(public), "--vkey", vkey)
    assert "openings" not in (public / "beside.jsonl").read_text().replace('"openings": []', "")
    assert (whole / "checkpoint").read_text() == town.liner.ok("checkpoint").out
    town.liner.fails(1, "file_exists", "audit", "--export", str(whole))
    abroad.fails(3, "audit_unsound", "audit", "--from", str(whole), "--vkey", _other_vkey(vkey))


def _other_vkey(vkey: str) -> str:
    from ledger.evidence.vkeys import NoteKey  # noqa: PLC0415 - one test needs it
    from schemas.envelope.keys import SigningKey  # noqa: PLC0415 - likewise
    from schemas.ids import new_id  # noqa: PLC0415 - likewise

    return NoteKey(vkey.partition("+")[0], SigningKey.generate(new_id("key"))).vkey


def test_an_export_that_was_altered_is_found_out(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    town.liner.ok("audit", "--export", str(folder))
    bundle = next((folder / "tile" / "entries").rglob("*.p/*"))
    whole = bundle.read_bytes()
    middle = len(whole) // 2
    flipped = bytes([whole[middle] ^ 1])
    bundle.write_bytes(whole[:middle] + flipped + whole[middle + 1 :])
    done = town.liner.fails(3, "audit_unsound", "audit", "--from", str(folder))
    assert "the first at position" in done.err
    bundle.write_bytes(whole[:-10])
    town.liner.fails(3, "evidence_invalid", "audit", "--from", str(folder))
    bundle.unlink()
    town.liner.fails(3, "evidence_invalid", "audit", "--from", str(folder))
    bundle.write_bytes(whole)
    beside = folder / "beside.jsonl"
    rows = [json.loads(line) for line in beside.read_text().splitlines()]
    rows[3]["statement"], rows[4]["statement"] = rows[4]["statement"], rows[3]["statement"]
    beside.write_text("".join(json.dumps(row) + "\n" for row in rows))
    town.liner.fails(3, "audit_unsound", "audit", "--from", str(folder))
    beside.write_text("".join(json.dumps(row) + "\n" for row in reversed(rows)))
    done = town.liner.fails(3, "evidence_invalid", "audit", "--from", str(folder))
    assert "not in the order of positions" in done.err
    beside.write_text("no json\n")
    town.liner.fails(3, "evidence_invalid", "audit", "--from", str(folder))
    (folder / "audit.json").write_text("{}")
    town.liner.fails(3, "evidence_invalid", "audit", "--from", str(folder))
    town.liner.fails(1, "file_missing", "audit", "--from", str(tmp_path / "none"))


def pry_open(connection: sqlite3.Connection) -> None:
    """Drop what lets the file itself refuse to be changed."""
    named = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    for (trigger,) in connection.execute(named).fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")


@pytest.mark.parametrize("place", ["7", "(SELECT max(position) FROM events)"])
def test_tags_that_are_no_tags_are_a_finding_and_not_the_end(
    town: Town, copy: Path, place: str
) -> None:
    run = town.liner.at(copy)
    with sqlite3.connect(copy / "ledger.sqlite") as connection:
        pry_open(connection)
        connection.execute(f"UPDATE events SET tags = 'nonsense' WHERE position = {place}")  # noqa: S608 - ours
        (position,) = connection.execute(f"SELECT {place}").fetchone()
    connection.close()
    assert f"the first at position {position}" in run.fails(3, "audit_unsound", "audit").err
    first = run("audit", "--json").document["findings"][0]
    assert (first["position"], first["step"]) == (position, "(1) entry")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("audit.json", {"size": 0}),
        ("audit.json", {"size": -1}),
        ("audit.json", {"size": True}),
        ("audit.json", {"origin": None}),
        ("audit.json", {"vkey": 7}),
        ("checkpoint", "not the newest"),
        ("checkpoint", None),
        ("beside.jsonl", {"position": 9999, "statement": None, "openings": []}),
        ("notes.jsonl", {"size": 9999, "note": "beyond"}),
    ],
)
def test_an_export_that_says_two_things_is_no_export(
    town: Town, tmp_path: Path, name: str, content: dict[str, object] | str | None
) -> None:
    folder = tmp_path / "export"
    town.liner.ok("audit", "--export", str(folder))
    file = folder / name
    if content is None:
        file.unlink()
    elif isinstance(content, str):
        file.write_text(content)
    elif name == "audit.json":
        file.write_text(json.dumps(json.loads(file.read_text()) | content))
    else:
        file.write_text(file.read_text() + json.dumps(content) + "\n")
    town.liner.fails(3, "evidence_invalid", "audit", "--from", str(folder))


def test_a_statement_that_is_no_text_is_told_and_no_crash(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    town.liner.ok("audit", "--export", str(folder))
    beside = folder / "beside.jsonl"
    rows = [json.loads(line) for line in beside.read_text().splitlines()]
    rows[3]["statement"] = 5
    beside.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = town.liner.fails(3, "evidence_invalid", "audit", "--from", str(folder))
    assert "neither statement nor opening" in done.err


def test_an_audit_of_nothing_is_not_sound(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    town.liner.ok("audit", "--export", str(folder))
    facts = folder / "audit.json"
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"size": 0}))
    for name in ("notes.jsonl", "beside.jsonl", "checkpoint"):
        (folder / name).write_text("")
    done = town.liner.fails(3, "audit_unsound", "audit", "--from", str(folder))
    assert "no checkpoint covers" in done.out


def test_a_key_that_is_none_is_said_and_nobody_elses_is_trusted(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    town.liner.ok("audit", "--export", str(folder))
    for key in ("", "log"):
        town.liner.fails(1, "policy_invalid", "audit", "--from", str(folder), "--vkey", key)
        town.liner.fails(1, "policy_invalid", "audit", "--vkey", key)


def test_an_export_for_a_party_holds_what_that_party_may_see(town: Town, tmp_path: Path) -> None:
    whole, own = tmp_path / "whole", tmp_path / "own"
    town.liner.ok("verify", *town.ref())
    town.liner.ok("audit", "--export", str(whole))
    town.liner.ok("audit", "--export", str(own), "--as", HOLDER)
    vkey = town.liner.ok("checkpoint", "--vkey").out.strip()
    abroad = town.liner.at(tmp_path / "nothing")
    found = abroad.data("audit", "--from", str(own), "--vkey", vkey)
    assert found["sound"]
    assert found["not_open"] > 0
    assert _openings(own) < _openings(whole)
    town.liner.fails(64, "usage", "audit", "--public")


def _openings(folder: Path) -> int:
    rows = map(json.loads, (folder / "beside.jsonl").read_text().splitlines())
    return sum(len(row["openings"]) for row in rows)


def test_an_entry_that_was_changed_in_the_file_is_found_out(town: Town, copy: Path) -> None:
    run = town.liner.at(copy)
    with sqlite3.connect(copy / "ledger.sqlite") as connection:
        pry_open(connection)
        (data,) = connection.execute("SELECT data FROM events WHERE position = 7").fetchone()
        changed = data[:-1] + bytes([data[-1] ^ 1])
        connection.execute("UPDATE events SET data = ? WHERE position = 7", (changed,))
    connection.close()
    done = run.fails(3, "audit_unsound", "audit")
    assert "the first at position 7" in done.err
    assert run("audit", "--json").document["findings"][0]["position"] == 7


def test_tables_are_rebuilt_to_the_same_digest(town: Town) -> None:
    rows = town.liner.ok("rebuild", "--json").lines
    names = {"permissions", "royalties", "provenance", "catalog"}
    assert {row["projection"] for row in rows} >= names
    assert {row["state"] for row in rows} == {"equal"}
    one = town.liner.ok("rebuild", "royalties").rows
    assert [row[0] for row in one] == ["royalties"]
    town.liner.fails(64, "usage", "rebuild", "weather")


def test_a_table_that_lies_is_found_out_and_replaced_when_told(town: Town, copy: Path) -> None:
    run = town.liner.at(copy)
    with sqlite3.connect(copy / "ledger.sqlite") as connection:
        connection.execute("UPDATE permissions_shares SET fraction = '1/2'")
    connection.close()
    done = run.fails(3, "projection_differs", "rebuild")
    assert "permissions" in done.err
    lying = {row["fraction"] for row in run.ok("share", "show", "Harbor", "--json").lines}
    assert lying == {"1/2"}, "somebody should look before evidence is replaced"
    run.fails(3, "projection_differs", "rebuild", "permissions", "--swap")
    told = {row["fraction"] for row in run.ok("share", "show", "Harbor", "--json").lines}
    assert told == {"1"}
    assert run.ok("rebuild", "permissions").rows[0][2] == "equal"


def test_an_older_copy_of_the_file_is_refused(town: Town, copy: Path) -> None:
    run = town.liner.at(copy)
    kept = copy.with_name("kept.sqlite")
    shutil.copy(copy / "ledger.sqlite", kept)
    run.ok("work", "add", "One more", "--as", HOLDER)
    for name in ("ledger.sqlite-wal", "ledger.sqlite-shm"):
        (copy / name).unlink(missing_ok=True)
    shutil.copy(kept, copy / "ledger.sqlite")
    run.fails(1, "older_copy", "balance")
    run.fails(3, "older_copy", "audit")
    run.fails(3, "older_copy", "audit", "--export", str(copy.with_name("export")))
    copy.with_name("home.register").unlink()
    assert "Whether this is the newest copy is not known" in run.ok("audit").err


def test_an_end_that_is_hidden_is_found_out_by_the_register(town: Town, copy: Path) -> None:
    run = town.liner.at(copy)
    with sqlite3.connect(copy / "ledger.sqlite") as connection:
        connection.execute("UPDATE state SET visible = visible - 3")
    connection.close()
    run.fails(3, "older_copy", "audit")


def test_a_file_that_is_no_ledger_is_refused(town: Town, copy: Path) -> None:
    run = town.liner.at(copy)
    (copy / "ledger.sqlite").write_bytes(b"something else entirely" * 100)
    for verb in ("balance", "audit"):
        run.fails(1, "damaged", verb)
    (copy / "ledger.sqlite").unlink()
    run.fails(1, "file_missing", "audit")
    (copy / "instance.json").write_text("{")
    run.fails(1, "no_instance", "balance")
