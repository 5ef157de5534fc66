"""Statements changed at random: each gets a code or an answer, never a traceback.

The seeds are the statements of a real log, from its opening to a payout. Changed bytes keep their
old signature; changed payloads are signed anew by the key that spoke, so that nothing but the rules
stands between them and the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.keys import read_key
from schemas import canonical
from schemas.commands.consents import ChangeConsent, RevokeConsent
from schemas.commands.generations import CancelGeneration, VerifyGeneration
from schemas.commands.royalties import InstructPayout
from schemas.envelope.entry import read_entry
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import read_statement
from schemas.events.consents import ConsentGranted
from schemas.ids import new_id
from schemas.refusals import CONFLICTS, MALFORMED, Conflict, Malformed
from service.instance import Instance
from tests.integration.thread.fuzzing import changed
from tests.integration.thread.saying import Sayer, rows
from tests.kit.earning import earn, earned
from tests.kit.instance import Place, signed
from tests.kit.sound import check_sound, events

FUZZ = settings(max_examples=150)


@dataclass
class Seeds:
    """Payloads that were taken once, and the keys that signed them."""

    sayer: Sayer
    raw: list[bytes]
    payloads: list[dict[str, Any]]
    keys: dict[str, SigningKey]

    @property
    def instance(self) -> Instance:
        return self.sayer.instance


@pytest.fixture(scope="module")
def seeds(shared: Place) -> Iterator[Seeds]:
    earn(shared)
    with shared.open() as instance:
        for raw in unsaid(instance, shared):
            instance.application.handle(raw)
        with instance.store.snapshot() as reader:
            found = {row.event_id: row for row in reader.read_after(0, 500)}
            places = {_digest(row.data): row.position for row in found.values()}
            said_raw = [
                reader.statement(bytes.fromhex(digest), position) or b""
                for digest, position in places.items()
            ]
        payloads = {read_statement(one).command: read_statement(one) for one in said_raw}
        keyring = [read_key(path) for path in instance.settings.keyring.glob("*.key")]
        own = [instance.keys.root, instance.keys.process, instance.keys.intake]
        keys = {key.kid: key for key in [*keyring, *own]}
        said = [one.payload for one in payloads.values() if one.kid in keys]
        names = {one.id: one.kid for one in payloads.values()}
        yield Seeds(
            Sayer(instance),
            said_raw,
            said,
            {name: keys[kid] for name, kid in names.items() if kid in keys},
        )
        check_sound(instance)  # whatever was taken is decided again, and folds


def _digest(entry: bytes) -> str:
    return read_entry(entry).statement_sha256


def unsaid(instance: Instance, place: Place) -> Iterator[bytes]:
    """Yield statements of commands that founding, casting and earning leave unsaid."""
    piece, known = place.pieces[1], earned(place)
    holder, creator = instance.speaker(piece.holder), instance.speaker(place.creator)
    request = place.request(instance)
    yield signed(creator, VerifyGeneration(verification=new_id("ver"), request=request)).raw
    yield signed(creator, CancelGeneration(generation=place.authorize(instance))).raw
    granted = events(instance, f"consent:{piece.master_consent}")[0]
    assert isinstance(granted, ConsentGranted)
    wider = granted.consent.model_copy(update={"tiers": ("preview", "private")})
    yield signed(holder, ChangeConsent(consent=wider)).raw
    revoke = RevokeConsent(party=piece.holder, consent=piece.publishing_consent)
    yield signed(holder, revoke).raw
    pay = InstructPayout(payout=new_id("pay"), statement=known["statement"], party=known["payee"])
    yield signed(instance.operator(), pay).raw


def tried(seeds: Seeds, raw: bytes) -> None:
    """Hand in; a refusal has a code of the closed lists and leaves nothing behind."""
    before = rows(seeds.instance)
    try:
        seeds.instance.application.handle(raw)
    except (Malformed, Conflict) as error:
        refused = error
    else:
        return
    assert refused.code in (*MALFORMED, *CONFLICTS)
    assert rows(seeds.instance) == before


@FUZZ
@given(st.data())
def test_changed_bytes_are_never_taken(seeds: Seeds, data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(seeds.raw)))
    before = rows(seeds.instance)
    for _ in range(data.draw(st.integers(1, 3))):
        where = data.draw(st.integers(0, len(raw) - 1))
        how = data.draw(st.sampled_from(["flip", "put", "cut", "repeat"]))
        if how == "flip":
            raw[where] ^= 1 << data.draw(st.integers(0, 7))
        elif how == "put":
            raw[where:where] = data.draw(st.binary(min_size=1, max_size=9))
        elif how == "cut":
            del raw[where : where + data.draw(st.integers(1, 99))]
        else:
            raw += raw[where:]
        raw = raw or bytearray(b"\x00")
    if bytes(raw) in seeds.raw:
        return  # changed and changed back
    with pytest.raises(Malformed) as caught:
        seeds.instance.application.handle(bytes(raw))
    assert caught.value.code in MALFORMED
    assert rows(seeds.instance) == before


@FUZZ
@given(st.binary(max_size=400))
def test_bytes_from_nowhere_are_never_taken(seeds: Seeds, raw: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        seeds.instance.application.handle(raw)
    assert caught.value.code in MALFORMED


@settings(FUZZ, max_examples=400)
@given(st.data())
def test_changed_payloads_get_a_code_or_an_answer(seeds: Seeds, data: st.DataObject) -> None:
    known = data.draw(st.sampled_from(seeds.payloads))
    fresh = seeds.sayer.payload()
    renewed = {name: fresh[name] for name in ("id", "issued_at", "expires_at")}
    payload = changed(known | renewed, data)
    key = seeds.keys[known["id"]]
    try:
        raw = seeds.sayer.sign(payload, key)
    except Malformed:
        return  # no JSON that could be written
    tried(seeds, raw)


def test_the_seeds_are_many(seeds: Seeds) -> None:
    commands = {payload["command"] for payload in seeds.payloads}
    assert len(commands) >= 25, sorted(commands)
    assert all(canonical.encode(payload) for payload in seeds.payloads)
