"""Names that only one party may carry: IPI base numbers and ISNIs (`name:<scheme>/<value>`)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas.events.parties import PartyRegistered


@dataclass(frozen=True, slots=True)
class NameState:
    """One name and the party that carries it, if any. `name` is `<scheme>/<value>`."""

    name: str
    party: str | None = None


def _registered(state: NameState, _recorded: Recorded, event: PartyRegistered) -> NameState:
    return changed(state, party=event.party)


NAME: Scope[NameState] = Scope("name", NameState, folding({PartyRegistered: _registered}))
"""A unique name, by `<scheme>/<value>`."""
