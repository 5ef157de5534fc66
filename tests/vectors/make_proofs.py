"""Makes the vectors of tlog-proofs: a log of our own entries, proved."""

from typing import Any

from ledger.evidence import tree
from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import Checkpoint, NoteKey, cosign, sign_checkpoint
from ledger.evidence.proof import make_proof
from schemas.envelope.entry import sign_entry
from tests.vectors.make_envelopes import ENTRY
from tests.vectors.make_notes import LOG, OTHER, TIME_S, WITNESS
from tests.vectors.making import ENTRY_KEY, LEDGER, OTHER_KEY, row, write

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
NEXT = NoteKey(LEDGER, OTHER_KEY)
"""The key that replaces the log's in the policies of some vectors."""


def replaced(until: int) -> str:
    """Return the policy after the log's key was replaced, which signed up to this size."""
    gone = f"#retired-log {LOG.vkey} {until}\n"
    return f"log {NEXT.vkey}\n{gone}witness w1 {WITNESS.vkey}\nquorum w1\n"


def entries_until(position: int) -> str:
    """Return the policy after the entry key was replaced, which signed up to this position."""
    return f"{POLICY}#retired-entry {ENTRY_KEY.kid} {position}\n"


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
            row("by a key of the log that was replaced later", "old proofs lost with the key",
                proof=right, position=23, entry=ENTRIES[22].hex(), policy=replaced(SIZE)),
            row("by an entry key that was replaced later", "old entries lost with the key",
                proof=right, position=23, entry=ENTRIES[22].hex(), policy=entries_until(23)),
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
            {**wrong("by a key of the log that was replaced before", "a key without an end", right),
             "policy": replaced(SIZE - 1)},
            {**wrong("by an entry key that was replaced before", "a key without an end", right),
             "policy": entries_until(22)},
        ],
    }  # fmt: skip


def files() -> dict[str, object]:
    """Return every file that this module makes."""
    return {"proofs.json": proofs()}


if __name__ == "__main__":
    write(files())
