"""What a store keeps of a size of the log: its checkpoint, and what witnesses said of that."""

from __future__ import annotations

import base64

from ledger.evidence.note import is_cosigned
from ledger.storage.contract import Reader


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
