"""The bank's answers, given by hand: a message into the payout provider's inbox.

Production moves files that a bank's own format was translated into; here a person says what the
bank said. Either way the ledger's process key records it, once (`service.payouts`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from schemas.ids import new_id
from service.cli.ends import EndError
from service.cli.keyring import private_file

if TYPE_CHECKING:
    from service.cli.run import Run

HEARD_S: Final = 15.0
"""How long a service may take: its scheduler looks every two seconds."""

LOOK_S: Final = 0.25
"""How often one looks whether the log has it."""


BEFORE: Final = {"settled": "instructed", "failed": "instructed", "returned": "settled"}
"""At which step a payout must stand for the bank to say so."""


def hear(
    run: Run, payout: str, status: str, *, reference: str, reason: str
) -> list[dict[str, Any]]:
    """Hand in what the bank said of a payout; return its steps when the log has it.

    `payout_untold`: the provider was not told yet. `payout_unchanged`: the bank contradicts what
    the log holds, and nothing changed.
    """
    from service.payouts.pain import end_to_end_id  # noqa: PLC0415 - brings XML

    door = run.door
    steps = door.get(f"/v1/payouts/{payout}")["items"]
    if steps[-1]["step"] != BEFORE[status]:
        text = f"a payout that is {steps[-1]['step']} cannot be {status}: nothing was handed in"
        raise EndError("payout_unchanged", text)
    name = end_to_end_id(steps[0]["idempotency_key"])
    door.move_payouts()
    told = run.settings.payouts / "told" / f"{name}.json"
    wait_s = 0.0 if door.is_here else HEARD_S
    _until(told.exists, wait_s, "payout_untold", "the provider was not told of this payout yet")
    row = {"end_to_end_id": name, "status": status, "reference": reference, "reason": reason}
    message = new_id("evt")
    _put(run.settings.payouts / "inbox" / f"{message}.json", message, row)
    door.move_payouts()
    found: list[dict[str, Any]] = []

    def has_grown() -> bool:
        found[:] = door.get(f"/v1/payouts/{payout}")["items"]
        return len(found) > len(steps)

    said = "the log holds another outcome of this payout already, or waits for one before this"
    _until(has_grown, wait_s, "payout_unchanged", said)
    return found


def _put(path: Path, message: str, row: dict[str, Any]) -> None:
    """Write the message under its final name only when it is whole."""
    private_file(path, json.dumps({"message": message, "outcomes": [row]}) + "\n")


def _until(is_so: Callable[[], bool], wait_s: float, code: str, said: str) -> None:
    """Wait until something is so, or end the command."""
    until = time.monotonic() + wait_s
    while not is_so():
        if time.monotonic() >= until:
            raise EndError(code, said)
        time.sleep(LOOK_S)
