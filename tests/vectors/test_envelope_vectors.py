"""Golden vectors of canonical JSON, commitments, keys, statements and entries."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas import canonical, commitments
from schemas.commitments import Opening
from schemas.envelope import keys
from schemas.envelope.entry import leaf_hash, read_entry, sign_entry
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import read_statement, sign_statement
from schemas.refusals import Malformed
from tests.vectors.making import load

CANONICAL = load("canonical.json")
COMMITMENTS = load("commitments.json")
KEYS = load("keys.json")
STATEMENTS = load("statements.json")
ENTRIES = load("entries.json")


def each(vectors: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=[one["name"] for one in vectors])


def refuses(code: str) -> pytest.RaisesExc[Malformed]:
    return pytest.raises(Malformed, check=lambda error: error.code == code)


@each(CANONICAL["accepted"])
def test_canonical_form(vector: Any) -> None:
    raw = vector["canonical"].encode()
    assert canonical.encode(vector["value"]) == raw
    assert canonical.parse(raw) == vector["value"]


@pytest.mark.interop(34)
@each(CANONICAL["refused"])
def test_not_canonical(vector: Any) -> None:
    with refuses("not_canonical"):
        canonical.parse(bytes.fromhex(vector["raw_hex"]))


@each(CANONICAL["base64url_refused"])
def test_not_base64url(vector: Any) -> None:
    with refuses("not_canonical"):
        canonical.unb64u(vector["text"])


def opening_of(vector: Any) -> Opening:
    return Opening("/x", canonical.unb64u(vector["salt"]), vector["value"])


@each(COMMITMENTS["accepted"])
def test_commitment(vector: Any) -> None:
    opening = opening_of(vector)
    made = commitments.commit(opening.value, opening.salt)
    assert made == {"commit": vector["commit"]}
    commitments.open_commitment(made, opening)


@each(COMMITMENTS["refused"])
def test_opening_that_does_not_open(vector: Any) -> None:
    with refuses("value_unknown"):
        commitments.open_commitment({"commit": vector["commit"]}, opening_of(vector))


@each(KEYS["signatures"])
def test_ed25519(vector: Any) -> None:
    key = SigningKey("k", bytes.fromhex(vector["seed"]))
    message, signature = bytes.fromhex(vector["message"]), bytes.fromhex(vector["signature"])
    assert key.public.hex() == vector["public"]
    assert key.sign(message) == signature
    keys.verify(key.public, signature, message)
    keys.check_public_key(key.public)


@pytest.mark.interop(41)
@each(KEYS["weak_keys"])
def test_weak_key(vector: Any) -> None:
    public = bytes.fromhex(vector["public"])
    with refuses("key_weak") as caught:
        keys.check_public_key(public)
    assert ("small order" in vector["name"]) == ("small order" in caught.value.message)


@each(KEYS["signatures_refused"])
def test_signature_refused(vector: Any) -> None:
    public, message, signature = (
        bytes.fromhex(vector[name]) for name in ("public", "message", "signature")
    )
    with refuses("signature_invalid"):
        keys.verify(public, signature, message)


def test_the_identity_as_key_is_a_danger_elsewhere() -> None:
    """One signature, two messages: the other library at hand takes both."""
    both = [one for one in KEYS["signatures_refused"] if "identity" in one["name"]]
    assert len({one["message"] for one in both}) == 2
    assert len({one["signature"] for one in both}) == 1
    for one in both:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(one["public"]))
        public.verify(bytes.fromhex(one["signature"]), bytes.fromhex(one["message"]))


@each(STATEMENTS["accepted"])
def test_statement(vector: Any) -> None:
    raw = bytes.fromhex(vector["raw"])
    statement = read_statement(raw)
    statement.verify(bytes.fromhex(vector["public"]))
    assert statement.payload == vector["payload"]
    assert statement.sha256 == vector["sha256"]
    assert statement.content_digest == vector["content_digest"]
    key = SigningKey(statement.kid, bytes.fromhex(vector["seed"]))
    again = sign_statement(statement.payload, key, issuer=statement.issuer, ledger=statement.ledger)
    assert (again == raw) == ("alg -8" not in vector["name"])


def test_what_makes_two_statements_the_same_command() -> None:
    digests = {one["content_digest"] for one in STATEMENTS["accepted"]}
    assert len(digests) == 1, "own, attested and foreign say the same: a repetition"
    assert len({one["sha256"] for one in STATEMENTS["accepted"]}) == 3


@pytest.mark.interop(29)
@each(STATEMENTS["refused"])
def test_statement_refused(vector: Any) -> None:
    with refuses(vector["code"]):
        read_statement(bytes.fromhex(vector["raw"]))


@each(STATEMENTS["signature_refused"])
def test_statement_whose_signature_is_refused(vector: Any) -> None:
    statement = read_statement(bytes.fromhex(vector["raw"]))
    with refuses("signature_invalid"):
        statement.verify(bytes.fromhex(vector["public"]))


@each(ENTRIES["accepted"])
def test_entry(vector: Any) -> None:
    raw = bytes.fromhex(vector["raw"])
    entry = read_entry(raw)
    entry.verify(bytes.fromhex(vector["public"]))
    assert entry.payload == vector["payload"]
    assert leaf_hash(raw).hex() == entry.leaf_hash.hex() == vector["leaf_hash"]
    key = SigningKey(entry.kid, bytes.fromhex(vector["seed"]))
    assert sign_entry(entry.payload, key, ledger=entry.ledger) == raw


@each(ENTRIES["refused"])
def test_entry_refused(vector: Any) -> None:
    with refuses(vector["code"]):
        read_entry(bytes.fromhex(vector["raw"]))


@pytest.mark.interop(31)
@each(ENTRIES["accepted"])
def test_a_second_library_agrees_on_the_signature(vector: Any) -> None:
    entry = read_entry(bytes.fromhex(vector["raw"])).envelope
    assert entry.payload is not None
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["public"]))
    from_standard = b"\x84\x6aSignature1" + b"".join(
        (
            b"\x58" + bytes((len(entry.protected_raw),)) + entry.protected_raw,
            b"\x40",
            b"\x59" + len(entry.payload).to_bytes(2, "big") + entry.payload,
        )
    )
    public.verify(entry.signature, from_standard)
    with pytest.raises(InvalidSignature):
        public.verify(entry.signature, from_standard + b"x")
