"""Signed statements: an enrolled key is its own authentication, whoever brings the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.parties import ConfirmKey, EnrollKey, RegisterParty, ReplacePayeeDetails
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from schemas.refusals import Malformed
from service.speaking import Private, Said, say
from tests.integration.api.test_commands import problem
from tests.integration.api.world import Client, World

COSE = {"Content-Type": "application/cose"}


@dataclass
class Speaker:
    """A party with a key of its own."""

    world: World
    party: str
    key: SigningKey

    def sign(self, command: Command, **more: Any) -> Said:
        now = self.world.instance.clock()
        ledger = more.pop("ledger", self.world.instance.facts.origin)
        return say(command, actor=self.party, key=self.key, ledger=ledger, now=now, **more)


@pytest.fixture(scope="module")
def anna(world: World) -> Speaker:
    officer = world.officer()
    answer = officer.did("RegisterParty", {"kind": "organization", "name": "Anna"})
    party = answer["entries"][0]["data"]["party"]
    speaker = Speaker(world, party, SigningKey.generate(new_id("key")))
    enroll = EnrollKey(
        key=speaker.key.kid,
        party=party,
        public_key=canonical.b64u(speaker.key.public),
        roles=("holder",),
    )
    assert post(world, speaker.sign(enroll), by=officer).status_code == 201
    officer.did("ConfirmKey", {"key": speaker.key.kid})
    return speaker


def post(world: World, said: Said, by: Client | None = None) -> httpx.Response:
    who = by or world.nobody
    found: httpx.Response = who.post("/v1/statements", content=said.raw, headers=COSE)
    return found


def proposing(world: World, anna: Speaker) -> tuple[Speaker, Said]:
    """Return a new key of Anna's, and its proposal of itself."""
    second = Speaker(world, anna.party, SigningKey.generate(new_id("key")))
    enroll = EnrollKey(
        key=second.key.kid,
        party=anna.party,
        public_key=canonical.b64u(second.key.public),
        roles=("holder",),
    )
    return second, second.sign(enroll)


def body(said: Said) -> dict[str, Any]:
    rows = [
        {"pointer": row.pointer, "salt": canonical.b64u(row.salt), "value": row.value}
        for row in said.openings
    ]
    return {"statement": canonical.b64u(said.raw), "openings": rows}


def details(anna: Speaker, **more: Any) -> Said:
    private = Private()
    command = ReplacePayeeDetails(
        party=anna.party,
        details=private.commit("/details", {"iban": "DE02120300000000202051"}),
        currency="EUR",
    )
    return anna.sign(command, openings=private.openings, **more)


def test_a_statement_with_openings_is_taken_without_any_token(world: World, anna: Speaker) -> None:
    response = world.nobody.post("/v1/statements", json=body(details(anna)))
    assert response.status_code == 201, response.text
    (entry,) = response.json()["entries"]
    assert entry["type"] == "PayeeDetailsReplaced"


def test_raw_bytes_are_a_statement_without_openings(world: World, anna: Speaker) -> None:
    response = post(world, details(anna))
    assert response.status_code == 201
    assert set(response.json()["entries"][0]["data"]["details"]) == {"commit"}


def test_a_statement_sent_twice_gets_the_first_answer(world: World, anna: Speaker) -> None:
    said = details(anna)
    first, again = post(world, said), post(world, said)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["idempotency-replayed"] == "true"


def test_an_id_used_for_something_else_is_refused(world: World, anna: Speaker) -> None:
    first = details(anna)
    command_id = post(world, first).json()["command"]
    problem(post(world, details(anna, command_id=command_id)), 422, "id_reused")


def test_what_others_signed_is_refused(world: World, anna: Speaker) -> None:
    said = details(anna)
    changed = bytearray(said.raw)
    changed[-1] ^= 1
    problem(post(world, Said(bytes(changed))), 401, "signature_invalid")
    stranger = Speaker(world, anna.party, SigningKey.generate(new_id("key")))
    problem(post(world, details(stranger)), 401, "key_unknown")
    impostor = Speaker(world, new_id("pty"), anna.key)
    problem(post(world, details(impostor)), 401, "key_not_valid")


def test_what_was_meant_for_another_ledger_is_refused(world: World, anna: Speaker) -> None:
    said = details(anna, ledger="other.example/2026")
    problem(post(world, said), 400, "wrong_ledger")


def test_a_key_without_the_role_may_not_register(world: World, anna: Speaker) -> None:
    command = RegisterParty(party=new_id("pty"), kind="organization", name="B")
    problem(post(world, anna.sign(command)), 403, "not_controller")


def test_a_stale_after_is_a_conflict(world: World, anna: Speaker) -> None:
    post(world, details(anna))
    problem(post(world, details(anna, after=1)), 409, "scope_moved")


@pytest.mark.parametrize("raw", [b"", b"\xd2", b"not cose", b"\x84\x40\xa0\x40\x40"])
def test_bytes_that_are_no_statement_are_malformed(world: World, raw: bytes) -> None:
    problem(post(world, Said(raw)), 400, "not_canonical")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ([], "json_invalid"),
        ({}, "json_invalid"),
        ({"statement": 1}, "json_invalid"),
        ({"statement": "AA", "openings": {}}, "json_invalid"),
        ({"statement": "AA", "more": 1}, "json_invalid"),
        ({"statement": "A!"}, "not_canonical"),
        ({"statement": "AA", "openings": [{"pointer": "/x", "salt": "?", "value": 1}]}, None),
    ],
)
def test_a_body_of_another_form_is_refused(world: World, content: object, code: str | None) -> None:
    response = world.nobody.post("/v1/statements", json=content)
    problem(response, 400, code or "not_canonical")


def test_an_opening_that_opens_something_else_is_refused(world: World, anna: Speaker) -> None:
    sent = body(details(anna))
    sent["openings"][0]["value"] = {"iban": "another"}
    problem(world.nobody.post("/v1/statements", json=sent), 400, "value_unknown")


def test_a_statement_in_another_media_type_is_refused(world: World, anna: Speaker) -> None:
    said = details(anna)
    response = world.nobody.post(
        "/v1/statements", content=said.raw, headers={"Content-Type": "application/octet-stream"}
    )
    problem(response, 415, "media_type_unsupported")


def test_signing_with_a_weak_key_never_enrolls_it(world: World, anna: Speaker) -> None:
    weak = SigningKey.generate(new_id("key"))
    enroll = EnrollKey(
        key=weak.kid, party=anna.party, public_key=canonical.b64u(bytes(32)), roles=("holder",)
    )
    speaker = Speaker(world, anna.party, weak)
    response = post(world, speaker.sign(enroll), by=world.officer())
    assert response.status_code in {400, 401}
    assert response.json()["code"] in {"key_weak", "signature_invalid"}


def test_a_statement_can_be_confirmed_by_key_too(world: World, anna: Speaker) -> None:
    second, said = proposing(world, anna)
    owner = world.client(world.tokens.issue(anna.party, ["holder"], "Anna"), anna.party)
    assert post(world, said, by=owner).status_code == 201
    assert post(world, anna.sign(ConfirmKey(key=second.key.kid))).status_code == 201
    assert post(world, details(second)).status_code == 201


def test_nobody_writes_by_proposing_a_key(world: World, anna: Speaker) -> None:
    """Anybody can make a key and sign for it; the log holds none that nobody answers for."""
    head = world.instance.feed.visible_head()
    _, said = proposing(world, anna)
    problem(post(world, said), 401, "token_missing")
    as_json = world.nobody.post("/v1/statements", json=body(said))
    problem(as_json, 401, "token_missing")
    bo = world.officer().did("RegisterParty", {"kind": "organization", "name": "Bo"})
    stranger = bo["entries"][0]["data"]["party"]
    token = world.tokens.issue(stranger, ["holder", "auditor"], "Bo")
    problem(post(world, said, by=world.client(token, stranger)), 403, "not_yours")
    assert world.instance.feed.visible_head() == head + 1  # that Bo was registered


def test_what_is_refused_here_is_what_the_reader_refuses() -> None:
    with pytest.raises(Malformed):
        canonical.unb64u("A!")
