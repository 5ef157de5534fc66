"""The facts of a decision: what the log says at an instant, asked through the view."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.rights.memo import Moment
from ledger.rights.states.parties import PARTY, PartyState
from ledger.rights.states.recordings import RECORDING, RecordingState
from ledger.rights.states.terms import MODEL
from ledger.rights.states.works import WORK, WorkState
from ledger.rights.view import View
from schemas.events.terms import ModelRegistered
from schemas.refusals import Malformed


@dataclass(frozen=True, slots=True)
class Facts:
    """What one decision, or one rule of it, knows at the instant `at`."""

    view: View
    at: Moment

    def recording(self, recording: str) -> RecordingState:
        """Return a recording's scope."""
        return self.view.ask(RECORDING, recording)

    def work(self, work: str) -> WorkState:
        """Return a work's scope."""
        return self.view.ask(WORK, work)

    def party(self, party: str) -> PartyState:
        """Return a party's own scope."""
        return self.view.ask(PARTY, party)

    def model(self, model: str) -> tuple[ModelRegistered, bool]:
        """Return a model version and whether it is retired, or raise `Malformed`."""
        state = self.view.ask(MODEL, model)
        if state.registered is None:
            raise Malformed("unknown_id", f"no such model [{model}]", pointer="/request/model")
        return state.registered, state.retired
