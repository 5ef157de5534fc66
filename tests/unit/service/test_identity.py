"""Tokens: hashed at rest, compared whole, revoked for every process, and what they derive."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.ids import new_id, uuid_of
from schemas.refusals import Malformed
from service.identity import TokenError, Tokens

PARTY = new_id("pty")
NOW = datetime(2026, 11, 22, 8, 11, 2, 512_345, tzinfo=UTC)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "tokens.json", clock=lambda: NOW)


def test_a_token_says_whose_it_is_and_for_what(tokens: Tokens) -> None:
    who = tokens.authenticate(tokens.issue(PARTY, ["holder", "creator"], "Anna's laptop"))
    assert (who.party, who.name) == (PARTY, "Anna's laptop")
    assert who.roles == {"holder", "creator"}
    assert who.has("creator", "auditor")
    assert not who.has("auditor")


def test_the_file_knows_no_secret_and_is_its_owners_alone(tokens: Tokens, tmp_path: Path) -> None:
    token = tokens.issue(PARTY, ["holder"], "Anna")
    path = tmp_path / "tokens.json"
    assert token.partition(".")[2] not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o077 == 0
    assert list(json.loads(path.read_bytes())["tokens"][0]) == [
        "id",
        "name",
        "party",
        "roles",
        "issued_at",
        "revoked_at",
        "sha256",
    ]


def test_the_secret_is_in_no_representation(tokens: Tokens) -> None:
    token = tokens.issue(PARTY, ["holder"], "Anna")
    shown = repr(tokens.authenticate(token)) + repr(tokens.list())
    assert token.partition(".")[2] not in shown
    assert "seed" not in shown


@pytest.mark.parametrize("change", ["secret", "id", "form", "empty", "blank"])
def test_what_is_no_token_is_refused_without_repeating_it(tokens: Tokens, change: str) -> None:
    token = tokens.issue(PARTY, ["holder"], "Anna")
    head, _, secret = token.partition(".")
    presented = {
        "secret": f"{head}.{'A' if secret[0] != 'A' else 'B'}{secret[1:]}",
        "id": f"liner_{'a' * 16}.{secret}",
        "form": token.upper(),
        "empty": "",
        "blank": f" {token}",
    }[change]
    with pytest.raises(TokenError) as caught:
        tokens.authenticate(presented)
    assert secret not in str(caught.value)


def test_a_revoked_token_is_refused_by_every_process_that_reads_the_file(
    tokens: Tokens, tmp_path: Path
) -> None:
    token = tokens.issue(PARTY, ["holder"], "Anna")
    other = Tokens(tmp_path / "tokens.json", clock=lambda: NOW)
    assert other.authenticate(token).party == PARTY
    tokens.revoke(tokens.list()[0].id)
    with pytest.raises(TokenError, match="revoked"):
        other.authenticate(token)


def test_revoking_twice_keeps_the_first_instant(tokens: Tokens, tmp_path: Path) -> None:
    tokens.issue(PARTY, ["holder"], "Anna")
    token_id = tokens.list()[0].id
    tokens.revoke(token_id)
    later = Tokens(tmp_path / "tokens.json", clock=lambda: NOW.replace(year=2027))
    later.revoke(token_id)
    assert [row.revoked_at for row in later.list()] == ["2026-11-22T08:11:02.512345Z"]


def test_two_processes_that_issue_at_once_lose_no_token(tmp_path: Path) -> None:
    one, two = (Tokens(tmp_path / "tokens.json", clock=lambda: NOW) for _ in range(2))
    issued = [each.issue(PARTY, ["holder"], f"token {n}") for n in range(3) for each in (one, two)]
    assert {one.authenticate(token).name for token in issued} == {f"token {n}" for n in range(3)}
    assert len(two.list()) == 6


def test_unknown_things_are_said_to_be_unknown(tokens: Tokens) -> None:
    with pytest.raises(TokenError, match="king"):
        tokens.issue(PARTY, ["king"], "Anna")
    with pytest.raises(TokenError):
        tokens.issue(PARTY, [], "Anna")
    with pytest.raises(TokenError):
        tokens.issue(PARTY, ["holder"], "")
    with pytest.raises(Malformed):
        tokens.issue("rec_01k", ["holder"], "Anna")
    with pytest.raises(TokenError):
        tokens.revoke("nobody")


def test_a_worker_reads_by_token_and_signs_with_a_key_of_its_own(tokens: Tokens) -> None:
    who = tokens.authenticate(tokens.issue(PARTY, ["worker", "auditor"], "worker"))
    assert who.has("worker")
    assert who.attested_roles == {"auditor"}


def test_the_same_request_derives_the_same_ids_and_another_token_others(tokens: Tokens) -> None:
    mine, others = (tokens.authenticate(tokens.issue(PARTY, ["holder"], n)) for n in "ab")
    first = mine.derive_id("cmd", "key-1")
    assert first == mine.derive_id("cmd", "key-1")
    different = {
        first,
        mine.derive_id("cmd", "key-2"),
        mine.derive_id("cmd", "key-", "1"),
        others.derive_id("cmd", "key-1"),
    }
    assert len(different) == 4
    assert uuid_of(first).int >> 80 == int(NOW.timestamp() * 1000)


def test_labels_of_other_parts_are_other_labels(tokens: Tokens) -> None:
    who = tokens.authenticate(tokens.issue(PARTY, ["holder"], "Anna"))
    assert who.derive("a", "bc") != who.derive("ab", "c")
