"""Checkpoints with what witnesses have signed, and which of them the policy accepts.

Every line was verified before it was kept, and is verified again before it leaves: one bad line of
a key that a reader knows spoils the whole note for it (C2SP signed-note). So a row that somebody
edited is left out, and said in the log of this process.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Final

from ledger.evidence.errors import EvidenceError
from ledger.evidence.note import is_cosigned
from ledger.evidence.policy import Policy
from ledger.storage.contract import Reader
from ledger.storage.errors import Damaged
from ledger.storage.records import StoredCheckpoint, StoredCosignature

log: Final = logging.getLogger(__name__)

LOOKED_AT_MAX: Final = 64
"""Sizes that are looked at for a quorum: over a minute of rounds in which none was reached."""

LINES_MAX: Final = 32
"""Cosignatures that a checkpoint leaves with: as many witnesses as a policy is sure to take."""


def newest(reader: Reader) -> StoredCheckpoint:
    """Return the newest checkpoint, its note with whatever cosignatures it has."""
    found = reader.last_checkpoint()
    if found is None:
        raise Damaged("there is no checkpoint")
    return cosigned(reader, found)


def cosigned(reader: Reader, checkpoint: StoredCheckpoint) -> StoredCheckpoint:
    """Return the checkpoint, its note with the lines of the witnesses behind the log's."""
    if checkpoint.note is None:
        raise Damaged(f"the checkpoint of size {checkpoint.size} was never accepted")
    rows = reader.cosignatures(checkpoint.size)[-LINES_MAX:]
    lines = [row.line for row in rows if _is_good(checkpoint.note, row)]
    note = checkpoint.note + "".join(f"{line}\n" for line in lines)
    return StoredCheckpoint(checkpoint.size, checkpoint.root, note)


def witnessed(reader: Reader, policy: Policy, *, least: int) -> StoredCheckpoint | None:
    """Return the newest checkpoint of `least` entries or more that meets the quorum, if any.

    Where the policy asks for no witness, that is the newest one.
    """
    if policy.is_met(frozenset()):
        found = newest(reader)
        return found if found.size >= least else None
    for size in reader.cosigned_sizes(least, LOOKED_AT_MAX):
        checkpoint = reader.checkpoint(size)
        if checkpoint is None or checkpoint.note is None:
            continue  # signed at a size at which this log ended no batch
        found = cosigned(reader, checkpoint)
        if _is_accepted(found, policy):
            return found
    return None


def best(reader: Reader, policy: Policy, *, covering: int) -> StoredCheckpoint:
    """Return the checkpoint to prove position `covering` by: a witnessed one, else the newest."""
    return witnessed(reader, policy, least=covering) or newest(reader)


@lru_cache(maxsize=1024)  # the newest few are asked for again and again
def _is_good(note: str, row: StoredCosignature) -> bool:
    """Tell whether a kept line is the one line of its witness under this checkpoint."""
    is_good = is_cosigned(note, row.line, row.witness, row.time_s)
    if not is_good:
        log.error("a cosignature of size %d is spoiled and left out", row.size)
    return is_good


def _is_accepted(checkpoint: StoredCheckpoint, policy: Policy) -> bool:
    assert checkpoint.note is not None, "it has been cosigned"
    try:
        return policy.accept(checkpoint.note, require_witnesses=False).is_witnessed
    except EvidenceError as error:
        raise Damaged(f"the checkpoint of size {checkpoint.size} is spoiled [{error}]") from error
