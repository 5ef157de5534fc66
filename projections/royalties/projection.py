"""The royalties projection: its rules applied to its tables."""

from __future__ import annotations

from typing import ClassVar

from ledger.rights.view import Recorded
from projections.base import Projection, Tables
from projections.royalties.rules import changes


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
