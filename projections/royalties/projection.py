"""The royalties projection: its rules applied to its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ledger.rights.view import Recorded
from projections.base import Projection, Step, Tables
from projections.royalties.booking import book
from projections.royalties.rules import changes
from schemas.events.royalties import RoyaltyAccrued


class Royalties(Projection):
    """Postings, balances, statements, payouts, holds."""

    NAME: ClassVar[str] = "royalties"
    VERSION: ClassVar[int] = 1
    TOPICS: ClassVar[frozenset[str] | None] = frozenset(
        {
            "RoyaltyAccrued",
            "RoyaltyStatementClosed",
            "PayoutInstructed",
            "PayoutSettled",
            "PayoutFailed",
            "PayoutReturned",
            "HoldPlaced",
            "HoldReleased",
            "PartyDeceased",
            "PayeeDetailsReplaced",
            "PartyScreened",
        }
    )

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        """Fold one event."""
        tables.apply(changes(recorded))

    def together(self, run: Sequence[Recorded]) -> Sequence[Step] | None:
        """Return the steps of accruals."""
        return book(run) if run[0].topic == RoyaltyAccrued.TOPIC else None
