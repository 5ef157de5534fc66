"""From typed JSON to a statement's data: whatever the door adds, a retry adds again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.commitments import check_openings
from schemas.ids import check_id, new_id
from schemas.refusals import Malformed
from service.api.attesting import Draft, draft, idempotency_key
from service.api.offered import offer
from service.api.problems import DoorError
from service.identity import Identity, Tokens

PARTY = new_id("pty")


@pytest.fixture(scope="module")
def who(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    path: Path = tmp_path_factory.mktemp("tokens") / "tokens.json"
    tokens = Tokens(path, clock=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    return tokens.authenticate(tokens.issue(PARTY, ["holder"], "Anna"))


def said(who: Identity, name: str, body: dict[str, Any], key: str = "key") -> Draft:
    return draft(who, offer(name), body, key)


def test_ids_that_are_left_out_are_made_and_those_given_are_kept(who: Identity) -> None:
    made = said(who, "RegisterWork", {"title": "Song"}).command.data()["work"]
    check_id(made, "wrk")
    given = new_id("wrk")
    assert (
        said(who, "RegisterWork", {"title": "Song", "work": given}).command.data()["work"] == given
    )


def test_the_same_key_makes_the_same_statement_and_another_key_another(who: Identity) -> None:
    body = {"party": PARTY, "details": {"private": {"iban": "X"}}, "currency": "EUR"}
    first, again = (said(who, "ReplacePayeeDetails", body) for _ in range(2))
    assert (first.command, first.command_id, first.openings) == (
        again.command,
        again.command_id,
        again.openings,
    )
    other = said(who, "ReplacePayeeDetails", body, "other")
    assert other.command != first.command
    assert other.openings[0].salt != first.openings[0].salt


def test_an_opening_opens_its_commitment(who: Identity) -> None:
    body = {"party": PARTY, "details": {"private": {"iban": "X"}}, "currency": "EUR"}
    found = said(who, "ReplacePayeeDetails", body)
    check_openings(found.command.data(), found.openings)
    assert found.openings[0].value == {"iban": "X"}


def test_what_was_asked_is_never_changed(who: Identity) -> None:
    body = {"party": PARTY, "details": {"private": 1}, "currency": "EUR"}
    said(who, "ReplacePayeeDetails", body)
    assert body["details"] == {"private": 1}


def test_private_is_read_only_where_a_commitment_may_stand(who: Identity) -> None:
    with pytest.raises(Malformed) as caught:
        said(who, "RegisterWork", {"title": {"private": "Song"}})
    assert caught.value.pointer == "/title"


def test_the_private_tier_is_no_private_value(who: Identity) -> None:
    consent = {
        "grantor": PARTY,
        "capacity": "owner",
        "applies_to": {"recordings": [new_id("rec")]},
        "uses": ["song"],
        "parameters": "all",
        "tiers": ["private"],
        "purposes": "all",
        "channels": "all",
        "models": "all",
        "modules": ["generator"],
        "territories": {"include": ["2136"]},
        "floors": {"private": {"amount": "0.60", "currency": "EUR"}},
        "text": {"sha256": "0" * 64, "language": "en", "version": "1", "shown": True},
    }
    found = said(who, "GrantConsent", {"consent": consent})
    assert found.openings == ()
    assert found.command.data()["consent"]["floors"]["private"]["amount"] == "0.60"


def test_a_date_is_the_first_moment_of_a_day_or_for_an_end_of_the_next(who: Identity) -> None:
    berlin = {"date": "2026-01-01", "zone": "Europe/Berlin"}
    body = {
        "grantor": PARTY,
        "mandatee": new_id("pty"),
        "capacities": ["owner"],
        "uses": ["song"],
        "territories": {"include": ["DE"]},
        "effective_from": berlin,
        "effective_until": berlin,
    }
    data = said(who, "GrantMandate", body).command.data()
    assert data["effective_from"]["instant"] == "2025-12-31T23:00:00Z"
    assert data["effective_until"]["instant"] == "2026-01-01T23:00:00Z"


@pytest.mark.parametrize("date", ["2026-02-30", 20260101, None])
def test_a_date_that_is_none_is_named_with_its_place(who: Identity, date: object) -> None:
    body = {"party": PARTY, "everything": True, "effective_from": {"date": date, "zone": "UTC"}}
    with pytest.raises(Malformed) as caught:
        said(who, "RevokeConsent", body)
    assert caught.value.pointer == "/effective_from"


def test_an_authorization_without_a_request_cites_a_verification(who: Identity) -> None:
    with pytest.raises(Malformed) as caught:
        said(who, "AuthorizeGeneration", {})
    assert caught.value.pointer == "/verification"
    cited = new_id("ver")
    assert (
        said(who, "AuthorizeGeneration", {"verification": cited}).command.data()["request"] is None
    )


@pytest.mark.parametrize(
    ("field", "key"), [("a", "a"), ('"a"', "a"), (' "a b" ', "a b"), ('"', '"')]
)
def test_a_key_is_read_bare_or_quoted(field: str, key: str) -> None:
    assert idempotency_key(field) == key


@pytest.mark.parametrize("field", ["", '""', "x" * 256, "\x01", "ä"])
def test_a_key_of_another_form_is_refused(field: str) -> None:
    with pytest.raises(DoorError) as caught:
        idempotency_key(field)
    assert caught.value.code == "header_invalid"
