"""The states of demand: one verification (`job:ver_`), and a creator's refusals (`demand:`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas import canonical
from schemas.events.generations import GenerationAuthorized
from schemas.events.verifications import (
    GenerationRefused,
    VerificationCleared,
    VerificationRefused,
)
from schemas.model import Commitment
from schemas.period import parse_instant
from schemas.terms import Request

REFUSAL_WINDOW_MAX: Final = timedelta(days=1)
"""How long a refusal is remembered, whatever the policy's window: a bound on the state."""


@dataclass(frozen=True, slots=True)
class VerificationState:
    """One verification. Cleared, it may be cited once, by its creator, until it expires.

    `spent_by` is the generation that cited it. `creator` is a commitment once it was erased.
    """

    verification: str
    status: Literal["none", "cleared", "refused"] = "none"
    creator: str | Commitment = ""
    request: Request | None = None
    tariffs: tuple[str, ...] = ()
    expires_at: datetime | None = None
    spent_by: str | None = None
    position: int = 0


def _cleared(
    state: VerificationState, recorded: Recorded, event: VerificationCleared
) -> VerificationState:
    return changed(
        state,
        status="cleared",
        creator=event.creator,
        request=event.request,
        tariffs=event.tariffs,
        expires_at=parse_instant(event.expires_at),
        position=recorded.position,
    )


def _refused(
    state: VerificationState, recorded: Recorded, event: VerificationRefused
) -> VerificationState:
    return changed(
        state,
        status="refused",
        creator=event.creator,
        request=event.request,
        position=recorded.position,
    )


def _spent(
    state: VerificationState, _recorded: Recorded, event: GenerationAuthorized
) -> VerificationState:
    return changed(state, spent_by=event.generation)


VERIFICATION: Scope[VerificationState] = Scope(
    "job",
    VerificationState,
    folding(
        {
            VerificationCleared: _cleared,
            VerificationRefused: _refused,
            GenerationAuthorized: _spent,
        }
    ),
)
"""A verification, by its id."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A refusal: where it stands, and since when."""

    position: int
    time: datetime


@dataclass(frozen=True, slots=True)
class DemandState:
    """What a creator was refused of late, by references and reason (`demand_key`)."""

    creator: str
    refusals: Mapping[str, Turned] = field(default_factory=dict)

    def within(self, key: str, at: datetime, window: timedelta) -> Turned | None:
        """Return the refusal of the same demand that stands less than a window ago, if any."""
        found = self.refusals.get(key)
        return found if found is not None and at < found.time + window else None


def demand_key(request: Request, code: str) -> str:
    """Return what makes two refusals the same demand: reference rows and reason, as one hash."""
    rows = [reference.data() for reference in request.references]
    return hashlib.sha256(canonical.encode([rows, code])).hexdigest()


def _turned_down(
    state: DemandState, recorded: Recorded, event: VerificationRefused | GenerationRefused
) -> DemandState:
    kept = {
        key: row
        for key, row in state.refusals.items()
        if recorded.time < row.time + REFUSAL_WINDOW_MAX
    }
    key = demand_key(event.request, event.reasons[0].code)
    return changed(state, refusals={**kept, key: Turned(recorded.position, recorded.time)})


DEMAND: Scope[DemandState] = Scope(
    "demand",
    DemandState,
    folding({VerificationRefused: _turned_down, GenerationRefused: _turned_down}),
)
"""A creator's refusals, by the creator's party id."""
