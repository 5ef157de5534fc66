"""Cheats and mistakes at the evidence's edges, beyond the vectors."""

import pytest

from ledger.evidence import nodes, texts, tiles, tree
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import EMPTY_ROOT
from ledger.evidence.note import (
    COSIGNER,
    Checkpoint,
    NoteKey,
    VerifierKey,
    add_cosignature,
    cosign,
    open_checkpoint,
    sign_checkpoint,
)
from ledger.evidence.policy import parse_policy
from ledger.evidence.proof import make_proof
from ledger.evidence.tree import Tree, grow
from schemas.envelope.entry import leaf_hash
from tests.vectors.make_notes import LOG, OTHER, WITNESS
from tests.vectors.making import LEDGER, LOG_KEY

LEAVES = [leaf_hash(b"%d" % number) for number in range(300)]
POLICY = parse_policy(f"log {LOG.vkey}\nwitness w1 {WITNESS.vkey}\nquorum w1\n")
LAX = parse_policy(f"log {LOG.vkey}\nquorum none\n")


def checkpoint(size: int) -> str:
    return sign_checkpoint(Checkpoint(LEDGER, size, grow(Tree(), LEAVES[:size]).root), LOG)


def test_an_unverified_cosignature_never_gets_into_a_note() -> None:
    note = checkpoint(7)
    with pytest.raises(EvidenceError):
        add_cosignature(note, cosign(checkpoint(8), WITNESS, time_s=1), WITNESS.verifier)
    with pytest.raises(EvidenceError):
        add_cosignature(note, cosign(note, OTHER, time_s=1), WITNESS.verifier)
    with pytest.raises(EvidenceError):
        add_cosignature(note, "not a line", WITNESS.verifier)


@pytest.mark.interop(12)
def test_a_bad_line_of_a_known_witness_spoils_the_note() -> None:
    note = checkpoint(7) + cosign(checkpoint(8), WITNESS, time_s=1) + "\n"
    with pytest.raises(EvidenceError, match="does not verify"):
        POLICY.accept(note, require_witnesses=False)
    LAX.accept(note)  # who does not know that witness passes over its line


@pytest.mark.interop(9)
def test_keys_in_their_roles() -> None:
    cosigner = NoteKey(LEDGER, LOG_KEY, COSIGNER)
    point = Checkpoint(LEDGER, 0, EMPTY_ROOT)
    for key in (cosigner, NoteKey("other.example", LOG_KEY)):
        with pytest.raises(EvidenceError, match="not the key of the log"):
            sign_checkpoint(point, key)
    with pytest.raises(EvidenceError, match="not a cosigner"):
        cosign(sign_checkpoint(point, LOG), LOG, time_s=1)
    with pytest.raises(EvidenceError, match="not a cosigner"):
        cosign(sign_checkpoint(point, LOG), cosigner, time_s=-1)
    with pytest.raises(EvidenceError, match="not the key of this log"):
        open_checkpoint(sign_checkpoint(point, LOG), cosigner.verifier)
    with pytest.raises(EvidenceError, match="not supported"):
        VerifierKey("w", LOG_KEY.public, 6)
    for size, root in ((-1, EMPTY_ROOT), (0, b"short"), (2**63, EMPTY_ROOT)):
        with pytest.raises(EvidenceError, match="not the size and root"):
            sign_checkpoint(Checkpoint(LEDGER, size, root), LOG)


def test_what_others_would_refuse_never_leaves() -> None:
    with pytest.raises(EvidenceError):
        make_proof(index=0, path=[b"short"], checkpoint=checkpoint(7))
    with pytest.raises(EvidenceError):
        make_proof(index=-1, path=[], checkpoint=checkpoint(7))
    with pytest.raises(EvidenceError):
        make_proof(index=0, path=[], checkpoint="")


def test_the_batch_answers_for_its_own_leaves_alone() -> None:
    growth = grow(grow(Tree(), LEAVES[:5]).tree, LEAVES[5:9])
    for index in (-1, 0, 4, 9):
        with pytest.raises(EvidenceError):
            growth.inclusion_path(index)
    with pytest.raises(EvidenceError, match="neither new nor on the frontier"):
        growth.read_hash(0, 0)


def test_growing_by_nothing_changes_nothing() -> None:
    grown = grow(Tree(), LEAVES[:5]).tree
    growth = grow(grown, [])
    assert (growth.tree, growth.tiles, growth.root) == (grown, (), grown.root)
    assert growth.consistency_path() == []


def test_a_tile_of_another_width_is_noticed() -> None:
    size = 300
    rows = {(row.level, row.index): row.hashes for row in grow(Tree(), LEAVES[:size]).tiles}

    def short(level: int, index: int, width: int) -> bytes:
        return rows[level, index][: width * 32 - 32]

    class Reader:
        def read_tile(self, level: int, index: int, width: int) -> bytes:
            return short(level, index, width)

    with pytest.raises(EvidenceError, match="has not 44 hashes"):
        tree.load(size, short)
    with pytest.raises(EvidenceError, match="has not 256 hashes"):
        nodes.TileHashes(Reader(), size).read_hash(0, 0)
    with pytest.raises(EvidenceError, match="no node"):
        nodes.TileHashes(Reader(), size).read_hash(0, size)


def test_the_frontier_packs_one_hash_for_each_bit_of_the_size() -> None:
    grown = grow(Tree(), LEAVES[:7]).tree
    assert len(grown.packed_frontier) == 3 * 32


def test_bundles_have_limits() -> None:
    for entries in ([], [b""] * 257, [bytes(65_536)]):
        with pytest.raises(EvidenceError):
            tiles.encode_bundle(entries)
    whole = tiles.encode_bundle([bytes(65_535)] * 2)
    assert tiles.decode_bundle(whole, 2) == [bytes(65_535)] * 2


def test_tile_paths_have_limits() -> None:
    for index, width in ((-1, 256), (2**63, 256), (0, 0), (0, 257)):
        with pytest.raises(EvidenceError):
            tiles.tile_path(0, index, width)


@pytest.mark.interop(4)
@pytest.mark.parametrize(
    ("size", "widths"),
    [(0, []), (1, [1]), (255, [255]), (256, [0, 1]), (257, [1, 1]), (65_536, [0, 0, 1])],
)
def test_edge_widths_of_interop(size: int, widths: list[int]) -> None:
    assert tiles.edge_widths(size) == widths


@pytest.mark.parametrize(
    "text", ["", "+1", "-1", "01", "1 ", "1_0", "\u0661", "\u00b2", str(2**63), "9" * 5000]
)
def test_decimal_refused(text: str) -> None:
    with pytest.raises(EvidenceError):
        texts.decimal(text)


def test_decimal() -> None:
    assert [texts.decimal(one) for one in ("0", "10", str(2**63 - 1))] == [0, 10, 2**63 - 1]
