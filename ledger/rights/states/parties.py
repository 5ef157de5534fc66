"""A party's own scope (`rights:pty_`): what it did for all its rights at once, and its death."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.rights.memo import Moment
from ledger.rights.states import mandates
from ledger.rights.states.base import changed, folding, put
from ledger.rights.states.consents import Book, Cut, cut_of, write
from ledger.rights.states.mandates import MandateState
from ledger.rights.view import Recorded, Scope
from schemas.events.consents import (
    ConsentAffirmed,
    ConsentGranted,
    ConsentNarrowed,
    ConsentRevoked,
    ConsentWidened,
)
from schemas.events.log import LogOpened
from schemas.events.parties import (
    KeyRevoked,
    MandateGranted,
    MandateRevoked,
    PartyDeceased,
    PartyRegistered,
)
from schemas.lists import PartyKind
from schemas.period import parse_instant


@dataclass(frozen=True, slots=True)
class Compromised:
    """A key of the party that somebody else may have used since an instant."""

    key: str
    since: datetime
    position: int


@dataclass(frozen=True, slots=True)
class PartyState:
    """One party. `kind` is None where nobody registered it.

    `catalog` holds the consents to everything that it controls; `everything` each revocation of
    all its consents. What it says about named assets lies in the assets' scopes.
    """

    party: str
    kind: PartyKind | None = None
    deceased_at: datetime | None = None
    deceased_position: int = 0
    catalog: Book = field(default_factory=dict)
    everything: tuple[Cut, ...] = ()
    mandates: Mapping[str, MandateState] = field(default_factory=dict)
    compromised: tuple[Compromised, ...] = ()

    def has_estate(self, moment: Moment) -> bool:
        """Tell whether somebody acts for a dead party by a mandate granted after its death."""
        return any(
            held.position > self.deceased_position > 0 and held.valid_at(moment)
            for held in self.mandates.values()
        )


def _opened(state: PartyState, _recorded: Recorded, _event: LogOpened) -> PartyState:
    return changed(state, kind="organization")


def _registered(state: PartyState, _recorded: Recorded, event: PartyRegistered) -> PartyState:
    return changed(state, kind=event.kind)


def _deceased(state: PartyState, recorded: Recorded, _event: PartyDeceased) -> PartyState:
    return changed(state, deceased_at=recorded.time, deceased_position=recorded.position)


def _mandated(state: PartyState, recorded: Recorded, event: MandateGranted) -> PartyState:
    held = mandates.granted(MandateState(event.mandate), recorded, event)
    return changed(state, mandates=put(state.mandates, event.mandate, held))


def _unmandated(state: PartyState, recorded: Recorded, event: MandateRevoked) -> PartyState:
    held = mandates.revoked(state.mandates[event.mandate], recorded, event)
    return changed(state, mandates=put(state.mandates, event.mandate, held))


def _compromised(state: PartyState, recorded: Recorded, event: KeyRevoked) -> PartyState:
    if event.compromised_since is None:
        return state
    found = Compromised(event.key, parse_instant(event.compromised_since), recorded.position)
    return changed(state, compromised=(*state.compromised, found))


def _consented(state: PartyState, recorded: Recorded, _event: Any) -> PartyState:
    return changed(state, catalog=write(state.catalog, recorded))


def _revoked(state: PartyState, recorded: Recorded, event: ConsentRevoked) -> PartyState:
    if event.everything:
        return changed(state, everything=(*state.everything, cut_of(recorded, event)))
    return _consented(state, recorded, event)


PARTY: Scope[PartyState] = Scope(
    "rights",
    PartyState,
    folding(
        {
            LogOpened: _opened,
            PartyRegistered: _registered,
            PartyDeceased: _deceased,
            MandateGranted: _mandated,
            MandateRevoked: _unmandated,
            KeyRevoked: _compromised,
            ConsentGranted: _consented,
            ConsentNarrowed: _consented,
            ConsentWidened: _consented,
            ConsentAffirmed: _consented,
            ConsentRevoked: _revoked,
        }
    ),
)
"""A party, by its id."""
