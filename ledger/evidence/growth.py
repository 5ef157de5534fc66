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
from ledger.evidence.errors import EvidenceError
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.merkle import verify_consistency
from ledger.evidence.note import Checkpoint
from ledger.evidence.policy import Policy
from ledger.evidence.prove import Step, Walk

FORMAT: Final = "linernotes-growth/1"
"""What the document calls itself."""

PATH_MAX: Final = 64
"""Hashes of a consistency proof at most: one for each level, and one more (RFC 9162, 2.1.4)."""

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
        content = json.loads(raw)
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
