"""One generation (`job:gen_`): authorized once, and ended once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas.events.base import Event
from schemas.events.generations import (
    AuthorizationExpired,
    FeeAgreed,
    GenerationAuthorized,
    GenerationCanceled,
    GenerationCompleted,
    GenerationFailed,
)
from schemas.money import Money

GenerationStep = Literal["none", "authorized", "completed", "failed", "canceled", "expired"]
"""Where a generation stands. Authorized leads to exactly one of the four that follow it."""


@dataclass(frozen=True, slots=True)
class GenerationState:
    """One generation: what was authorized and agreed, and how it ended.

    A refused authorization leaves no trace here: the id stays free for a later yes.
    """

    generation: str
    step: GenerationStep = "none"
    authorized: GenerationAuthorized | None = None
    agreed: FeeAgreed | None = None
    position: int = 0
    time: datetime | None = None

    def agreed_before(self) -> Money:
        """Return all that was agreed for this output, what was credited included."""
        if self.agreed is None:
            raise AssertionError(f"no fee was agreed [{self.generation}]")
        fee, credited = self.agreed.fee, self.agreed.credited
        return Money.accrued(fee.micro() + credited.micro(), fee.currency)


def _authorized(
    state: GenerationState, recorded: Recorded, event: GenerationAuthorized
) -> GenerationState:
    return changed(
        state,
        step="authorized",
        authorized=event,
        position=recorded.position,
        time=recorded.time,
    )


def _agreed(state: GenerationState, _recorded: Recorded, event: FeeAgreed) -> GenerationState:
    return changed(state, agreed=event)


def _completed(state: GenerationState, _recorded: Recorded, _event: Event) -> GenerationState:
    return changed(state, step="completed")


def _failed(state: GenerationState, _recorded: Recorded, _event: Event) -> GenerationState:
    return changed(state, step="failed")


def _canceled(state: GenerationState, _recorded: Recorded, _event: Event) -> GenerationState:
    return changed(state, step="canceled")


def _expired(state: GenerationState, _recorded: Recorded, _event: Event) -> GenerationState:
    return changed(state, step="expired")


GENERATION: Scope[GenerationState] = Scope(
    "job",
    GenerationState,
    folding(
        {
            GenerationAuthorized: _authorized,
            FeeAgreed: _agreed,
            GenerationCompleted: _completed,
            GenerationFailed: _failed,
            GenerationCanceled: _canceled,
            AuthorizationExpired: _expired,
        }
    ),
)
"""A generation, by its id."""
