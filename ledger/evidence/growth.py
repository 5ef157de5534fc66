"""Whether a log still begins with what somebody kept of it, as a document checked offline.

    {"format", "older": checkpoint, "newer": checkpoint, "path": [hash in base64, …]}

Who keeps a signed checkpoint needs nothing else to find out that history was rewritten: no newer
checkpoint of a log that was can be shown to continue the one that was kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.evidence import texts
from ledger.evidence.consistency import PATH_MAX, read_consistency, verify_consistency_receipt
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.merkle import newer_root, verify_consistency
from ledger.evidence.note import Checkpoint
from ledger.evidence.policy import Policy
from ledger.evidence.prove import Step, Walk
from ledger.evidence.vkeys import VerifierKey

FORMAT: Final = "linernotes-growth/1"
"""What the document calls itself."""

_FIELDS: Final = frozenset({"format", "older", "newer", "path"})


@dataclass(frozen=True, slots=True)
class Growth:
    """The document as it came: nothing is verified."""

    older: str
    newer: str
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Grown:
    """What was shown: the log of `older` is the beginning of that of `newer`."""

    steps: tuple[Step, ...]
    older: Checkpoint
    newer: Checkpoint


def write(growth: Growth) -> dict[str, Any]:
    """Return the document as JSON values."""
    path = [texts.encode(one) for one in growth.path]
    return {"format": FORMAT, "older": growth.older, "newer": growth.newer, "path": path}


def read(raw: bytes) -> Growth:
    """Read a document; `EvidenceError` where it is none."""
    try:
        content = json.loads(raw, object_pairs_hook=texts.members)
        if set(content) != _FIELDS or content["format"] != FORMAT:
            raise EvidenceError(f"not a document of this kind [{FORMAT}]")
        if not all(isinstance(content[name], str) for name in ("older", "newer")):
            raise EvidenceError("a checkpoint is text")
        return Growth(content["older"], content["newer"], read_path(content["path"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EvidenceError("this is no document about a log's growth") from error


def read_path(found: Sequence[str]) -> tuple[bytes, ...]:
    """Return the hashes of a consistency proof; `EvidenceError` where they are none."""
    if len(found) > PATH_MAX:
        raise EvidenceError(f"a consistency proof has at most {PATH_MAX} hashes")
    return tuple(texts.decode(one, HASH_BYTES) for one in found)


def prove_growth(growth: Growth, policy: Policy) -> Grown:
    """Show that the signed checkpoint `newer` continues `older`, else raise `EvidenceError`.

    Witnesses are not asked for: two checkpoints of one log must agree whoever else has signed.
    """
    walk = Walk()
    accepted = []
    for name, text in (("older", growth.older), ("newer", growth.newer)):
        with walk.step(f"verify the {name} checkpoint") as said:
            found = policy.accept(text, require_witnesses=False)
            accepted.append(found.checkpoint)
            said.append(f"size {found.checkpoint.size}, signed by {found.log}")
    first, second = accepted
    with walk.step("follow the consistency path") as said:
        if first.origin != second.origin:
            raise EvidenceError(f"two logs [{first.origin}, {second.origin}]")
        verify_consistency(first.size, second.size, growth.path, first.root, second.root)
        said.append(f"the first {first.size} entries are the same")
    return Grown(tuple(walk.steps), first, second)


def prove_growth_by_receipt(kept: str, receipt: bytes, policy: Policy) -> Grown:
    """Show by a COSE receipt that the log continues the checkpoint `kept`, else `EvidenceError`.

    The receipt must sign its sizes: what it says of the newer log is a size and a root.
    """
    walk = Walk()
    with walk.step("verify the older checkpoint") as said:
        found = policy.accept(kept, require_witnesses=False)
        older = found.checkpoint
        said.append(f"size {older.size}, signed by {found.log}")
    with walk.step("read the receipt") as said:
        read = read_consistency(receipt)
        sizes = read.sizes
        if sizes.older != older.size:
            raise EvidenceError(f"it continues {sizes.older} entries, and {older.size} were kept")
        said.append(f"from {sizes.older} to {sizes.newer} entries, signed")
    with walk.step("follow the consistency path to a root that the log signed") as said:
        root = newer_root(sizes.older, sizes.newer, read.path, older.root)
        said.append(f"signed by {_signer(receipt, older, policy, sizes.newer)}")
        said.append(f"the first {sizes.older} entries are the same")
    newer = Checkpoint(older.origin, sizes.newer, root)
    return Grown(tuple(walk.steps), older, newer)


def _signer(receipt: bytes, older: Checkpoint, policy: Policy, size: int) -> VerifierKey:
    """Return the key of the log that signed; after a rotation a policy lists two."""
    failure = EvidenceError(f"the policy lists no log of that origin [{older.origin}]")
    for key in policy.signers(older.origin, size):
        try:
            verify_consistency_receipt(receipt, older.root, key.public, issuer=key.name)
        except EvidenceError as error:
            failure = error
        else:
            return key
    raise failure
