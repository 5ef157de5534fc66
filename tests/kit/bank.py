"""A bank that pays whatever it finds in the outbox, and says so once for each message."""

from __future__ import annotations

import json
from pathlib import Path

from service.settings import Settings


def messages(settings: Settings) -> list[Path]:
    """Return the payment messages that the ledger has put out."""
    return sorted((settings.payouts / "outbox").iterdir())


def settle_all(settings: Settings) -> None:
    """Answer every message with «settled». Saying it twice says the same."""
    inbox = settings.payouts / "inbox"
    for message in messages(settings):
        name = message.name.partition(".")[0]
        answer = {
            "message": f"bank-{name}",
            "outcomes": [{"end_to_end_id": name, "status": "settled", "reference": "BANK-1"}],
        }
        if not (inbox / "taken" / f"{name}.json").exists():
            partial = inbox / f"{name}.partial"
            partial.write_text(json.dumps(answer))
            partial.replace(inbox / f"{name}.json")
