"""Proofs of logging as text (C2SP tlog-proof): an index, a path, a signed checkpoint.

The checkpoint signs the size, which fixes the index, so a position may be taken from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ledger.evidence import texts
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.merkle import verify_inclusion
from ledger.evidence.note import NOTE_CHARACTERS_MAX, read_checkpoint
from ledger.evidence.policy import Accepted, Policy

HEADER: Final = "c2sp.org/tlog-proof@v1"
"""The first line."""

PATH_MAX: Final = 63
"""Hashes of a path: levels of a tree of 2**63 - 1 leaves."""

_EXTRA: Final = "extra "
_INDEX: Final = "index "


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it came; nothing is verified yet. `extra` is not authenticated: never trust it."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @property
    def text(self) -> str:
        """The proof as text, ending with a line feed."""
        return _written(self.index, self.path, self.checkpoint, self.extra)


def make_proof(
    *, index: int, path: Sequence[bytes], checkpoint: str, extra: bytes | None = None
) -> str:
    """Return the proof that leaf `index` is in the tree of the signed note `checkpoint`.

    What `parse_proof` would refuse never leaves.
    """
    if not 0 <= index < 1 << PATH_MAX or len(path) > PATH_MAX:
        raise EvidenceError(f"no leaf has this index, or this path [{index}, {len(path)}]")
    if not {HASH_BYTES}.issuperset(map(len, path)):
        raise EvidenceError(f"a path is made of hashes of {HASH_BYTES} bytes")
    read_checkpoint(checkpoint)
    text = _written(index, path, checkpoint, extra)
    _check_length(text)
    return text


def parse_proof(text: str) -> Proof:
    """Return the parts of a proof, exactly as specified, else raise `EvidenceError`."""
    _check_length(text)
    head, gap, checkpoint = text.partition("\n\n")
    if not gap:
        raise EvidenceError("the proof has no checkpoint")
    header, *lines = head.split("\n")
    if header != HEADER:
        raise EvidenceError(f"not a proof of logging [{header[:80]!r}]")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = texts.decode(lines.pop(0).removeprefix(_EXTRA))
    if not lines or not lines[0].startswith(_INDEX):
        raise EvidenceError("the proof has no index")
    index = texts.decimal(lines.pop(0).removeprefix(_INDEX))
    if len(lines) > PATH_MAX:
        raise EvidenceError("the inclusion path is too long")
    path = tuple(texts.decode(line, HASH_BYTES) for line in lines)
    read_checkpoint(checkpoint)
    return Proof(index, path, checkpoint, extra)


def verify_proof(
    proof: Proof, leaf: bytes, policy: Policy, *, require_witnesses: bool = True
) -> Accepted:
    """Return the checkpoint under which `leaf` (a leaf hash) stands at `proof.index`, else raise.

    The steps are those of tlog-proof, "Verifying a tlog proof"; (1), the leaf hash, is the
    caller's.
    """
    # (2) origin and log signature, (3) cosignatures
    accepted = policy.accept(proof.checkpoint, require_witnesses=require_witnesses)
    # (4) inclusion
    checkpoint = accepted.checkpoint
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
    return accepted


def _written(index: int, path: Sequence[bytes], checkpoint: str, extra: bytes | None) -> str:
    said = "" if extra is None else f"{_EXTRA}{texts.encode(extra)}\n"
    lines = "".join(map(_line, path))
    return f"{HEADER}\n{said}{_INDEX}{index}\n{lines}\n{checkpoint}"


@lru_cache(maxsize=4096)  # the paths of a batch share most of their hashes
def _line(one: bytes) -> str:
    return f"{texts.encode(one)}\n"


def _check_length(text: str) -> None:
    if len(text) > 2 * NOTE_CHARACTERS_MAX:
        raise EvidenceError("the proof is too long")
