"""What recordings and works have in common: shares, credits, consents, moral restrictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ledger.rights.states import shares as share_rules
from ledger.rights.states.base import Steps, changed, put, without
from ledger.rights.states.consents import Book, Cut, cut_of, write
from ledger.rights.states.shares import Shares
from ledger.rights.view import Recorded
from schemas.events.catalog import (
    ContributorCredited,
    MoralRightRestrictionDeclared,
    MoralRightRestrictionLifted,
)
from schemas.events.consents import (
    ConsentAffirmed,
    ConsentGranted,
    ConsentNarrowed,
    ConsentRevoked,
    ConsentWidened,
)
from schemas.events.shares import ShareConfirmed, ShareWithdrawn
from schemas.lists import Purpose


@dataclass(frozen=True, slots=True)
class Asset:
    """A recording or a work: who holds it, who made it, what its controllers said about it.

    `consents` are those that name it; consents to a catalog lie with their party. `cuts` are the
    revocations of this asset. `restrictions` are purposes vetoed by moral right, by party.
    """

    asset: str
    shares: Shares = field(default_factory=dict)
    credits: tuple[ContributorCredited, ...] = ()
    consents: Book = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()
    restrictions: Mapping[str, frozenset[Purpose]] = field(default_factory=dict)

    def credited(self, party: str) -> bool:
        """Tell whether a confirmed credit names a party."""
        return any(row.party == party for row in self.credits)


A = TypeVar("A", bound=Asset)


def _confirmed(state: A, recorded: Recorded, event: ShareConfirmed) -> A:
    return changed(state, shares=share_rules.confirm(state.shares, recorded, event))


def _withdrawn(state: A, recorded: Recorded, event: ShareWithdrawn) -> A:
    return changed(state, shares=share_rules.withdraw(state.shares, recorded, event))


def _credited(state: A, _recorded: Recorded, event: ContributorCredited) -> A:
    return changed(state, credits=(*state.credits, event))


def _consented(state: A, recorded: Recorded, _event: Any) -> A:
    return changed(state, consents=write(state.consents, recorded))


def _revoked(state: A, recorded: Recorded, event: ConsentRevoked) -> A:
    if event.asset is not None:
        return changed(state, cuts=(*state.cuts, cut_of(recorded, event)))
    return _consented(state, recorded, event)


def _restricted(state: A, _recorded: Recorded, event: MoralRightRestrictionDeclared) -> A:
    purposes = frozenset(event.purposes)
    return changed(state, restrictions=put(state.restrictions, event.party, purposes))


def _lifted(state: A, _recorded: Recorded, event: MoralRightRestrictionLifted) -> A:
    return changed(state, restrictions=without(state.restrictions, event.party))


STEPS: Steps[Any] = {
    ShareConfirmed: _confirmed,
    ShareWithdrawn: _withdrawn,
    ContributorCredited: _credited,
    ConsentGranted: _consented,
    ConsentNarrowed: _consented,
    ConsentWidened: _consented,
    ConsentAffirmed: _consented,
    ConsentRevoked: _revoked,
    MoralRightRestrictionDeclared: _restricted,
    MoralRightRestrictionLifted: _lifted,
}
"""The steps that recordings and works share."""
