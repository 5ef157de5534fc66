"""Makes the vectors of COSE receipts over the log of `make_proofs`."""

from typing import Any

from ledger.evidence import receipt, tree
from ledger.evidence.hashing import leaf_hash
from ledger.evidence.receipt import Position, make_receipt
from schemas.envelope import cbor, cose
from tests.vectors.make_proofs import ENTRIES, GROWTH, PATH, SIZE
from tests.vectors.making import ENTRY_KEY, LEDGER, LOG_KEY, flip, row, write

AT = Position(SIZE, 22)
RIGHT = make_receipt(LOG_KEY, origin=LEDGER, position=AT, path=PATH, root=GROWTH.root)
PROOF = cbor.encode([SIZE, 22, PATH])
VDS: dict[int | str, Any] = {receipt.VDS: receipt.RFC9162_SHA256}
SIGNED: dict[int | str, Any] = {**VDS, receipt.POSITION: [SIZE, 22]}


def made(
    extra: dict[int | str, Any],
    *,
    proof: bytes = PROOF,
    proofs: Any = None,
    root: bytes = GROWTH.root,
    has_payload: bool = False,
) -> bytes:
    """Make a receipt as it should not be, with a signature that verifies."""
    header = cose.protected_header(
        kid=LOG_KEY.kid, issuer=LEDGER, subject=LEDGER, content_type=None, extra=extra
    )
    vdp: dict[int | str, Any] = {
        receipt.VDP: {receipt.INCLUSION: [proof]} if proofs is None else proofs
    }
    return cose.write(LOG_KEY, root, protected=header, unprotected=vdp, detached=not has_payload)


def receipts() -> object:
    """Return receipts with their positions, and receipts that are refused."""
    return {
        "public": LOG_KEY.public.hex(),
        "seed": LOG_KEY.seed.hex(),
        "accepted": [
            row("leaf 22 of 23", "another header, order, or a root inside", receipt=RIGHT.hex(),
                entry=ENTRIES[22].hex(), path=[one.hex() for one in PATH], root=GROWTH.root.hex(),
                size=SIZE, index=22,
                transparent=receipt.add_receipts(ENTRIES[22], [RIGHT]).hex()),
        ],
        "without_position": [
            row("the standard's own form", "a position taken from what nobody signed",
                receipt=made(VDS).hex(), entry=ENTRIES[22].hex()),
            row("the same as leaf 7 of 8", "a receipt moved to another place, still verifying",
                receipt=made(VDS, proof=cbor.encode([8, 7, PATH])).hex(), entry=ENTRIES[22].hex()),
        ],
        "refused": [*refused_positions(), *refused_proofs(), *refused_signatures()],
    }  # fmt: skip


def wrong(name: str, catches: str, raw: bytes) -> dict[str, Any]:
    """Return a record of a receipt that is refused."""
    return row(name, catches, receipt=raw.hex(), entry=ENTRIES[22].hex())


def refused_positions() -> list[dict[str, Any]]:
    """Return receipts whose signed position is not the proof's, or that are of no tree."""
    moved = RIGHT.replace(PROOF, cbor.encode([8, 7, PATH]))
    assert moved != RIGHT
    single = tree.grow(tree.Tree(), [leaf_hash(ENTRIES[22])]).root
    truths = made(
        {**VDS, receipt.POSITION: [True, False]}, proof=cbor.encode([1, 0, []]), root=single
    )
    return [
        wrong("moved to leaf 7 of 8", "the signed position not compared", moved),
        wrong("signed as leaf 7 of 8", "likewise", made({**VDS, receipt.POSITION: [8, 7]})),
        wrong("index first", "size and index swapped",
              made({**VDS, receipt.POSITION: [22, 23]})),
        wrong("a position of one number", "an index error",
              made({**VDS, receipt.POSITION: [23]})),
        wrong("a position of truths", "true taken for 1, false for 0", truths),
        wrong("no 395", "some other data structure", made({})),
        wrong("395: 2", "another data structure", made({receipt.VDS: 2})),
        wrong("395: true", "true taken for 1", made({receipt.VDS: True})),
    ]  # fmt: skip


def refused_proofs() -> list[dict[str, Any]]:
    """Return receipts whose proof has another shape."""
    return [
        wrong("the root inside", "a root that the sender chose", made(SIGNED, has_payload=True)),
        wrong("two proofs", "the first is checked, the second believed",
              made(SIGNED, proofs={-1: [PROOF] * 2})),
        wrong("a proof not in a list", "another shape", made(SIGNED, proofs={-1: b""})),
        wrong("no proofs", "an index error", made(SIGNED, proofs={-1: []})),
        wrong("a consistency proof", "kinds mixed up",
              made(SIGNED, proofs={-2: [cbor.encode([8, SIZE, PATH])]})),
        wrong("a proof that is no byte string", "another shape",
              made(SIGNED, proofs={-1: [[SIZE, 22, PATH]]})),
        wrong("bytes after the proof", "a reader that stops early",
              made(SIGNED, proof=PROOF + b"\x00")),
    ]  # fmt: skip


def refused_signatures() -> list[dict[str, Any]]:
    """Return receipts whose signature does not fit the entry, the log or the key."""
    flipped = cbor.encode([SIZE, 22, [flip(PATH[0], 3), *PATH[1:]]])
    return [
        wrong("a flipped path", "no signature check", made(SIGNED, proof=flipped)),
        wrong("a flipped signature", "likewise", flip(RIGHT, -1)),
        wrong("of another entry", "a leaf not hashed",
              make_receipt(LOG_KEY, origin=LEDGER, position=Position(SIZE, 21),
                           path=GROWTH.inclusion_path(21), root=GROWTH.root)),
        wrong("of another log", "iss not compared",
              make_receipt(LOG_KEY, origin="other.example", position=AT, path=PATH,
                           root=GROWTH.root)),
        wrong("by another key", "a key from the receipt itself",
              make_receipt(ENTRY_KEY, origin=LEDGER, position=AT, path=PATH, root=GROWTH.root)),
        wrong("nothing", "an index error", b""),
    ]  # fmt: skip


def files() -> dict[str, object]:
    """Return every file that this module makes."""
    return {"receipts.json": receipts()}


if __name__ == "__main__":
    write(files())
