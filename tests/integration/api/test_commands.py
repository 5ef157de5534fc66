"""Typed commands: attested by the intake key, idempotent to the byte, private where it is due."""

import hashlib
import threading
from typing import Any

import httpx
import pytest

from schemas.envelope.entry import read_entry
from schemas.envelope.statement import read_statement
from schemas.ids import new_id
from tests.integration.api.world import World

PERSON = {"kind": "person", "name": {"private": "Anna Example"}}


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    return found


def test_a_command_answers_with_ids_positions_and_proofs(world: World) -> None:
    response = world.officer().say("RegisterParty", {"kind": "organization", "name": "A Label"})
    assert response.status_code == 201
    body = response.json()
    (entry,) = body["entries"]
    assert entry["type"] == "PartyRegistered"
    assert entry["data"]["party"].startswith("pty_")
    assert entry["proof"].endswith(body["checkpoint"])
    assert response.headers["location"] == f"/v1/events/{entry['position']}"
    assert int(response.headers["ledger-position"]) == body["head"] >= entry["position"]


def test_the_log_says_for_ever_that_this_was_the_ledgers_word(world: World) -> None:
    who = world.officer()
    answer = who.did("RegisterParty", {"kind": "organization", "name": "A Label"})
    raw = who.get(f"/v1/entries/{answer['entries'][0]['position']}/statement").content
    statement = read_statement(raw)
    token = world.tokens.authenticate(who.token)
    assert statement.issuer == world.instance.facts.origin
    assert statement.kid == world.instance.keys.intake.kid
    assert statement.attested == {
        "method": "token",
        "evidence": f"token/{token.token}",
        "roles": ["finance", "operator", "platform", "registrar"],
    }
    assert who.token.partition(".")[2] not in raw.decode(errors="replace")


def test_a_repeated_request_gets_the_first_status_and_body(world: World) -> None:
    who = world.officer()
    first, again = (who.say("RegisterParty", PERSON, key="same") for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


def test_the_key_may_be_quoted_as_the_draft_writes_it(world: World) -> None:
    who = world.officer()
    first = who.did("RegisterParty", PERSON, key="quoted")
    assert who.did("RegisterParty", PERSON, key='"quoted"') == first


def test_a_key_that_is_a_command_id_is_the_command_id(world: World) -> None:
    key = new_id("cmd")
    assert world.officer().did("RegisterParty", PERSON, key=key)["command"] == key


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    who = world.officer()
    who.did("RegisterParty", PERSON, key="once")
    other = {"kind": "person", "name": {"private": "Somebody Else"}}
    problem(who.say("RegisterParty", other, key="once"), 422, "id_reused")


def test_the_same_key_of_another_token_is_another_command(world: World) -> None:
    one = world.officer().did("RegisterParty", PERSON, key="shared")
    two = world.officer().did("RegisterParty", PERSON, key="shared")
    assert one["command"] != two["command"]
    assert one["entries"][0]["data"]["party"] != two["entries"][0]["data"]["party"]


def test_two_at_once_with_one_key_append_once(world: World) -> None:
    who = world.officer()
    answers = []

    def ask() -> None:
        answers.append(who.say("RegisterParty", PERSON, key="at-once"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in good}) == 1
    last = who.say("RegisterParty", PERSON, key="at-once")
    assert last.content == good[0].content


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "ä"])
def test_a_key_that_cannot_be_one_is_refused(world: World, key: str) -> None:
    response = world.officer().post(
        "/v1/commands/RegisterParty", json=PERSON, headers={"Idempotency-Key": key.encode()}
    )
    problem(response, 400, "header_invalid")


def test_a_command_without_a_key_is_refused(world: World) -> None:
    response = world.officer().post("/v1/commands/RegisterParty", json=PERSON)
    problem(response, 400, "idempotency_key_missing")


def test_a_private_value_is_a_commitment_in_the_log_and_open_to_whom_it_concerns(
    world: World,
) -> None:
    who = world.officer()
    answer = who.did("RegisterParty", PERSON)
    (entry,) = answer["entries"]
    assert entry["data"]["name"] == "Anna Example"
    raw = who.get(f"/v1/entries/{entry['position']}").content
    assert b"Anna" not in raw
    (opening,) = who.get(f"/v1/events/{entry['position']}/openings").json()["items"]
    assert (opening["pointer"], opening["value"]) == ("/data/name", "Anna Example")
    committed = read_entry(raw).data["name"]["commit"]
    assert committed not in {opening["salt"], hashlib.sha256(b"Anna Example").hexdigest()}


def test_payee_details_are_open_to_the_party_finance_and_auditors_alone(world: World) -> None:
    anna, other = world.party("Anna"), world.party("Other")
    details = {"name": "Anna", "iban": "DE02120300000000202051", "bic": "BYLADEM1001"}
    answer = anna.did(
        "ReplacePayeeDetails",
        {"party": anna.party, "details": {"private": details}, "currency": "EUR"},
    )
    position = answer["entries"][0]["position"]
    auditor = world.client(world.tokens.issue(other.party, ["auditor"], "auditor"), other.party)
    registrar = world.officer("registrar")
    for reader in (anna, auditor, world.officer("finance")):
        shown = reader.get(f"/v1/events/{position}").json()["event"]["data"]["details"]
        assert shown == details
    for reader in (other, registrar):
        event = reader.get(f"/v1/events/{position}")
        assert "BYLADEM1001" not in event.text
        assert set(event.json()["event"]["data"]["details"]) == {"commit"}
        assert reader.get(f"/v1/events/{position}/openings").json()["items"] == []
        problem(reader.get(f"/v1/entries/{position}/statement"), 403, "not_yours")


def test_a_command_of_a_role_needs_the_role(world: World) -> None:
    holder = world.party("Holder")
    problem(holder.say("RegisterParty", PERSON), 403, "not_controller")


def test_nobody_writes_without_a_token(world: World) -> None:
    problem(world.nobody.say("RegisterParty", PERSON), 401, "token_missing")
    liar = world.client(f"liner_{'a' * 16}.{'A' * 43}")
    refused = liar.say("RegisterParty", PERSON)
    problem(refused, 401, "token_invalid")
    assert refused.headers["www-authenticate"].startswith("Bearer ")


def test_a_worker_token_reads_and_never_signs(world: World) -> None:
    worker = world.client(world.tokens.issue(world.instance.facts.worker_party, ["worker"], "w"))
    assert worker.get("/v1/events").status_code == 200
    problem(worker.say("RegisterParty", PERSON), 403, "not_controller")


@pytest.mark.parametrize(
    "name", ["EnrollKey", "OpenLog", "FinishGeneration", "ExpireAuthorization"]
)
def test_what_needs_a_key_of_its_own_is_not_said_by_token(world: World, name: str) -> None:
    found = problem(world.officer().say(name, {}), 404, "not_found")
    assert "/v1/statements" in found["detail"]


def test_an_unknown_command_is_not_found(world: World) -> None:
    problem(world.officer().say("DoMagic", {}), 404, "not_found")


def test_a_fault_is_named_with_its_place(world: World) -> None:
    who = world.officer()
    found = problem(who.say("RegisterParty", {"kind": "robot", "name": "R"}), 400, "value_unknown")
    assert found["errors"][0]["pointer"] == "/kind"
    found = problem(
        who.say("RegisterParty", {"kind": "organization", "name": "R", "isni": "1"}),
        400,
        "identifier_invalid",
    )
    assert found["errors"][0]["pointer"] == "/isni"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b'{"kind":"person","kind":"person"}',
        b'{"kind":1.5}',
        b'{"kind":NaN}',
        b"\xff",
        b'{"kind":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_of_ours_is_refused(world: World, raw: bytes) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "bad"}
    response = world.officer().post("/v1/commands/RegisterParty", content=raw, headers=headers)
    problem(response, 400, "json_invalid")


def test_another_media_type_is_refused(world: World) -> None:
    headers = {"Content-Type": "text/plain", "Idempotency-Key": "bad"}
    response = world.officer().post("/v1/commands/RegisterParty", content=b"{}", headers=headers)
    problem(response, 415, "media_type_unsupported")


def test_a_mandate_is_named_where_it_can_be_and_nowhere_else(world: World) -> None:
    who = world.officer()
    response = who.post(
        "/v1/commands/RegisterParty?mandate=" + new_id("mnd"),
        json=PERSON,
        headers={"Idempotency-Key": "mandated"},
    )
    problem(response, 400, "request_invalid")
