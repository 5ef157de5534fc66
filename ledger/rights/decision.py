"""What a decision is given and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from schemas.commands.base import Command
from schemas.envelope.statement import Head
from schemas.events.base import Event
from schemas.lists import KeyRole

RULES = 1
"""The number of these rules, in every entry; recorded logs of each number are replayed."""


class Asked(NamedTuple):
    """A command as its statement asks it.

    `key` is the id of the signing key. `attested_roles` is None for an own key; for a statement
    that the intake key attested it holds the roles of the token, which the log then says for ever.
    `at` is the instant of the decision: it becomes `recorded_at`, and is the license instant.
    """

    command: Command
    command_id: str
    actor: str
    key: str
    at: datetime
    mandate: str | None = None
    attested_roles: frozenset[KeyRole] | None = None

    @classmethod
    def of(cls, head: Head, command: Command, *, key: str, at: datetime) -> Asked:
        """Return what a statement asks: its members, the command that was read of its data."""
        attested = head.how_attested()
        return cls(
            command=command,
            command_id=head.id,
            actor=head.actor,
            key=key,
            at=at,
            mandate=head.mandate,
            attested_roles=frozenset(attested["roles"]) if attested else None,
        )


class Accepted(NamedTuple):
    """The command was decided: these events, in this order, in one append.

    A refusal of a verification or an authorization is an event too, so it is accepted here:
    `refused` says so to the door.
    """

    events: tuple[Event, ...]
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same demand was refused within the hour: answer with the first refusal's receipt."""

    refusal: int


Decision = Accepted | Repeated
"""What a rule returns: events for the log, or where their like already stands."""
