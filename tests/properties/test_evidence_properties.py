"""The tree grows as plain recursion says; any flipped bit of any evidence is noticed."""

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.evidence import merkle, nodes, prove, tiles, tree
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import EMPTY_ROOT, leaf_hash
from ledger.evidence.note import open_checkpoint
from ledger.evidence.policy import parse_policy
from ledger.evidence.receipt import verify_receipt
from tests.vectors.making import LEDGER, load

LEAVES = [leaf_hash(b"%d" % index) for index in range(1200)]
PROOFS = load("proofs.json")
RECEIPTS = load("receipts.json")
CHECKPOINTS = load("checkpoints.json")
POLICY = parse_policy(PROOFS["policy"])


@cache
def mth(first: int, last: int) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if first == last:
        return hashlib.sha256(b"").digest()
    if last - first == 1:
        return LEAVES[first]
    split = 1
    while split * 2 < last - first:
        split *= 2
    left, right = mth(first, first + split), mth(first + split, last)
    return hashlib.sha256(b"\x01" + left + right).digest()


def read_hash(level: int, index: int) -> bytes:
    return mth(index << level, (index + 1) << level)


class Stored:
    """Tiles as a database would keep them: of each the longest."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], bytes] = {}

    def put(self, growth: tree.Growth) -> None:
        for row in growth.tiles:
            known = self.rows.get((row.level, row.index), b"")
            assert row.hashes.startswith(known), "a tile only grows"
            assert len(row.hashes) > len(known)
            self.rows[row.level, row.index] = row.hashes

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        return self.rows[level, index][: width * 32]


def test_every_inclusion_up_to_200() -> None:
    for size in range(1, 201):
        root = mth(0, size)
        for index in range(size):
            path = merkle.inclusion_path(index, size, read_hash)
            merkle.verify_inclusion(LEAVES[index], index, size, path, root)


def test_every_consistency_up_to_130() -> None:
    for new in range(131):
        for old in range(new + 1):
            path = merkle.consistency_path(old, new, read_hash)
            merkle.verify_consistency(old, new, path, mth(0, old), mth(0, new))


@given(st.integers(1, 1199), st.data())
def test_a_path_shows_one_leaf_at_one_place(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(index, size, read_hash)
    other = data.draw(st.integers(0, size).filter(lambda one: one != index))
    for leaf, place in ((LEAVES[other], index), (LEAVES[index], other)):
        with pytest.raises(EvidenceError):
            merkle.verify_inclusion(leaf, place, size, path, mth(0, size))


@settings(max_examples=40)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_growing_by_batches_is_plain_recursion(batches: list[int]) -> None:
    grown, stored = tree.Tree(), Stored()
    assert grown.root == EMPTY_ROOT
    for batch in batches:
        old = grown.size
        new = min(old + batch, len(LEAVES))
        growth = tree.grow(grown, LEAVES[old:new])
        stored.put(growth)
        assert growth.root == mth(0, new)
        assert tree.load(new, stored.read_tile) == growth.tree
        read = nodes.TileHashes(stored, new)
        assert read.root() == growth.root
        assert growth.consistency_path() == read.consistency_path(old)
        merkle.verify_consistency(old, new, growth.consistency_path(), grown.root, growth.root)
        for index in range(old, new):
            path = growth.inclusion_path(index)
            merkle.verify_inclusion(LEAVES[index], index, new, path, growth.root)
        grown = growth.tree
    check_tiles(stored, grown.size)


def check_tiles(stored: Stored, size: int) -> None:
    """The rows are exactly the tiles of C2SP tlog-tiles for this size, each of its width."""
    expected = {}
    for level in range(tiles.TILE_LEVELS_MAX):
        for index in range((size >> 8 * level) // 256 + 1):
            width = tiles.tile_width(level, index, size)
            if width:
                hashes = [read_hash(8 * level, index * 256 + i) for i in range(width)]
                expected[level, index] = b"".join(hashes)
    assert stored.rows == expected


@settings(max_examples=30)
@given(st.integers(1, 1200), st.data())
def test_tiles_answer_any_path_at_any_earlier_size(size: int, data: st.DataObject) -> None:
    stored = Stored()
    stored.put(tree.grow(tree.Tree(), LEAVES))
    read = nodes.TileHashes(stored, size)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    assert read.inclusion_path(index) == merkle.inclusion_path(index, size, read_hash)
    assert read.consistency_path(old) == merkle.consistency_path(old, size, read_hash)


@given(st.integers(0, 2**63 - 1), st.integers(1, 256), st.integers(0, 7))
def test_tile_paths_read_back(index: int, width: int, level: int) -> None:
    assert tiles.parse_path(tiles.tile_path(level, index, width)) == tiles.TilePath(
        level, index, width
    )
    assert tiles.parse_path(tiles.bundle_path(index, width)) == tiles.TilePath(None, index, width)


@given(st.text(st.sampled_from("tile/entris0123x.p\u0660\n"), max_size=40))
def test_any_text_is_one_tile_path_or_none(text: str) -> None:
    try:
        named = tiles.parse_path("tile/" + text)
    except EvidenceError:
        return
    where = (named.index, named.width)
    written = (
        tiles.bundle_path(*where) if named.level is None else tiles.tile_path(named.level, *where)
    )
    assert written == "tile/" + text


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20), st.data())
def test_bundles_read_back_and_no_other_way(entries: list[bytes], data: st.DataObject) -> None:
    raw = tiles.encode_bundle(entries)
    assert tiles.decode_bundle(raw, len(entries)) == entries
    cut = data.draw(st.integers(0, len(raw) - 1))
    for damaged in (raw[:cut], raw + b"\x00", raw + b"\x00\x00"):
        with pytest.raises(EvidenceError):
            tiles.decode_bundle(damaged, len(entries))


def flip(raw: bytes, at: int) -> bytes:
    return raw[: at // 8] + bytes((raw[at // 8] ^ 1 << at % 8,)) + raw[at // 8 + 1 :]


def flip_text(text: str, at: int) -> str:
    """Flip one bit of the text's bytes; what is no text any more stays noticed."""
    return flip(text.encode(), at % (len(text.encode()) * 8)).decode("utf-8", "surrogateescape")


BIT = st.integers(0, 2**16)


@given(BIT)
def test_any_flipped_bit_of_a_checkpoint_is_noticed(at: int) -> None:
    right = CHECKPOINTS["accepted"][1]  # no line of an unknown key, in which no bit matters
    with pytest.raises(EvidenceError):
        open_checkpoint(flip_text(right["text"], at), right["vkey"])


@given(BIT)
def test_any_flipped_bit_of_a_proof_is_noticed(at: int) -> None:
    right = PROOFS["accepted"][0]
    with pytest.raises(EvidenceError):
        prove.prove(bytes.fromhex(right["entry"]), flip_text(right["proof"], at), POLICY)


@given(BIT)
def test_any_flipped_bit_of_a_proved_entry_is_noticed(at: int) -> None:
    right = PROOFS["accepted"][0]
    entry = bytes.fromhex(right["entry"])
    with pytest.raises(EvidenceError):
        prove.prove(flip(entry, at % (len(entry) * 8)), right["proof"], POLICY)


@given(BIT)
def test_any_flipped_bit_of_a_receipt_is_noticed(at: int) -> None:
    right = RECEIPTS["accepted"][0]
    raw = bytes.fromhex(right["receipt"])
    leaf = leaf_hash(bytes.fromhex(right["entry"]))
    public = bytes.fromhex(RECEIPTS["public"])
    damaged = flip(raw, at % (len(raw) * 8))
    with pytest.raises(EvidenceError):
        _ = verify_receipt(damaged, leaf, public, issuer=LEDGER).position


@given(BIT)
def test_any_flipped_bit_of_a_policy_is_noticed_or_harmless(at: int) -> None:
    """Harmless: another name of the witness or its group, used everywhere alike; never a key."""
    text = flip_text(PROOFS["policy"], at)
    try:
        policy = parse_policy(text)
    except EvidenceError:
        return
    assert policy.logs == POLICY.logs
    assert list(policy.witnesses.values()) == list(POLICY.witnesses.values())


@given(st.binary(max_size=200))
def test_any_bytes_are_no_receipt(raw: bytes) -> None:
    with pytest.raises(EvidenceError):
        verify_receipt(raw, LEAVES[0], bytes(32), issuer=LEDGER)


@given(st.text(max_size=200))
def test_any_text_is_no_evidence(text: str) -> None:
    entry = bytes.fromhex(PROOFS["accepted"][0]["entry"])
    with pytest.raises(EvidenceError):
        prove.prove(entry, "c2sp.org/tlog-proof@v1\nindex 0\n\n" + text, POLICY)
    with pytest.raises(EvidenceError):
        POLICY.accept(text)
