"""Mandates: who may act for whom, within what (`mandate:`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.rights.memo import Moment
from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas.events.parties import MandateGranted, MandateRevoked


@dataclass(frozen=True, slots=True)
class MandateState:
    """One mandate: its words, where and when it was granted, and when it ended if it did."""

    mandate: str
    granted: MandateGranted | None = None
    position: int = 0
    granted_at: datetime | None = None
    revoked_at: datetime | None = None

    def valid_at(self, moment: Moment) -> bool:
        """Tell whether the mandate gives power at an instant; its end is exclusive."""
        if self.granted is None or self.granted_at is None or moment < self.granted_at:
            return False
        if self.revoked_at is not None and moment >= self.revoked_at:
            return False
        since, until = self.granted.effective_from, self.granted.effective_until
        begun = since is None or since.moment <= moment
        return begun and (until is None or moment < until.moment)


def granted(state: MandateState, recorded: Recorded, event: MandateGranted) -> MandateState:
    """Write down a granted mandate."""
    return changed(state, granted=event, position=recorded.position, granted_at=recorded.time)


def revoked(state: MandateState, recorded: Recorded, _event: MandateRevoked) -> MandateState:
    """Write down that a mandate ended: the power to act, not the acts."""
    return changed(state, revoked_at=recorded.time)


MANDATE: Scope[MandateState] = Scope(
    "mandate", MandateState, folding({MandateGranted: granted, MandateRevoked: revoked})
)
"""A mandate, by its id."""
