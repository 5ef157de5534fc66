"""Whom an entry concerns, as rows: what rules about uses and rules about refusals share."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.rights.view import Recorded
from projections.base import Change
from schemas.terms import Touched


def when(recorded: Recorded) -> dict[str, int]:
    """Return position and time of an event as columns."""
    return {"position": recorded.position, "time_us": recorded.time_us}


def concerned(recorded: Recorded, subject: str, touched: tuple[Touched, ...]) -> Iterator[Change]:
    """Yield whom an entry concerns: per recording each asset, and each asset's parties."""
    for row in touched:
        found: list[tuple[str, str, str | None]] = [(row.recording, "master", None)]
        found += [(work, "publishing", None) for work in row.works]
        found += [(held.asset, held.side, held.party) for held in row.controllers]
        found += [(row.recording, "performance", party) for party in row.performers]
        for asset, side, party in dict.fromkeys(found):
            values = {
                "position": recorded.position,
                "subject": subject,
                "recording": row.recording,
                "asset": asset,
                "side": side,
                "party": party,
            }
            yield Change("add_concerned", values)
