"""Files that anyone can check offline: receipts, and proofs that a log continues what was kept.

A receipt is one JSON document, `{"format", "ledger", "position", "entry", "proof", "statement",
"openings"}`; bytes in base64url. `liner prove FILE --vkey KEY` needs nothing else and no network.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger.evidence.growth import Growth, read_path
from ledger.evidence.growth import write as write_growth
from ledger.evidence.note import parse_checkpoint, read_note
from schemas import canonical
from service.cli.ends import EndError, ExitCode

if TYPE_CHECKING:
    from service.cli.door import Door
    from service.cli.run import Run

FORMAT: Final = "linernotes-receipt/1"
"""What a receipt file calls itself."""


def receipt_of(run: Run, position: int) -> dict[str, Any]:
    """Return the receipt of the entry at a position, as far as this reader may see beside it."""
    door = run.door
    found: dict[str, Any] = {
        "format": FORMAT,
        "ledger": door.origin,
        "position": position,
        "entry": canonical.b64u(door.get_raw(f"/v1/entries/{position}")),
        "proof": door.get_raw(f"/v1/entries/{position}/proof").decode(),
        "statement": None,
        "openings": door.get(f"/v1/events/{position}/openings")["items"],
    }
    try:
        found["statement"] = canonical.b64u(door.get_raw(f"/v1/entries/{position}/statement"))
    except EndError as error:
        if error.code not in {"not_yours", "not_found"}:
            raise
    return found


def growth_since(door: Door, kept: Path) -> dict[str, Any]:
    """Return the proof that the log continues a checkpoint; `EvidenceError` if that is none.

    Nothing is verified here: a log that was rewritten hands over something, and `prove` says so.
    """
    older = kept.read_text(encoding="utf-8")
    size = _size_that_is_reached(door, older)
    found = door.get(f"/v1/checkpoints/{size}/growth")
    path = read_path(found["path"])
    return write_growth(Growth(older, found["checkpoint"], path))


def growth_receipt(door: Door, kept: Path) -> bytes:
    """Return the same as a COSE receipt of consistency, which does not hold what was kept."""
    size = _size_that_is_reached(door, kept.read_text(encoding="utf-8"))
    return door.get_raw(f"/v1/checkpoints/{size}/growth/receipt")


def _size_that_is_reached(door: Door, older: str) -> int:
    size, known = parse_checkpoint(read_note(older).body).size, door.get_raw("/checkpoint")
    newest = parse_checkpoint(read_note(known.decode()).body).size
    if size > newest:
        text = f"the log shows {newest} entries, and what you kept has {size}: keep both"
        raise EndError("log_shorter", text, ExitCode.INVALID)
    return size


def write_receipt(path: Path, receipt: dict[str, Any]) -> None:
    """Write a receipt file."""
    path.write_text(json.dumps(receipt, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
