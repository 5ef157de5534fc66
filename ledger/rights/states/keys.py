"""A key's life: proposed, enrolled, revoked (`key:`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ledger.rights.states.base import changed, folding
from ledger.rights.view import Recorded, Scope
from schemas.events.log import LogOpened
from schemas.events.parties import KeyEnrolled, KeyProposed, KeyRevoked
from schemas.lists import KeyRole
from schemas.period import parse_instant


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key. `public_key` is base64url of 32 bytes; `none` means that nobody named it yet.

    `revoked_position` is that of its first revocation.
    """

    key: str
    status: Literal["none", "proposed", "enrolled", "revoked"] = "none"
    party: str = ""
    public_key: str = ""
    roles: frozenset[KeyRole] = frozenset()
    enrolled_position: int = 0
    revoked_position: int = 0
    compromised_since: datetime | None = None

    def compromised_at(self, moment: datetime) -> bool:
        """Tell whether what the key signed at that instant may be somebody else's word."""
        return self.compromised_since is not None and moment >= self.compromised_since


def _opened(state: KeyState, recorded: Recorded, event: LogOpened) -> KeyState:
    for row in event.keys:
        if row.key == state.key:
            return changed(
                state,
                status="enrolled",
                party=row.party,
                public_key=row.public_key,
                roles=frozenset(row.roles),
                enrolled_position=recorded.position,
            )
    return state


def _proposed(state: KeyState, _recorded: Recorded, event: KeyProposed) -> KeyState:
    return changed(
        state,
        status="proposed",
        party=event.party,
        public_key=event.public_key,
        roles=frozenset(event.roles),
    )


def _enrolled(state: KeyState, recorded: Recorded, event: KeyEnrolled) -> KeyState:
    return changed(
        state,
        status="enrolled",
        party=event.party,
        public_key=event.public_key,
        roles=frozenset(event.roles),
        enrolled_position=recorded.position,
    )


def _revoked(state: KeyState, recorded: Recorded, event: KeyRevoked) -> KeyState:
    since = parse_instant(event.compromised_since) if event.compromised_since else None
    return changed(
        state,
        status="revoked",
        party=event.party,
        revoked_position=state.revoked_position or recorded.position,
        compromised_since=since or state.compromised_since,
    )


KEY: Scope[KeyState] = Scope(
    "key",
    KeyState,
    folding(
        {
            LogOpened: _opened,
            KeyProposed: _proposed,
            KeyEnrolled: _enrolled,
            KeyRevoked: _revoked,
        }
    ),
)
"""A key, by its id."""
