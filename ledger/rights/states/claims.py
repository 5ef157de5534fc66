"""Proposals and their confirmation: shares, links, credits, vocals (`claim:`).

Unconfirmed, a claim clears nothing, blocks nothing and earns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas.events.catalog import (
    ContributorCredited,
    ContributorCreditProposed,
    RecordingLinkedToWork,
    RecordingLinkProposed,
    VocalsDeclared,
    VocalsProposed,
)
from schemas.events.shares import ShareClaimed, ShareConfirmed, ShareWithdrawn

Proposal = ShareClaimed | RecordingLinkProposed | ContributorCreditProposed | VocalsProposed
"""What can be proposed and then confirmed."""


@dataclass(frozen=True, slots=True)
class ClaimState:
    """One proposal, by the id of its share (`shr_`), link (`lnk_`) or credit (`crd_`)."""

    claim: str
    status: Literal["none", "proposed", "confirmed", "withdrawn"] = "none"
    proposal: Proposal | None = None
    position: int = 0


def _proposed(state: ClaimState, recorded: Recorded, event: Proposal) -> ClaimState:
    return changed(state, status="proposed", proposal=event, position=recorded.position)


def _confirmed(state: ClaimState, _recorded: Recorded, _event: object) -> ClaimState:
    return changed(state, status="confirmed")


def _withdrawn(state: ClaimState, _recorded: Recorded, _event: object) -> ClaimState:
    return changed(state, status="withdrawn")


CLAIM: Scope[ClaimState] = Scope(
    "claim",
    ClaimState,
    folding(
        {
            ShareClaimed: _proposed,
            RecordingLinkProposed: _proposed,
            ContributorCreditProposed: _proposed,
            VocalsProposed: _proposed,
            ShareConfirmed: _confirmed,
            RecordingLinkedToWork: _confirmed,
            ContributorCredited: _confirmed,
            VocalsDeclared: _confirmed,
            ShareWithdrawn: _withdrawn,
        }
    ),
)
"""A proposal, by the id of what is proposed."""
