"""Finds a wrong checkpoint, cosignature or state row: what a store keeps of a size of the log.

None of the three follows from an entry alone, so each is compared with what does.
"""

from __future__ import annotations

import base64

from ledger.evidence.note import is_cosigned
from ledger.storage.contract import Reader
from ledger.storage.errors import TagsDamaged
from ledger.storage.records import StoredEntry


def note_kept(reader: Reader, size: int) -> tuple[str | None, str | None]:
    """Return the note that is kept of a size, and what is wrong beside it.

    Where there is none, none need be: a batch whose process ended is covered by a later one.
    """
    found = reader.checkpoint(size)
    if found is None or found.note is None:
        return None, None
    if base64.b64encode(found.root).decode() not in found.note.split("\n"):
        return found.note, "the checkpoint's row names another root than its note"
    for row in reader.cosignatures(size):
        if not is_cosigned(found.note, row.line, row.witness, row.time_s):
            return found.note, "a cosignature that is kept does not verify"
    return found.note, None


def state_differs(reader: Reader) -> tuple[int, str] | None:
    """Return where the row from which the next entry goes on differs from the last one, and how.

    Every decision is dated by its time at the least: who edits it dates what comes. The time that
    stands beside the last entry is compared with the entries elsewhere.
    """
    head = reader.head()
    if not head.size:
        return None
    last = _last(reader, head.size)
    if last is None:
        return head.size, f"the log says that it has {head.size} entries, and the last is not there"
    if head.time != last.time:
        told = f"the next entry would be dated behind {head.time}, and the last is of {last.time}"
        return head.size, told
    checkpoint = reader.checkpoint(head.size)
    if checkpoint is not None and checkpoint.root != head.root:
        return head.size, "the next entry would go on from another root than the last checkpoint's"
    return None


def _last(reader: Reader, size: int) -> StoredEntry | None:
    try:
        return reader.entry(size)
    except TagsDamaged as error:
        return error.entry  # which the audit tells at its position
