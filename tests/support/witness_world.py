"""A log's trees and a witness for them, both with keys that are always the same."""

from __future__ import annotations

from pathlib import Path

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.note import COSIGNER, Checkpoint, NoteKey, sign_checkpoint
from ledger.evidence.submission import Submission
from ledger.evidence.tree import Growth, Tree, grow
from schemas.envelope.keys import SigningKey
from service.witness.core import Watched, Witness
from service.witness.keeping import Memory

ORIGIN = "ledger.example/2026"
LOG_KEY = NoteKey(ORIGIN, SigningKey("key_log", b"\x01" * 32))
OTHER_KEY = NoteKey(ORIGIN, SigningKey("key_other", b"\x09" * 32))
WITNESS_KEY = NoteKey("w.example/one", SigningKey("key_witness", b"\x02" * 32), COSIGNER)
NOW_S = 1_800_000_000


def grown(*sizes: int, word: str = "entry") -> list[Growth]:
    """Return one growth for each size, each from the one before; `word` makes the history."""
    found: list[Growth] = []
    tree = Tree()
    for size in sizes:
        leaves = [leaf_hash(f"{word} {n}".encode()) for n in range(tree.size + 1, size + 1)]
        found.append(grow(tree, leaves))
        tree = found[-1].tree
    return found


def note_of(tree: Tree, key: NoteKey = LOG_KEY) -> str:
    """Return the signed checkpoint of a tree."""
    return sign_checkpoint(Checkpoint(key.name, tree.size, tree.root), key)


def submission(growth: Growth, key: NoteKey = LOG_KEY) -> bytes:
    """Return the request that shows this growth."""
    path = growth.consistency_path() if growth.old.size else []
    return Submission(growth.old.size, tuple(path), note_of(growth.tree, key)).text.encode()


def make_witness(folder: Path, key: NoteKey = WITNESS_KEY, *logs: NoteKey) -> Witness:
    """Return a witness that watches the log, and remembers it in `folder`."""
    memory = Memory(folder / "memory", ORIGIN)
    memory.create()
    keys = tuple(one.verifier for one in logs or (LOG_KEY,))
    return Witness(key, {ORIGIN: Watched(keys, memory)}, clock=lambda: NOW_S + 0.9)
