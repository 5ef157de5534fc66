"""What is wrong with a statement gets its code, and leaves nothing in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ledger.keys import write_key
from schemas import canonical
from schemas.commands.generations import VerifyGeneration
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.commitments import Opening, commit
from schemas.envelope import cbor, cose
from schemas.envelope.keys import SMALL_ORDER, SigningKey
from schemas.ids import new_id
from schemas.period import format_instant
from service.instance import Instance, Speaker
from tests.integration.thread.saying import Sayer, refuses
from tests.kit.instance import Place, signed


@pytest.fixture(scope="module")
def sayer(instance: Instance) -> Sayer:
    return Sayer(instance)


Build = Callable[[Sayer], bytes]


def at(sayer: Sayer, **delta: float) -> str:
    return format_instant(sayer.instance.clock() + timedelta(**delta))


def spaced(sayer: Sayer) -> bytes:
    return sayer.sign(json.dumps(sayer.payload()).encode())


def twice(sayer: Sayer) -> bytes:
    text = canonical.encode(sayer.payload())
    return sayer.sign(text[:-1] + b',"version":1}')


def deep(sayer: Sayer, levels: int) -> bytes:
    text = canonical.encode(sayer.payload(data={"kind": "X"}))
    return sayer.sign(text.replace(b'"X"', b"[" * levels + b"]" * levels))


def parts(sayer: Sayer, **changes: Any) -> bytes:
    """Put an envelope together with other headers, signed as it then stands."""
    key, payload = sayer.key(sayer.operator), canonical.encode(sayer.payload())
    origin = sayer.instance.facts.origin
    header = {"kid": key.kid, "issuer": sayer.operator, "subject": origin}
    protected = cose.protected_header(**header | changes.pop("header", {}))
    return cose.write(key, payload, protected=protected, **changes)


def other_tag(sayer: Sayer) -> bytes:
    return b"\xd1" + sayer.say()[1:]


FORM: dict[str, tuple[Build, str]] = {
    "nothing": (lambda _: b"", "not_canonical"),
    "no CBOR": (lambda _: b"\xff" * 40, "not_canonical"),
    "another tag": (other_tag, "not_canonical"),
    "bytes behind": (lambda s: s.say() + b"\x00", "not_canonical"),
    "cut": (lambda s: s.say()[:-1], "not_canonical"),
    "an unprotected header": (lambda s: parts(s, unprotected={99: 1}), "not_canonical"),
    "a further protected header": (lambda s: parts(s, header={"extra": {99: 1}}), "not_canonical"),
    "a critical header": (lambda s: parts(s, header={"extra": {2: [99]}}), "not_canonical"),
    "another algorithm": (lambda s: parts(s, header={"extra": {1: -7}}), "not_canonical"),
    "another content type": (
        lambda s: parts(s, header={"content_type": "text/plain"}),
        "not_canonical",
    ),
    "a payload elsewhere": (lambda s: parts(s, detached=True), "not_canonical"),
    "huge": (lambda s: s.say(data={"name": "x" * 300_000}), "entry_too_large"),
    "huge and no CBOR": (lambda _: b"\x00" * 5_000_000, "entry_too_large"),
    "blanks": (spaced, "not_canonical"),
    "a key twice": (twice, "not_canonical"),
    "a float": (lambda s: s.sign(b'{"version":1.5}'), "not_canonical"),
    "a great integer": (lambda s: s.sign(b'{"version":9007199254740992}'), "not_canonical"),
    "a very great integer": (lambda s: s.sign(b"9" * 100_000), "not_canonical"),
    "no UTF-8": (lambda s: s.sign(b'{"a":"\xff"}'), "not_canonical"),
    "a lone surrogate": (lambda s: s.sign(b'{"a":"\\ud800"}'), "not_canonical"),
    "deep": (lambda s: deep(s, 40), "not_canonical"),
    "very deep": (lambda s: deep(s, 100_000), "not_canonical"),
    "a list": (lambda s: s.sign([]), "value_unknown"),
    "null": (lambda s: s.sign(None), "value_unknown"),
    "a field too many": (lambda s: s.sign(s.payload() | {"more": 1}), "value_unknown"),
    "a field too few": (lambda s: s.sign({"id": new_id("cmd")}), "value_unknown"),
    "version as text": (lambda s: s.say(version="1"), "value_unknown"),
    "version true": (lambda s: s.say(version=True), "value_unknown"),
    "an id of another kind": (lambda s: s.say(id=new_id("evt")), "identifier_invalid"),
    "an id in capitals": (lambda s: s.say(id=new_id("cmd").upper()), "identifier_invalid"),
    "an unknown command": (lambda s: s.say(command="StealEverything"), "value_unknown"),
    "an unknown version": (lambda s: s.say(version=2), "value_unknown"),
    "a module path": (lambda s: s.say(command="os.system"), "value_unknown"),
    "local time": (lambda s: s.say(issued_at="2026-11-22T08:11:02+01:00"), "timezone_required"),
    "no such day": (lambda s: s.say(issued_at="2026-02-30T08:11:02Z"), "value_unknown"),
    "data of another form": (lambda s: s.say(data={"party": 7}), "value_unknown"),
    "a field of data too many": (
        lambda s: s.say(data=s.payload()["data"] | {"roles": ["operator"]}),
        "value_unknown",
    ),
}


@pytest.mark.parametrize("name", FORM)
def test_form(name: str, sayer: Sayer) -> None:
    build, code = FORM[name]
    refuses(sayer.instance, build(sayer), code)


PLACE_AND_TIME: dict[str, tuple[Build, str]] = {
    "another ledger": (lambda s: s.say(ledger="other.example/2026"), "wrong_ledger"),
    "two ledgers": (
        lambda s: cose.sign1(
            canonical.encode(s.payload(ledger="other.example/2026")),
            s.key(s.operator),
            issuer=s.operator,
            subject=s.instance.facts.origin,
        ),
        "wrong_ledger",
    ),
    "expired": (
        lambda s: s.say(issued_at=at(s, minutes=-9), expires_at=at(s, seconds=-1)),
        "expired",
    ),
    "issued in our future": (
        lambda s: s.say(issued_at=at(s, seconds=90), expires_at=at(s, minutes=9)),
        "instant_mismatch",
    ),
    "expires before it is issued": (
        lambda s: s.say(issued_at=at(s, seconds=30), expires_at=at(s, seconds=20)),
        "value_unknown",
    ),
    "after what is not yet": (lambda s: s.say(after=0), "value_unknown"),
}


@pytest.mark.parametrize("name", PLACE_AND_TIME)
def test_place_and_time(name: str, sayer: Sayer) -> None:
    build, code = PLACE_AND_TIME[name]
    refuses(sayer.instance, build(sayer), code)


def test_an_id_is_used_once(sayer: Sayer) -> None:
    first = sayer.payload()
    answer = sayer.instance.application.handle(sayer.sign(first))
    again = sayer.instance.application.handle(sayer.sign(first))
    assert (answer.replayed, again.replayed) == (False, True)
    assert again.positions == answer.positions
    other = first | {"data": first["data"] | {"name": "Somebody else"}}
    refuses(sayer.instance, sayer.sign(other), "id_reused")
    # Late, or said again at another time: the first answer, once more.
    late = first | {"issued_at": at(sayer, hours=-2), "expires_at": at(sayer, hours=-1)}
    assert sayer.instance.application.handle(sayer.sign(late)).positions == answer.positions


def test_who_says_what_it_has_seen_is_told_what_moved(sayer: Sayer, shared: Place) -> None:
    piece = shared.pieces[0]
    data: dict[str, Any] = {"party": piece.holder, "consent": piece.master_consent, "reason": None}
    data |= {"asset": None, "everything": False, "effective_from": None}
    payload = sayer.payload(actor=piece.holder, command="RevokeConsent", data=data, after=1)
    refuses(sayer.instance, sayer.sign(payload, sayer.key(piece.holder)), "scope_moved")


SALT = b"\x07" * 16


@pytest.mark.parametrize(
    ("name", "openings"),
    [
        ("another value", [Opening("/request/prompt", SALT, "cold")]),
        ("another salt", [Opening("/request/prompt", b"\x08" * 16, "warm")]),
        ("a short salt", [Opening("/request/prompt", b"", "warm")]),
        ("where nothing is committed", [Opening("/request/seed", SALT, "warm")]),
        ("nowhere", [Opening("", SALT, "warm")]),
        ("twice", [Opening("/request/prompt", SALT, "warm")] * 2),
        ("no JSON", [Opening("/request/prompt", SALT, 1.5)]),
    ],
)
def test_openings_that_do_not_open(
    name: str, openings: list[Opening], instance: Instance, shared: Place
) -> None:
    request = shared.request(instance, prompt=commit("warm", SALT))
    command = VerifyGeneration(verification=new_id("ver"), request=request)
    said = signed(instance.speaker(shared.creator), command)
    refuses(instance, said.raw, "value_unknown", "not_canonical", openings=openings)


@pytest.mark.parametrize("point", sorted(SMALL_ORDER), ids=lambda point: point.hex()[:6])
def test_a_key_of_small_order_is_not_enrolled(point: bytes, sayer: Sayer, shared: Place) -> None:
    """One signature would be good for every message; here for the very one that enrolls it."""
    party, kid = shared.creator, new_id("key")
    data = {"key": kid, "party": party, "public_key": canonical.b64u(point), "roles": ["creator"]}
    payload = sayer.payload(actor=party, command="EnrollKey", data=data)
    envelope = cose.protected_header(kid=kid, issuer=party, subject=payload["ledger"])
    for signature in (b"\x01" + b"\x00" * 63, point + b"\x00" * 32, b"\x00" * 64):
        raw = cose.assemble(
            protected=envelope,
            unprotected={},
            payload=canonical.encode(payload),
            signature=signature,
        )
        refuses(sayer.instance, raw, "signature_invalid", "key_weak")


def enroll(instance: Instance, party: str, *, confirmed: bool) -> SigningKey:
    key = SigningKey.generate(new_id("key"))
    public = canonical.b64u(key.public)
    command = EnrollKey(key=key.kid, party=party, public_key=public, roles=("creator",))
    Speaker(instance.application, party, key, instance.clock).say(command)
    if confirmed:
        instance.operator().say(ConfirmKey(key=key.kid))
    write_key(instance.settings.keyring / f"{key.kid}.key", key)
    return key


def test_keys_that_do_not_speak(sayer: Sayer, shared: Place) -> None:
    instance, party = sayer.instance, shared.creator
    payload = sayer.payload(actor=party)
    unknown = SigningKey.generate(new_id("key"))
    refuses(instance, sayer.sign(payload, unknown), "key_unknown")
    proposed = enroll(instance, party, confirmed=False)
    refuses(instance, sayer.sign(payload, proposed), "key_not_valid")
    revoked = enroll(instance, party, confirmed=True)
    instance.operator().say(RevokeKey(key=revoked.kid, reason="lost"))
    refuses(instance, sayer.sign(payload, revoked), "key_not_valid")
    # another's name, a forged signature under a known name, another's actor
    refuses(instance, sayer.sign(payload, sayer.key(sayer.operator)), "key_not_valid")
    forged = SigningKey.generate(sayer.key(party).kid)
    refuses(instance, sayer.sign(payload, forged), "signature_invalid")
    refuses(instance, sayer.sign(payload, issuer=sayer.operator), "value_unknown")
    # the ledger's own keys speak for nobody
    for key in (instance.keys.entry, instance.keys.intake, instance.keys.root):
        refuses(instance, sayer.sign(payload, key), "key_not_valid", "key_unknown")
    refuses(instance, sayer.sign(payload, sayer.key(party)), "not_controller")  # a role is due


ATTESTED: dict[str, tuple[Build, str]] = {
    "by the process key": (
        lambda s: s.attest(["registrar"], key=s.instance.keys.process),
        "key_not_valid",
    ),
    "by the entry key": (
        lambda s: s.attest(["registrar"], key=s.instance.keys.entry),
        "key_not_valid",
    ),
    "by a party's key": (
        lambda s: s.attest(["registrar"], key=s.key(s.operator)),
        "key_not_valid",
    ),
    "without roles": (lambda s: s.attest([]), "not_controller"),
    "with another role": (lambda s: s.attest(["creator"]), "not_controller"),
    "with a role that no token gives": (
        lambda s: s.attest(["process", "registrar"]),
        "key_not_valid",
    ),
    "with roles out of order": (lambda s: s.attest(["registrar", "creator"]), "value_unknown"),
    "with a role twice": (lambda s: s.attest(["registrar", "registrar"]), "value_unknown"),
    "with an unknown role": (lambda s: s.attest(["god"]), "not_controller"),
    "for nobody who was registered": (
        lambda s: s.attest(["registrar"], actor=new_id("pty")),
        "unknown_id",
    ),
    "in another form": (
        lambda s: s.sign(s.payload(attested={"method": "token"}), s.instance.keys.intake),
        "value_unknown",
    ),
    "as itself": (
        lambda s: s.sign(
            s.payload(attested={"method": "t", "evidence": "e", "roles": ["registrar"]}),
            s.instance.keys.intake,
            issuer=s.operator,
        ),
        "value_unknown",
    ),
}


@pytest.mark.parametrize("name", ATTESTED)
def test_what_is_attested(name: str, sayer: Sayer) -> None:
    build, code = ATTESTED[name]
    refuses(sayer.instance, build(sayer), code)


def test_the_same_without_a_fault_is_taken(sayer: Sayer) -> None:
    """Else all the tests above would show nothing."""
    for raw in (sayer.say(), sayer.attest(["registrar"]), parts(sayer)):
        assert sayer.instance.application.handle(raw).entries[0].type == "PartyRegistered"
    assert cbor.decode(sayer.say())
