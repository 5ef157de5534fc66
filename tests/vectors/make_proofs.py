"""Makes the vectors of tlog-proofs and receipts: a log of our own entries, proved."""

from typing import Any

from ledger.evidence import receipt, tree
from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import Checkpoint, NoteKey, cosign, sign_checkpoint
from ledger.evidence.proof import make_proof
from ledger.evidence.receipt import Position, make_receipt
from schemas.envelope import cbor, cose
from schemas.envelope.entry import sign_entry
from tests.vectors.make_envelopes import ENTRY
from tests.vectors.make_notes import LOG, OTHER, TIME_S, WITNESS
from tests.vectors.making import ENTRY_KEY, LEDGER, LOG_KEY, flip, row, write

SIZE = 23


def entry(index: int) -> bytes:
    """Return an entry of the example log."""
    payload = {**ENTRY, "data": {"i": index}, "statement_sha256": "ab" * 32}
    return sign_entry(payload, ENTRY_KEY, ledger=LEDGER)


ENTRIES = [entry(index) for index in range(SIZE)]
GROWTH = tree.grow(tree.Tree(), [leaf_hash(one) for one in ENTRIES])
PATH = GROWTH.inclusion_path(22)


def cosigned(*witnesses: NoteKey) -> str:
    """Return the signed checkpoint of the example log."""
    text = sign_checkpoint(Checkpoint(LEDGER, SIZE, GROWTH.root), LOG)
    return text + "".join(cosign(text, one, time_s=TIME_S) + "\n" for one in witnesses)


POLICY = f"log {LOG.vkey}\nwitness w1 {WITNESS.vkey}\nquorum w1\n"


def proofs() -> object:
    """Return proofs that hold under the policy, and texts that do not."""
    right = make_proof(index=22, path=PATH, checkpoint=cosigned(WITNESS))
    header, rest = right.split("\n", 1)
    hashes = right.split("\n")[2 : 2 + len(PATH)]
    single = tree.grow(tree.Tree(), [leaf_hash(ENTRIES[0])])
    alone = sign_checkpoint(Checkpoint(LEDGER, 1, single.root), LOG)
    alone += cosign(alone, WITNESS, time_s=TIME_S) + "\n"

    def wrong(name: str, catches: str, text: str, error: str = "EvidenceError") -> dict[str, Any]:
        return row(name, catches, proof=text, entry=ENTRIES[22].hex(), error=error)

    unwitnessed = make_proof(index=22, path=PATH, checkpoint=cosigned(OTHER))
    return {
        "policy": POLICY,
        "accepted": [
            row("leaf 22 of 23", "another order of lines or hashes", proof=right, position=23,
                entry=ENTRIES[22].hex()),
            row("with extra data", "extra data trusted, or refused", position=23,
                proof=make_proof(index=22, path=PATH, checkpoint=cosigned(WITNESS), extra=b"hello"),
                entry=ENTRIES[22].hex()),
            row("the only leaf", "an empty line where no hashes are", position=1,
                proof=make_proof(index=0, path=[], checkpoint=alone), entry=ENTRIES[0].hex()),
        ],
        "refused": [
            wrong("no known witness", "a quorum not counted", unwitnessed, "NotWitnessedError"),
            wrong("index 022", "int() takes it", right.replace("index 22", "index 022")),
            wrong("index +22", "int() takes it", right.replace("index 22", "index +22")),
            wrong("index 2_2", "int() takes it", right.replace("index 22", "index 2_2")),
            wrong("index 21", "an index not used", right.replace("index 22", "index 21")),
            wrong("index 7 of 8 with the path of 22 of 23", "a position nobody signed",
                  right.replace("index 22", "index 7").replace("\n23\n", "\n8\n")),
            wrong("CRLF", "line ends of another system", right.replace("\n", "\r\n")),
            wrong("an empty line more", "lines passed over", right.replace("\n\n", "\n\n\n", 1)),
            wrong("no final line feed", "a line cut short", right[:-1]),
            wrong("version 2", "versions not read", right.replace("@v1", "@v2")),
            wrong("no index", "an index error", header + "\n" + rest.split("\n", 1)[1]),
            wrong("extra after index", "lines in any order",
                  right.replace("index 22\n", "index 22\nextra aGVsbG8=\n")),
            wrong("extra unpadded", "lenient base64",
                  right.replace("index 22\n", "extra aGVsbG8\nindex 22\n")),
            wrong("hashes swapped", "an order not used",
                  right.replace(f"{hashes[0]}\n{hashes[1]}", f"{hashes[1]}\n{hashes[0]}")),
            wrong("a hash left out", "stopping early", right.replace(hashes[0] + "\n", "")),
            wrong("a short hash", "a length not checked", right.replace(hashes[0], "AAAA")),
            wrong("a blank behind a hash", "stripping", right.replace(hashes[0], hashes[0] + " ")),
            wrong("no checkpoint", "a proof of nothing", right.split("\n\n")[0] + "\n"),
            wrong("nothing", "an index error", ""),
        ],
    }  # fmt: skip


def receipts() -> object:
    """Return receipts with their positions, and receipts that are refused."""
    at = Position(SIZE, 22)
    right = make_receipt(LOG_KEY, origin=LEDGER, position=at, path=PATH, root=GROWTH.root)
    vds = {receipt.VDS: receipt.RFC9162_SHA256}

    def made(
        extra: dict[int | str, Any], size: int = SIZE, index: int = 22, *, proof: Any = None,
        proofs: Any = None, payload: bool = False,
    ) -> bytes:  # fmt: skip
        """Make a receipt as it should not be, with a signature that verifies."""
        header = cose.protected_header(
            kid=LOG_KEY.kid, issuer=LEDGER, subject=LEDGER, content_type=None, extra=extra
        )
        proof = cbor.encode([size, index, PATH]) if proof is None else proof
        vdp = {receipt.VDP: {receipt.INCLUSION: [proof]} if proofs is None else proofs}
        return cose.write(
            LOG_KEY, GROWTH.root, protected=header, unprotected=vdp, detached=not payload
        )

    def wrong(name: str, catches: str, raw: bytes) -> dict[str, Any]:
        return row(name, catches, receipt=raw.hex(), entry=ENTRIES[22].hex())

    signed = {**vds, receipt.POSITION: [SIZE, 22]}
    moved = right.replace(cbor.encode([SIZE, 22, PATH]), cbor.encode([8, 7, PATH]))
    assert moved != right
    flipped = cbor.encode([SIZE, 22, [flip(PATH[0], 3), *PATH[1:]]])
    return {
        "public": LOG_KEY.public.hex(),
        "seed": LOG_KEY.seed.hex(),
        "accepted": [
            row("leaf 22 of 23", "another header, order, or a root inside", receipt=right.hex(),
                entry=ENTRIES[22].hex(), path=[one.hex() for one in PATH], root=GROWTH.root.hex(),
                size=SIZE, index=22,
                transparent=receipt.add_receipts(ENTRIES[22], [right]).hex()),
        ],
        "without_position": [
            row("the standard's own form", "a position taken from what nobody signed",
                receipt=made(vds).hex(), entry=ENTRIES[22].hex()),
            row("the same as leaf 7 of 8", "a receipt moved to another place, still verifying",
                receipt=made(vds, 8, 7).hex(), entry=ENTRIES[22].hex()),
        ],
        "refused": [
            wrong("moved to leaf 7 of 8", "the signed position not compared", moved),
            wrong("signed as leaf 7 of 8", "likewise", made({**vds, receipt.POSITION: [8, 7]})),
            wrong("index first", "size and index swapped",
                  made({**vds, receipt.POSITION: [22, 23]})),
            wrong("a position of one number", "an index error",
                  made({**vds, receipt.POSITION: [23]})),
            wrong("no 395", "some other data structure", made({})),
            wrong("395: 2", "another data structure", made({receipt.VDS: 2})),
            wrong("395: true", "true taken for 1", made({receipt.VDS: True})),
            wrong("the root inside", "a root that the sender chose", made(signed, payload=True)),
            wrong("two proofs", "the first is checked, the second believed",
                  made(signed, proofs={-1: [cbor.encode([SIZE, 22, PATH])] * 2})),
            wrong("a proof not in a list", "another shape", made(signed, proofs={-1: b""})),
            wrong("no proofs", "an index error", made(signed, proofs={-1: []})),
            wrong("a consistency proof", "kinds mixed up",
                  made(signed, proofs={-2: [cbor.encode([8, SIZE, PATH])]})),
            wrong("a proof that is no byte string", "another shape",
                  made(signed, proofs={-1: [[SIZE, 22, PATH]]})),
            wrong("bytes after the proof", "a reader that stops early",
                  made(signed, proof=cbor.encode([SIZE, 22, PATH]) + b"\x00")),
            wrong("a flipped path", "no signature check", made(signed, proof=flipped)),
            wrong("a flipped signature", "likewise", flip(right, -1)),
            wrong("of another entry", "a leaf not hashed",
                  make_receipt(LOG_KEY, origin=LEDGER, position=Position(SIZE, 21),
                               path=GROWTH.inclusion_path(21), root=GROWTH.root)),
            wrong("of another log", "iss not compared",
                  make_receipt(LOG_KEY, origin="other.example", position=at, path=PATH,
                               root=GROWTH.root)),
            wrong("by another key", "a key from the receipt itself",
                  make_receipt(ENTRY_KEY, origin=LEDGER, position=at, path=PATH, root=GROWTH.root)),
            wrong("nothing", "an index error", b""),
        ],
    }  # fmt: skip


def files() -> dict[str, object]:
    """Return every file that this module makes."""
    return {"proofs.json": proofs(), "receipts.json": receipts()}


if __name__ == "__main__":
    write(files())
