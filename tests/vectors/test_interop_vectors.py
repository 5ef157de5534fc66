"""The vectors that readers written by others have accepted, byte for byte."""

from typing import Any

import pytest

from ledger.evidence import merkle, tree
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import (
    COSIGNER,
    Checkpoint,
    NoteKey,
    add_cosignature,
    cosign,
    open_checkpoint,
    parse_vkey,
    sign_checkpoint,
)
from ledger.evidence.policy import parse_policy
from ledger.evidence.receipt import INCLUSION, VDP, VDS, verify_receipt
from ledger.evidence.tiles import bundle_path, decode_bundle, encode_bundle
from schemas.envelope import cbor, cose
from schemas.envelope.keys import SigningKey
from tests.vectors.making import load

INTEROP = load("interop.json")
ENTRIES = [b'{"i":%d}' % index for index in range(1000)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


@pytest.mark.interop(1)
@pytest.mark.parametrize("vector", INTEROP["roots"], ids=lambda one: str(one["size"]))
def test_root(vector: Any) -> None:
    growth = tree.grow(tree.Tree(), LEAVES[: vector["size"]])
    assert growth.root.hex() == vector["root"]


def test_bundle() -> None:
    vector = INTEROP["bundle"]
    raw = bytes.fromhex(vector["raw"])
    assert encode_bundle(ENTRIES[256:257]) == raw
    assert decode_bundle(raw, 1) == ENTRIES[256:257]
    assert bundle_path(1, 1) == vector["path"]


@pytest.mark.interop(14)
def test_checkpoint_and_cosignature() -> None:
    vector = INTEROP["checkpoint"]
    log = NoteKey("py.example/log", SigningKey("l", bytes.fromhex(vector["log_seed"])))
    witness = NoteKey(
        "w.example/py", SigningKey("w", bytes.fromhex(vector["witness_seed"])), COSIGNER
    )
    assert (log.vkey, witness.vkey) == (vector["log_vkey"], vector["witness_vkey"])
    root = tree.grow(tree.Tree(), LEAVES[: vector["size"]]).root
    checkpoint = Checkpoint("py.example/log", vector["size"], root)
    note = sign_checkpoint(checkpoint, log)
    line = cosign(note, witness, time_s=vector["time_s"])
    assert add_cosignature(note, line, parse_vkey(vector["witness_vkey"])) == vector["note"]
    assert open_checkpoint(vector["note"], vector["log_vkey"]) == checkpoint
    policy = parse_policy(
        f"log {vector['log_vkey']}\nwitness w {vector['witness_vkey']}\nquorum w\n"
    )
    assert policy.accept(vector["note"]).witnesses == {"w": vector["time_s"]}


def statement(index: int) -> bytes:
    vector = INTEROP["statement"]
    key = SigningKey(vector["kid"], bytes.fromhex(vector["seed"]))
    return cose.sign1(ENTRIES[index], key, issuer=vector["issuer"], subject=vector["subject"])


def test_statement() -> None:
    vector = INTEROP["statement"]
    raw = bytes.fromhex(vector["raw"])
    assert statement(1) == raw
    assert leaf_hash(raw).hex() == vector["leaf"]
    envelope = cose.read(raw)
    envelope.verify(SigningKey("k3", bytes.fromhex(vector["seed"])).public)
    assert (envelope.kid, envelope.issuer, envelope.subject) == ("k3", "urn:a", "urn:s")
    assert envelope.payload == vector["payload"].encode()


@pytest.mark.interop(36)
def test_receipt_and_that_it_gives_no_position() -> None:
    vector = INTEROP["receipt"]
    leaves = [leaf_hash(statement(index)) for index in range(3)]
    growth = tree.grow(tree.Tree(), leaves)
    assert growth.root.hex() == vector["root"]
    key = SigningKey(vector["kid"], bytes.fromhex(vector["seed"]))
    protected = cose.protected_header(
        kid=key.kid,
        issuer=vector["issuer"],
        subject=vector["subject"],
        content_type=None,
        extra={VDS: 1},
    )
    path = growth.inclusion_path(vector["index"])
    proof = cbor.encode([vector["size"], vector["index"], path])
    raw = cose.write(
        key,
        growth.root,
        protected=protected,
        unprotected={VDP: {INCLUSION: [proof]}},
        detached=True,
    )
    assert raw.hex() == vector["raw"]
    read = verify_receipt(raw, leaves[1], key.public, issuer=vector["issuer"])
    with pytest.raises(EvidenceError, match="does not sign its position"):
        _ = read.position
    merkle.verify_inclusion(leaves[1], 1, 3, path, growth.root)
