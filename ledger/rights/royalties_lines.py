"""The lines of a royalty statement: one leg each, bound by one hash.

The lines are not in the log a second time: they follow from the accruals, and whoever holds the
accruals computes the same lines and the same hash (contracts, section 1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ledger.rights.view import Recorded
from schemas import canonical
from schemas.events.royalties import RoyaltyAccrued
from schemas.money import format_amount
from schemas.period import month_of


@dataclass(frozen=True, slots=True)
class Line:
    """One leg that a party earned: at which position, for which output, for which asset.

    `amount_micro` is in micro units of `currency`.
    """

    position: int
    generation: str
    output: str
    recording: str
    side: str
    asset: str
    amount_micro: int
    currency: str

    def data(self) -> dict[str, Any]:
        """Return the line as the JSON that its hash covers."""
        return {
            "amount": format_amount(self.amount_micro),
            "asset": self.asset,
            "currency": self.currency,
            "generation": self.generation,
            "output": self.output,
            "position": self.position,
            "recording": self.recording,
            "side": self.side,
        }


def lines_of(history: Iterable[Recorded], *, party: str, month: str) -> tuple[Line, ...]:
    """Return what a party earned in a month, in log order and within an accrual in leg order.

    An accrual belongs to the month (UTC) of the time of its position.
    """
    return tuple(
        Line(
            position=recorded.position,
            generation=recorded.event.generation,
            output=recorded.event.output,
            recording=leg.recording,
            side=leg.side,
            asset=leg.asset,
            amount_micro=leg.amount.micro(),
            currency=leg.amount.currency,
        )
        for recorded in history
        if isinstance(recorded.event, RoyaltyAccrued) and month_of(recorded.time) == month
        for leg in recorded.event.legs
        if leg.party == party
    )


def lines_sha256(lines: Iterable[Line]) -> str:
    """Return SHA-256 over the canonical JSON list of the lines, in hexadecimal digits."""
    return hashlib.sha256(canonical.encode([line.data() for line in lines])).hexdigest()
