"""A work's scope (`rights:wrk_`)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.rights.states import assets
from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas.events.catalog import (
    RecordingLinkedToWork,
    WorkDeclaredPublicDomain,
    WorkRegistered,
)


@dataclass(frozen=True, slots=True)
class WorkState(assets.Asset):
    """One work; `identity` is None where nobody registered it.

    A work in the public domain asks nobody and earns nothing (clearance, 8).
    """

    identity: WorkRegistered | None = None
    public_domain: bool = False
    recordings: frozenset[str] = frozenset()


def _registered(state: WorkState, _recorded: Recorded, event: WorkRegistered) -> WorkState:
    return changed(state, identity=event)


def _free(state: WorkState, _recorded: Recorded, _event: WorkDeclaredPublicDomain) -> WorkState:
    return changed(state, public_domain=True)


def _linked(state: WorkState, _recorded: Recorded, event: RecordingLinkedToWork) -> WorkState:
    return changed(state, recordings=state.recordings | {event.recording})


WORK: Scope[WorkState] = Scope(
    "rights",
    WorkState,
    folding(
        {
            **assets.STEPS,
            WorkRegistered: _registered,
            WorkDeclaredPublicDomain: _free,
            RecordingLinkedToWork: _linked,
        }
    ),
)
"""A work, by its id."""
