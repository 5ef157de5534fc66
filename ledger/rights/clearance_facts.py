"""The facts of one decision: what the log says, asked through the view, each scope once.

Alternatives ask the same questions again and again; a decision sees one snapshot, so the first
answer is the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from ledger.rights.pricing import Tariff
from ledger.rights.states.base import TABLE
from ledger.rights.states.parties import PARTY, PartyState
from ledger.rights.states.recordings import RECORDING, RecordingState
from ledger.rights.states.terms import (
    MODEL,
    TARIFF,
    TARIFFS,
    TARIFFS_KEY,
    TariffState,
)
from ledger.rights.states.works import WORK, WorkState
from ledger.rights.view import Scope, View
from schemas.events.catalog import RecordingRegistered
from schemas.events.terms import ModelRegistered
from schemas.refusals import Malformed

S = TypeVar("S")


@dataclass(slots=True)
class Facts:
    """What one decision knows at the instant `at`.

    `answers` keeps what consents answered to equal questions: alternatives repeat most of them.
    """

    view: View
    at: datetime
    answers: dict[Any, Any] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)

    def recording(self, recording: str) -> RecordingState:
        """Return a recording's scope."""
        return self._ask(RECORDING, recording)

    def work(self, work: str) -> WorkState:
        """Return a work's scope."""
        return self._ask(WORK, work)

    def party(self, party: str) -> PartyState:
        """Return a party's own scope."""
        return self._ask(PARTY, party)

    def identity(self, recording: str, pointer: str) -> RecordingRegistered:
        """Return a registered recording, or raise `Malformed("unknown_id")`."""
        found = self.recording(recording).identity
        if found is None:
            raise Malformed("unknown_id", f"no such recording [{recording}]", pointer=pointer)
        return found

    def model(self, model: str) -> tuple[ModelRegistered, bool]:
        """Return a model version and whether it is retired, or raise `Malformed`."""
        state = self._ask(MODEL, model)
        if state.registered is None:
            raise Malformed("unknown_id", f"no such model [{model}]", pointer="/request/model")
        return state.registered, state.retired

    def tariffs(self, bound: Iterable[str] | None) -> tuple[Tariff, ...]:
        """Return the tariffs bound by a verification, withdrawn or not; else those in force."""
        if bound is None:
            found = self._ask(TARIFFS, TARIFFS_KEY).in_force(self.at)
        else:
            found = tuple(self._ask(TARIFF, tariff) for tariff in bound)
        return tuple(_tariff(state) for state in found)

    def _ask(self, scope: Scope[S], key: str) -> S:
        tag = scope.tag(key)
        if tag not in self._known:
            self._known[tag] = self.view.ask(scope, key)
        return cast("S", self._known[tag])


def _tariff(state: TariffState) -> Tariff:
    published = state.published
    if published is None:
        raise AssertionError(f"a verification is bound to a tariff that nobody knows [{state}]")
    return Tariff(
        tariff=published.tariff,
        rows=published.rows,
        pool_rate=state.pool_rate,
        credit_prior_fee=published.credit_prior_fee,
        territories_version=TABLE,
    )
