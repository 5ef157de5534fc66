"""Receipt files: an entry, its proof, and what lies beside it, so that anyone can check it offline.

One JSON document, `{"format", "ledger", "position", "entry", "proof", "statement", "openings"}`;
bytes in base64url. `liner prove FILE --vkey KEY` needs nothing else and no network.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from schemas import canonical
from service.cli.ends import EndError

if TYPE_CHECKING:
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


def write_receipt(path: Path, receipt: dict[str, Any]) -> None:
    """Write a receipt file."""
    path.write_text(json.dumps(receipt, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
