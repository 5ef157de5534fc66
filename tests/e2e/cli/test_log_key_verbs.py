"""Replacing the keys that sign the log, as an operator does it; and what an auditor then does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.liner import Liner, serving


@pytest.fixture
def fresh(forking: str, tmp_path: Path) -> Liner:
    liner = Liner(forking, tmp_path, tmp_path / "home")
    liner.ok("init", "--name", "Example", "--origin", "ledger.example/2026")
    return liner


def signing(liner: Liner) -> list[tuple[str, bool, bool]]:
    """Return each key's role, whether it is in force, and whether its file is here."""
    rows = liner.ok("log-key", "--json").lines
    return [(row["role"], row["until"] is None, row["here"]) for row in rows]


def test_both_keys_are_replaced_and_everything_is_checked_as_before(
    fresh: Liner, tmp_path: Path
) -> None:
    first = fresh.ok("checkpoint", "--vkey").out.strip()
    fresh.ok("checkpoint", "--output", "kept.checkpoint")
    fresh.ok("events", "receipt", "3", "--output", "old.receipt")
    for role in ("checkpoint", "entry"):
        key = fresh.data("log-key", "new", role)["key"]
        fresh.fails(1, "key_missing", "log-key", "retire", role)
        fresh.ok("log-key", "confirm", key)
        found = fresh.data("log-key", "retire", role)
        assert Path(found["put_aside"]).exists()
    assert signing(fresh) == [
        ("checkpoint", False, False),
        ("entry", False, False),
        ("intake", True, True),
        ("process", True, True),
        ("checkpoint", True, True),
        ("entry", True, True),
    ]
    last = fresh.ok("checkpoint", "--vkey").out.strip()
    assert last != first
    fresh.ok("audit")
    for vkey in (first, last):
        fresh.ok("audit", "--vkey", vkey)
    fresh.ok("audit", "--export", "export")
    fresh.ok("audit", "--from", "export", "--vkey", first)
    fresh.ok("checkpoint", "--bundle", "trust.json")
    fresh.ok("events", "receipt", "8", "--output", "new.receipt")
    for proof in ("old.receipt", "new.receipt"):
        fresh.ok("prove", proof)
        fresh.ok("prove", proof, "--bundle", "trust.json")
    fresh.ok("checkpoint", "--since", "kept.checkpoint", "--output", "growth.json")
    fresh.ok("prove", "growth.json", "--bundle", "trust.json")
    fresh.ok("prove", "old.receipt", "--vkey", first)
    fresh.fails(3, "evidence_invalid", "prove", "new.receipt", "--vkey", first)


@pytest.mark.parametrize(
    "point",
    [
        "key_file_before_named",
        "before_submit",
        "after_commit_before_register",
    ],
)
def test_who_is_killed_while_a_key_is_new_says_it_again(fresh: Liner, point: str) -> None:
    killed = fresh.script("log-key", "new", "checkpoint", LINERNOTES_KILL_AT=point)
    assert (killed.code, killed.out) == (-9, "")
    rows = fresh.ok("log-key", "--json").lines
    left = [row["key"] for row in rows if row["since"] is None]
    assert len(left) == (point != "key_file_before_named")
    fresh.ok("party", "add", "Somebody")  # whoever starts beside it is not stopped
    key = fresh.data("log-key", "new", "checkpoint")["key"]
    assert key in (left or [key])
    assert fresh.data("log-key", "new", "checkpoint")["key"] == key
    fresh.ok("log-key", "confirm", key)
    assert fresh.data("log-key", "retire", "checkpoint")["key"] != key
    rows = fresh.ok("log-key", "--json").lines
    assert not [row for row in rows if row["since"] is None]
    fresh.ok("audit")


def test_a_service_that_was_not_started_again_retires_nothing(fresh: Liner) -> None:
    with serving(fresh):
        key = fresh.data("log-key", "new", "checkpoint")["key"]
        fresh.ok("log-key", "confirm", key)
        fresh.fails(1, "register_unaware", "log-key", "retire", "checkpoint")
    with serving(fresh):
        fresh.ok("party", "add", "Somebody")
        fresh.ok("log-key", "retire", "checkpoint")
        fresh.ok("party", "add", "Another")
    fresh.ok("audit")


@pytest.mark.parametrize("role", ["intake", "process"])
def test_what_attests_and_what_the_ledger_says_itself_has_another_key(
    fresh: Liner, role: str
) -> None:
    first = fresh.ok("log-key", "--json").lines
    old = next(row["key"] for row in first if row["role"] == role)
    key = fresh.data("log-key", "new", role)["key"]
    fresh.ok("log-key", "confirm", key)
    fresh.ok("log-key", "retire", old, "--reason", "stolen")
    fresh.fails(1, "key_missing", "log-key", "retire", role)
    keys = json.loads((fresh.home / "ledger-keys.json").read_text())
    assert (key in keys["process"]) == (role == "process")
    party = fresh.data("party", "add", "Somebody")["party"]
    fresh.ok("complete", party)  # for which a process of the ledger publishes a root
    fresh.ok("audit")


def test_what_is_no_key_of_the_log(fresh: Liner) -> None:
    fresh.fails(64, "usage", "log-key", "new", "root")
    fresh.fails(1, "key_unknown", "log-key", "retire", "root")
    fresh.fails(1, "key_missing", "log-key", "confirm", "key_01h455vb4pex5vsknk084sn02q")
    fresh.fails(1, "identifier_invalid", "log-key", "confirm", "key")
