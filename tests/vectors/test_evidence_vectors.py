"""Golden vectors of trees, tiles, checkpoints, policies, proofs and receipts."""

from typing import Any

import pytest

from ledger.evidence import merkle, prove, receipt, tiles
from ledger.evidence.errors import EvidenceError, NotWitnessedError
from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import (
    COSIGNER,
    NoteKey,
    add_cosignature,
    cosign,
    open_checkpoint,
    parse_vkey,
)
from ledger.evidence.policy import parse_policy
from ledger.evidence.proof import make_proof, parse_proof
from ledger.evidence.receipt import Position, make_receipt, verify_receipt
from schemas.envelope.keys import SigningKey
from tests.vectors.making import LEDGER, load

INCLUSION = load("inclusion.json")
CONSISTENCY = load("consistency.json")
TILES = load("tiles.json")
VKEYS = load("vkeys.json")
CHECKPOINTS = load("checkpoints.json")
POLICIES = load("policies.json")
PROOFS = load("proofs.json")
RECEIPTS = load("receipts.json")


def each(vectors: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=[one["name"] for one in vectors])


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def check_inclusion(vector: Any) -> None:
    merkle.verify_inclusion(
        raw(vector["leaf"]),
        vector["index"],
        vector["size"],
        [raw(one) for one in vector["path"]],
        raw(vector["root"]),
    )


@each(INCLUSION["accepted"])
def test_inclusion(vector: Any) -> None:
    check_inclusion(vector)


@each(INCLUSION["refused"])
def test_inclusion_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        check_inclusion(vector)


def check_consistency(vector: Any) -> None:
    merkle.verify_consistency(
        vector["old"],
        vector["new"],
        [raw(one) for one in vector["path"]],
        raw(vector["old_root"]),
        raw(vector["new_root"]),
    )


@each(CONSISTENCY["accepted"])
def test_consistency(vector: Any) -> None:
    check_consistency(vector)


@each(CONSISTENCY["refused"])
def test_consistency_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        check_consistency(vector)


@each(TILES["paths"])
def test_tile_path(vector: Any) -> None:
    named = tiles.parse_path(vector["path"])
    assert (named.level, named.index, named.width) == (
        vector["level"],
        vector["index"],
        vector["width"],
    )
    make = tiles.bundle_path if named.level is None else tiles.tile_path
    where = [one for one in (named.level, named.index, named.width) if one is not None]
    assert make(*where) == vector["path"]


@pytest.mark.interop(5)
@each(TILES["paths_refused"])
def test_tile_path_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        tiles.parse_path(vector["path"])


@each(TILES["bundles"])
def test_bundle(vector: Any) -> None:
    entries = [raw(one) for one in vector["entries"]]
    assert tiles.encode_bundle(entries) == raw(vector["raw"])
    assert tiles.decode_bundle(raw(vector["raw"]), vector["width"]) == entries


@pytest.mark.interop(3)
@each(TILES["bundles_refused"])
def test_bundle_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        tiles.decode_bundle(raw(vector["raw"]), vector["width"])


@each(VKEYS["accepted"])
def test_vkey(vector: Any) -> None:
    key = parse_vkey(vector["vkey"])
    assert str(key) == vector["vkey"]
    assert (key.name, key.kind, key.public.hex()) == (
        vector["key_name"],
        vector["kind"],
        vector["public"],
    )


@pytest.mark.interop(11)
@each(VKEYS["refused"])
def test_vkey_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        parse_vkey(vector["vkey"])


@each(CHECKPOINTS["accepted"])
def test_checkpoint(vector: Any) -> None:
    found = open_checkpoint(vector["text"], vector["vkey"])
    assert (found.origin, found.size, found.root.hex()) == (
        vector["origin"],
        vector["size"],
        vector["root"],
    )


@pytest.mark.interop(7)
@each(CHECKPOINTS["refused"])
def test_checkpoint_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        open_checkpoint(vector["text"], vector["vkey"])


@each(CHECKPOINTS["cosignatures"])
def test_cosignature(vector: Any) -> None:
    key = parse_vkey(vector["vkey"])
    witness = NoteKey(key.name, SigningKey("w", raw(vector["seed"])), COSIGNER)
    assert cosign(vector["note"], witness, time_s=vector["time_s"]) == vector["line"]
    assert add_cosignature(vector["note"], vector["line"], key).endswith(vector["line"] + "\n")
    with pytest.raises(EvidenceError):
        add_cosignature(vector["note"].replace("\n23\n", "\n24\n"), vector["line"], key)


@each(POLICIES["accepted"])
def test_policy(vector: Any) -> None:
    policy = parse_policy(vector["text"])
    for names in vector["met"]:
        assert policy.is_met(frozenset(names)), names
    for names in vector["unmet"]:
        assert not policy.is_met(frozenset(names)), names


@pytest.mark.interop(23)
@each(POLICIES["refused"])
def test_policy_refused(vector: Any) -> None:
    with pytest.raises(EvidenceError):
        parse_policy(vector["text"])


@each(PROOFS["accepted"])
def test_proof(vector: Any) -> None:
    policy = parse_policy(vector.get("policy", PROOFS["policy"]))
    report = prove.prove(raw(vector["entry"]), vector["proof"], policy)
    assert report.position == vector["position"]
    assert report.is_witnessed
    parsed = parse_proof(vector["proof"])
    made = make_proof(
        index=parsed.index, path=parsed.path, checkpoint=parsed.checkpoint, extra=parsed.extra
    )
    assert made == vector["proof"]


@pytest.mark.interop(22)
@each(PROOFS["refused"])
def test_proof_refused(vector: Any) -> None:
    policy = parse_policy(vector.get("policy", PROOFS["policy"]))
    with pytest.raises(EvidenceError) as caught:
        prove.prove(raw(vector["entry"]), vector["proof"], policy)
    assert type(caught.value).__name__ == vector["error"]


@each(RECEIPTS["accepted"])
def test_receipt(vector: Any) -> None:
    key = SigningKey("key_01h455vb4pex5vsknk084sn02d", raw(RECEIPTS["seed"]))
    position = Position(vector["size"], vector["index"])
    made = make_receipt(
        key,
        origin=LEDGER,
        position=position,
        path=[raw(one) for one in vector["path"]],
        root=raw(vector["root"]),
    )
    assert made.hex() == vector["receipt"]
    entry = raw(vector["entry"])
    read = verify_receipt(made, leaf_hash(entry), key.public, issuer=LEDGER)
    assert read.position == position
    assert receipt.split_transparent(raw(vector["transparent"])) == (entry, (made,))


@each(RECEIPTS["without_position"])
def test_receipt_without_position(vector: Any) -> None:
    """Both verify, at two places: that is why a position is never taken from such a one."""
    entry = raw(vector["entry"])
    public = raw(RECEIPTS["public"])
    read = verify_receipt(raw(vector["receipt"]), leaf_hash(entry), public, issuer=LEDGER)
    with pytest.raises(EvidenceError, match="take none from it"):
        _ = read.position
    with pytest.raises(EvidenceError, match="step 3, read the receipt"):
        prove.prove_by_receipt(entry, raw(vector["receipt"]), parse_policy(PROOFS["policy"]))


@pytest.mark.interop(35)
@each(RECEIPTS["refused"])
def test_receipt_refused(vector: Any) -> None:
    leaf = leaf_hash(raw(vector["entry"]))
    with pytest.raises(EvidenceError) as caught:
        verify_receipt(raw(vector["receipt"]), leaf, raw(RECEIPTS["public"]), issuer=LEDGER)
    assert not isinstance(caught.value, NotWitnessedError)
