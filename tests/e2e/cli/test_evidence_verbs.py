"""Verbs of whoever checks a whole: complete, audit diff, and prove on each kind of file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.liner import serving
from tests.support.town import HOLDER, Town


@pytest.fixture(scope="module")
def rooted(town: Town) -> Town:
    """The town with a root of the index in its log: a service would publish one each minute."""
    from service.instance import Instance  # noqa: PLC0415 - opened here, and closed again
    from service.settings import Settings  # noqa: PLC0415 - likewise

    register = town.liner.home.with_name("home.register")
    with Instance(Settings(home=town.liner.home, register=register)) as instance:
        assert instance.indexer.publish() is not None
    return town


def test_what_touched_a_subject_is_saved_and_proven_by_somebody_else(
    rooted: Town, tmp_path: Path
) -> None:
    saved, policy = tmp_path / "harbor.json", tmp_path / "policy.txt"
    told = rooted.liner.ok("complete", HOLDER, "-o", str(saved)).rows
    facts = {row[0]: row[1] for row in told}
    document = json.loads(saved.read_text())
    assert facts["positions"].split() == [str(place) for place in document["positions"]]
    policy.write_text(rooted.liner.ok("checkpoint", "--policy").out)
    abroad = rooted.liner.at(tmp_path / "nothing")
    done = abroad.ok("prove", str(saved), "--policy", str(policy))
    assert f"exactly {facts['count']} entries touched" in done.out
    document["positions"].pop()
    saved.write_text(json.dumps(document))
    abroad.fails(3, "evidence_invalid", "prove", str(saved), "--policy", str(policy))


def test_a_subject_that_nothing_touched_has_a_proof_of_that(rooted: Town, tmp_path: Path) -> None:
    saved = tmp_path / "none.json"
    nobody = "rec_01m8149t03e009dzp9tjgyf4rq"
    for how in ((), ("--json",)):
        assert "is about rec_" in rooted.liner.ok("complete", nobody, "-o", str(saved), *how).err
        assert "is about" not in rooted.liner.ok("complete", HOLDER, *how).err
    done = rooted.liner.ok("prove", str(saved))
    assert "no entry touched" in done.out
    assert "is about rec_" in done.err
    rooted.liner.fails(1, "history_unavailable", "complete", nobody, "--until", "2")


def test_what_differs_names_its_entries_and_a_checkpoint(rooted: Town) -> None:
    head = int(rooted.liner.data("audit")["entries"])
    found = rooted.liner.data("audit", "diff", "1")
    assert (found["older"], found["newer"]) == (1, head)
    made = {row["position"] for row in found["entries"]}
    assert made == {place for row in found["permissions"] for place in row["positions"]}
    assert int(found["checkpoint"].split("\n")[1]) >= head
    done = rooted.liner.ok("audit", "diff", "1", str(head))
    assert "ConsentGranted" in done.out
    same = rooted.liner.data("audit", "diff", str(head), str(head))
    assert (same["permissions"], same["balances"]) == ([], [])
    then = rooted.liner.data("audit", "diff", "1", "--valid-at", "2020-01-01T00:00:00Z")
    assert then["permissions"] == []


def test_points_that_make_no_sense_are_refused(rooted: Town) -> None:
    rooted.liner.fails(1, "request_invalid", "audit", "diff", "9", "3")
    someday = rooted.liner.fails(1, "request_invalid", "audit", "diff", "someday")
    assert "or now-7d is due, not 'someday', at /query/older" in someday.err
    rooted.liner.fails(1, "request_invalid", "checkpoint", "--as-of", "")
    rooted.liner.fails(64, "usage", "events", "--as-of", "²")
    early = rooted.liner.fails(1, "history_unavailable", "complete", HOLDER, "--until", "1")
    assert early.err.endswith("up to position 1 [history_unavailable]\n")


def test_a_name_that_two_things_bear_is_answered_with_their_ids(rooted: Town) -> None:
    made = rooted.liner.data("work", "add", "Harbor", "--as", HOLDER)
    told = rooted.liner.fails(1, "name_ambiguous", "complete", "Harbor").err
    assert "a recording and a work are called Harbor" in told
    assert made["work"] in told
    rooted.liner.fails(64, "usage", "audit", "diff", "1", "--as-of", "3")
    rooted.liner.fails(64, "usage", "audit", "--as-of", "3")


def test_a_statement_is_proven_by_its_signers_key(rooted: Town, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.json"
    rooted.liner.ok("events", "receipt", "1", "-o", str(receipt))
    from schemas import canonical  # noqa: PLC0415 - one test needs it
    from schemas.envelope.statement import read_statement  # noqa: PLC0415 - likewise

    raw = canonical.unb64u(json.loads(receipt.read_text())["statement"])
    statement, file = read_statement(raw), tmp_path / "statement.cose"
    key = statement.data["root_public_key"]
    file.write_bytes(raw)
    done = rooted.liner.ok("prove", str(file), "--key", f"{statement.kid}={key}")
    assert "proven: " in done.out
    file.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    rooted.liner.fails(3, "evidence_invalid", "prove", str(file), "--key", f"{statement.kid}={key}")
    rooted.liner.fails(64, "usage", "prove", str(file))


def test_bundles_alone_are_audited(rooted: Town, tmp_path: Path) -> None:
    whole, bare = tmp_path / "whole", tmp_path / "bare"
    rooted.liner.ok("audit", "--export", str(whole))
    vkey = rooted.liner.ok("checkpoint", "--vkey").out.strip()
    bare.mkdir()
    shutil.copytree(whole / "tile", bare / "tile")
    shutil.copy(whole / "checkpoint", bare / "checkpoint")
    abroad = rooted.liner.at(tmp_path / "nothing")
    abroad.fails(64, "usage", "audit", "--from", str(bare))
    found = abroad.data("audit", "--from", str(bare), "--vkey", vkey)
    assert (found["sound"], found["decided"], found["checkpoints"]) == (True, 0, 1)
    assert found["index_roots"] >= 1, "the index follows from public fields"
    assert found["not_open"] > 0
    (bundle,) = (bare / "tile" / "entries").rglob("*.p/*")
    raw = bytearray(bundle.read_bytes())
    raw[len(raw) // 2] ^= 1
    bundle.write_bytes(raw)
    abroad.fails(3, "audit_unsound", "audit", "--from", str(bare), "--vkey", vkey)
    bundle.unlink()
    abroad.fails(3, "evidence_invalid", "audit", "--from", str(bare), "--vkey", vkey)


def test_a_served_log_is_audited_from_elsewhere(rooted: Town, tmp_path: Path) -> None:
    vkey = rooted.liner.ok("checkpoint", "--vkey").out.strip()
    token = rooted.liner.data("token", "issue", HOLDER, "--role", "auditor")["token"]
    holder = rooted.liner.data("token", "issue", HOLDER, "--role", "holder")["token"]
    abroad = rooted.liner.at(tmp_path / "nothing")
    with serving(rooted.liner) as url:
        asked = ("audit", "--server", url, "--vkey", vkey, "--token")
        whole = abroad.data(*asked, token)
        assert (whole["sound"], whole["not_open"]) == (True, 0)
        own = abroad.data(*asked, holder)
        assert own["sound"]
        assert own["decided"] + own["not_open"] == whole["decided"]
        abroad.fails(64, "usage", "audit", "--server", url, "--token", token)


def test_who_kept_a_checkpoint_proves_that_the_log_continues_it(
    rooted: Town, tmp_path: Path
) -> None:
    kept, saved = tmp_path / "kept.checkpoint", tmp_path / "growth.json"
    rooted.liner.ok("checkpoint", "--output", str(kept))
    rooted.liner.ok("work", "add", "Written later", "--as", HOLDER)
    rooted.liner.ok("checkpoint", "--since", str(kept), "--output", str(saved))
    vkey = rooted.liner.ok("checkpoint", "--vkey").out.strip()
    abroad = rooted.liner.at(tmp_path / "nothing")
    done = abroad.ok("prove", str(saved), "--vkey", vkey)
    size = kept.read_text().split("\n")[1]
    assert f"proven: the first {size} of " in done.out
    document = json.loads(saved.read_text())
    other = "B" if document["path"][0][0] == "A" else "A"
    document["path"][0] = other + document["path"][0][1:]
    saved.write_text(json.dumps(document))
    abroad.fails(3, "evidence_invalid", "prove", str(saved), "--vkey", vkey)


def test_a_cose_receipt_of_growth_is_proven_with_what_was_kept(
    rooted: Town, tmp_path: Path
) -> None:
    kept, saved = tmp_path / "kept.checkpoint", tmp_path / "growth.cose"
    rooted.liner.ok("checkpoint", "--output", str(kept))
    rooted.liner.ok("work", "add", "Written later still", "--as", HOLDER)
    asked = ("checkpoint", "--since", str(kept), "--cose")
    rooted.liner.fails(64, "usage", *asked)
    rooted.liner.ok(*asked, "--output", str(saved))
    vkey = rooted.liner.ok("checkpoint", "--vkey").out.strip()
    abroad = rooted.liner.at(tmp_path / "nothing")
    proving = ("prove", str(saved), "--since", str(kept), "--vkey", vkey)
    size = kept.read_text().split("\n")[1]
    assert f"proven: the first {size} of " in abroad.ok(*proving).out
    raw = saved.read_bytes()
    saved.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    abroad.fails(3, "evidence_invalid", *proving)


def test_a_log_that_shows_less_than_was_kept_is_found_out(rooted: Town, tmp_path: Path) -> None:
    kept = tmp_path / "kept.checkpoint"
    name, size, rest = rooted.liner.ok("checkpoint").out.split("\n", 2)
    kept.write_text(f"{name}\n{int(size) + 1}\n{rest}")
    rooted.liner.fails(3, "log_shorter", "checkpoint", "--since", str(kept))


def test_the_checkpoint_of_an_older_answer_is_the_one_that_commits_to_it(rooted: Town) -> None:
    size = int(rooted.liner.ok("checkpoint", "--as-of", "3").out.split("\n")[1])
    newest = rooted.liner.ok("checkpoint").out
    assert 3 <= size < int(newest.split("\n")[1])
    assert rooted.liner.ok("checkpoint", "--as-of", "now").out == newest
    rooted.liner.fails(64, "usage", "checkpoint", "--as-of", "3", "--vkey")
    rooted.liner.fails(64, "usage", "checkpoint", "--valid-at", "now")
