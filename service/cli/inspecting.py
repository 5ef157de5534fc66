"""Asking about a file: of the ledger, or by a bundle alone; for one use, or as it is licensed.

What is not named is taken from the file's own license, so that `liner inspect FILE` answers whether
the file may be carried as whoever made it was permitted to. A file without a license gets the same
answer for every use.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from service.cli.ends import EndError, usage
from service.cli.offline import authorized_by, read_bundle

if TYPE_CHECKING:
    from service.cli.run import Run

PATH: Final = "/v1/inspections"
"""Where the ledger is asked."""

UNNAMED: Final[Mapping[str, str]] = {
    "tier": "commercial",
    "channel": "streaming",
    "territory": "DE",
}
"""The use that is asked about where nothing is named and nothing licensed."""


def ask_ledger(run: Run, file: Path, named: Mapping[str, str]) -> dict[str, Any]:
    """Return the ledger's answer about a file, and in `asked` the use that it is about."""
    asked = {**UNNAMED, **named}
    found = run.door.post_file(PATH, file, **asked)
    if len(named) < len(UNNAMED):
        licensed = {**_license(run, found), **named}
        if licensed != named:
            asked = {**UNNAMED, **licensed}
            found = run.door.post_file(PATH, file, **asked)
    return {**found, "asked": asked}


def _license(run: Run, found: dict[str, Any]) -> dict[str, str]:
    """Return the use for which the ledger says the file is licensed, or nothing."""
    reading = found["reading"]
    frames = (reading.get("frames") or {}).get("sha256")
    for name, value in (
        ("urn", reading.get("urn")),
        ("file_sha256", reading.get("file_sha256")),
        ("frames_sha256", frames),
    ):
        if value is None:
            continue
        try:
            record = run.door.post(f"{PATH}?{urlencode(UNNAMED)}", {name: value})["record"]
        except EndError as error:
            if error.code != "not_found":
                raise
            continue
        for row in record["licenses"]:
            where = {"territory": min(row["territories"])} if row["territories"] else {}
            return {"tier": row["tier"], "channel": row["channel"], **where}
    return {}


def ask_bundle(file: Path, name: str, named: Mapping[str, str]) -> dict[str, Any]:
    """Return what a bundle of trust alone can answer about a file."""
    # Reading brings c2pa, which no other verb needs.
    from ledger.provenance.reading import read_manifest  # noqa: PLC0415
    from ledger.provenance.record import LedgerView, Question  # noqa: PLC0415
    from ledger.provenance.verdict import give_verdict  # noqa: PLC0415
    from schemas.lists import CHANNELS, TIERS  # noqa: PLC0415

    asked = {**UNNAMED, **named}
    tier, channel = asked["tier"], asked["channel"]
    if tier not in TIERS or channel not in CHANNELS:
        raise usage(f"--tier is one of {', '.join(TIERS)}; --channel of {', '.join(CHANNELS)}")
    bundle = read_bundle(name)
    reading = read_manifest(file, anchors_pem=bundle.anchors_pem)
    question = Question(
        tier=tier, channel=channel, territory=asked["territory"], at=datetime.now(UTC)
    )
    ledger: LedgerView = authorized_by(reading, bundle) or "not_asked"
    verdict = give_verdict(reading, ledger, question)
    return {"reading": reading.data(), "verdict": verdict.data(), "record": None, "asked": asked}
