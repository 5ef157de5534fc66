"""The log as tools written by others read it: bytes, paths, media types, cache headers."""

import base64
import hashlib
from pathlib import Path

import cbor2
import pytest

from ledger.evidence.errors import EvidenceError
from ledger.evidence.growth import prove_growth_by_receipt, read_path
from ledger.evidence.merkle import root_from_path, verify_consistency
from ledger.evidence.note import open_checkpoint, parse_vkey
from ledger.evidence.policy import Policy, parse_policy
from ledger.evidence.proof import parse_proof, verify_proof
from ledger.evidence.receipt import verify_receipt
from ledger.evidence.tiles import decode_bundle
from ledger.evidence.tree import Tree, grow
from schemas import canonical
from schemas.commands.parties import RegisterParty
from schemas.envelope.entry import leaf_hash, read_entry
from schemas.ids import new_id
from service.api.log import takes_gzip
from tests.integration.api.test_commands import problem
from tests.integration.api.world import World, open_world

IMMUTABLE = "max-age=31536000, immutable"


def size_of(world: World) -> int:
    return int(world.nobody.get("/checkpoint").text.split("\n")[1])


def policy_of(world: World) -> Policy:
    return parse_policy(f"log {world.instance.facts.checkpoint_vkey}\nquorum none\n")


def test_the_checkpoint_is_a_signed_note_of_the_log(world: World) -> None:
    response = world.nobody.get("/checkpoint")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    vkey = parse_vkey(world.instance.facts.checkpoint_vkey)
    checkpoint = open_checkpoint(response.text, vkey)
    assert checkpoint.origin == world.instance.facts.origin
    assert checkpoint.size == int(response.headers["ledger-position"])


@pytest.mark.interop(25)
def test_tiles_and_bundles_give_the_checkpoints_root(world: World) -> None:
    who, size = world.officer(), size_of(world)
    tile = world.nobody.get(f"/tile/0/000.p/{size}")
    assert tile.headers["content-type"] == "application/octet-stream"
    assert tile.headers["cache-control"] == f"public, {IMMUTABLE}"
    bundle = who.get(f"/tile/entries/000.p/{size}")
    assert bundle.headers["content-type"] == "application/octet-stream"
    entries = decode_bundle(bundle.content, size)
    assert tile.content == b"".join(leaf_hash(raw) for raw in entries)
    assert [read_entry(raw).ledger for raw in entries] == [world.instance.facts.origin] * size


@pytest.mark.interop(6)
def test_every_smaller_partial_tile_is_there_and_no_larger_one(world: World) -> None:
    size = size_of(world)
    whole = world.nobody.get(f"/tile/0/000.p/{size}").content
    for width in range(1, size + 1):
        assert world.nobody.get(f"/tile/0/000.p/{width}").content == whole[: 32 * width]
    for path in ("0/000", "1/000.p/1", "0/001.p/1", f"0/000.p/{size + 1}"):
        problem(world.nobody.get(f"/tile/{path}"), 404, "not_found")


@pytest.mark.interop(26)
@pytest.mark.parametrize(
    "path",
    [
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "00/000",
        "0/0",
        "0/x000/000",
        "data/000",
        "0/000/",
        "9/000",
        "-1/000",
        "0/x999/x999/x999/x999/x999/x999/999",
        "entries/x999/x999/x999/x999/x999/x999/999",
        "",
    ],
)
def test_paths_that_are_written_in_another_way_lead_nowhere(world: World, path: str) -> None:
    problem(world.officer().get(f"/tile/{path}"), 404, "not_found")


def test_entry_bundles_are_for_parties(world: World) -> None:
    size = size_of(world)
    problem(world.nobody.get(f"/tile/entries/000.p/{size}"), 401, "token_missing")
    response = world.officer().get(f"/tile/entries/000.p/{size}")
    assert response.headers["cache-control"] == f"private, {IMMUTABLE}"


def test_an_operator_may_make_bundles_public(tmp_path: Path) -> None:
    with open_world(tmp_path, public_bundles=True) as world:
        response = world.nobody.get(f"/tile/entries/000.p/{size_of(world)}")
        assert response.headers["cache-control"] == f"public, {IMMUTABLE}"


@pytest.mark.interop(27)
def test_bundles_are_compressed_and_mean_the_same_bytes(world: World) -> None:
    who, size = world.officer(), size_of(world)
    path = f"/tile/entries/000.p/{size}"
    small = who.get(path, headers={"Accept-Encoding": "gzip"})
    plain = who.get(path, headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert small.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
    assert small.content == plain.content
    assert int(small.headers["content-length"]) < len(plain.content)


@pytest.mark.parametrize(
    ("field", "taken"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=1.0", True),
        ("gzip; q=0", False),
        ("gzip;q=0.000", False),
        ("identity", False),
        ("x-gzip", False),
        ("", False),
    ],
)
def test_only_who_takes_gzip_gets_it(field: str, *, taken: bool) -> None:
    assert takes_gzip(field) is taken


def test_a_proof_and_a_receipt_verify_offline(world: World) -> None:
    who, size = world.officer(), size_of(world)
    for position in (1, size // 2, size):
        raw = who.get(f"/v1/entries/{position}").content
        proof = world.nobody.get(f"/v1/entries/{position}/proof")
        assert proof.headers["content-type"] == "text/plain; charset=utf-8"
        accepted = verify_proof(parse_proof(proof.text), leaf_hash(raw), policy_of(world))
        assert accepted.checkpoint.size == size
        receipt = world.nobody.get(f"/v1/entries/{position}/receipt")
        assert receipt.headers["content-type"] == "application/cose"
        public = world.instance.keys.checkpoint.public
        origin = world.instance.facts.origin
        read = verify_receipt(receipt.content, leaf_hash(raw), public, issuer=origin)
        assert (read.position.size, read.position.index) == (size, position - 1)


def test_the_proof_of_an_answer_is_that_of_its_batch(world: World) -> None:
    who = world.officer()
    answer = who.did("RegisterParty", {"kind": "organization", "name": "Proven"})
    (entry,) = answer["entries"]
    proof = parse_proof(entry["proof"])
    raw = who.get(f"/v1/entries/{entry['position']}").content
    size, root = proof.checkpoint.split("\n")[1:3]
    assert proof.index == entry["position"] - 1
    computed = root_from_path(leaf_hash(raw), proof.index, int(size), proof.path)
    assert base64.b64encode(computed).decode() == root


@pytest.mark.parametrize("what", ["", "/proof", "/receipt", "/statement"])
@pytest.mark.parametrize("position", ["0", "999999", "-1", "x", str(2**63), str(2**80)])
def test_a_position_that_is_not_there_is_not_found(world: World, what: str, position: str) -> None:
    response = world.officer().get(f"/v1/entries/{position}{what}")
    code = "position_unknown" if position == "999999" else "request_invalid"
    problem(response, 404 if position == "999999" else 400, code)


@pytest.mark.interop(40)
def test_the_logs_keys_are_cose_keys(world: World) -> None:
    response = world.nobody.get("/.well-known/scitt-keys")
    assert response.headers["content-type"] == "application/cbor"
    keys = {key[2].decode(): key for key in cbor2.loads(response.content)}
    signer = world.instance.keys.checkpoint
    assert keys[signer.kid] == {1: 1, 2: signer.kid.encode(), -1: 6, -2: signer.public}
    assert all(-4 not in key for key in keys.values())
    encoded = canonical.b64u(signer.kid.encode())
    for kid in (signer.kid, encoded):
        one = world.nobody.get(f"/.well-known/scitt-keys/{kid}")
        assert cbor2.loads(one.content) == keys[signer.kid]
    lost = world.nobody.get("/.well-known/scitt-keys/nobody")
    assert lost.status_code == 404
    assert lost.headers["content-type"] == "application/concise-problem-details+cbor"
    assert set(cbor2.loads(lost.content)) == {-1, -2}


def test_an_entry_is_its_own_leaf(world: World) -> None:
    response = world.officer().get("/v1/entries/1")
    assert response.headers["content-type"] == "application/cose"
    tile = world.nobody.get("/tile/0/000.p/1").content
    assert hashlib.sha256(b"\x00" + response.content).digest() == tile
    problem(world.nobody.get("/v1/entries/1"), 401, "token_missing")


@pytest.mark.parametrize("path", ["/checkpoint", "/tile/0/000.p/1", "/.well-known/scitt-keys"])
def test_head_answers_like_get_without_a_body(world: World, path: str) -> None:
    head, get = world.nobody.head(path), world.nobody.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "cache-control", "content-length"):
        assert head.headers[name] == get.headers[name]


def test_the_newest_checkpoint_continues_every_smaller_one(world: World) -> None:
    vkey, size = world.instance.facts.checkpoint_vkey, size_of(world)
    leaves = [
        leaf_hash(world.officer().get(f"/v1/entries/{position}").content)
        for position in range(1, size + 1)
    ]
    for older in (1, 2, size - 1, size):
        found = world.nobody.get(f"/v1/checkpoints/{older}/growth").json()
        newer = open_checkpoint(found["checkpoint"], vkey)
        root = grow(Tree(), leaves[:older]).root
        verify_consistency(older, newer.size, read_path(found["path"]), root, newer.root)
    problem(world.nobody.get(f"/v1/checkpoints/{size + 999}/growth"), 404, "position_unknown")
    problem(world.nobody.get("/v1/checkpoints/0/growth"), 400, "request_invalid")


def test_a_receipt_says_so_in_cose(world: World) -> None:
    policy = policy_of(world)
    kept = world.nobody.get("/checkpoint").text
    size = size_of(world)
    world.instance.operator().say(
        RegisterParty(party=new_id("pty"), kind="organization", name="Somebody")
    )
    path = f"/v1/checkpoints/{size}/growth/receipt"
    grown = prove_growth_by_receipt(kept, world.nobody.get(path).content, policy)
    assert (grown.older.size, grown.newer.size) == (size, size_of(world))
    newest = open_checkpoint(world.nobody.get("/checkpoint").text, policy.logs[0])
    assert grown.newer == newest
    smaller = world.nobody.get(f"/v1/checkpoints/{size - 1}/growth/receipt").content
    with pytest.raises(EvidenceError, match="were kept"):
        prove_growth_by_receipt(kept, smaller, policy)
    beyond = world.nobody.get(f"/v1/checkpoints/{size + 1000}/growth/receipt")
    assert beyond.status_code == 404


def test_a_checkpoint_commits_to_what_an_answer_rests_on(world: World) -> None:
    vkey, size = world.instance.facts.checkpoint_vkey, size_of(world)
    tile = world.nobody.get(f"/tile/0/000.p/{size}").content
    leaves = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    for position in (1, size // 2, size):
        answer = world.nobody.get(f"/v1/checkpoint?as_of={position}")
        found = open_checkpoint(answer.text, vkey)
        assert position <= found.size <= size
        assert found.root == grow(Tree(), leaves[: found.size]).root
    assert world.nobody.get("/v1/checkpoint").text == world.nobody.get("/checkpoint").text
    assert world.nobody.get("/v1/checkpoint?as_of=now").text.startswith(f"{found.origin}\n{size}\n")
    problem(world.nobody.get(f"/v1/checkpoint?as_of={size + 1}"), 503, "behind")
    problem(world.nobody.get("/v1/checkpoint?as_of=0"), 404, "position_unknown")
    problem(world.nobody.get("/v1/checkpoint?valid_at=now"), 400, "request_invalid")
