"""What every handler is given: the instance, who asks, and the bell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from projections.asking import Readings
from projections.database import Progress
from service.api.bell import Bell
from service.api.limits import Limits
from service.api.problems import DoorError
from service.identity import Identity, Role, Tokens
from service.instance import Instance
from service.observing.asking import Asking


@dataclass(frozen=True, slots=True)
class Context:
    """What one door has. `public_bundles`: entry bundles go to everybody, not only to parties.

    `projections` says how far each is.
    """

    instance: Instance
    tokens: Tokens
    bell: Bell
    limits: Limits
    projections: Asking[Sequence[Progress]]
    public_bundles: bool = False


def context(request: Request) -> Context:
    """Return the door's context: the gate has brought it."""
    found: Context = request.scope["linernotes.context"]
    return found


async def door_of(request: Request) -> Context:
    """Return the door's context, to a route: without a thread, which others may all hold."""
    return context(request)


def readings(door: Context) -> Readings:
    """Return the projections, to ask."""
    return door.instance.readings


def optional_identity(request: Request) -> Identity | None:
    """Return who asks, if a token was presented; the gate has refused false ones."""
    found: Identity | None = request.scope.get("linernotes.identity")
    return found


def identity(request: Request) -> Identity:
    """Return who asks; `token_missing` if nobody says so."""
    found = optional_identity(request)
    if found is None:
        raise DoorError("token_missing")
    return found


def require(*roles: Role) -> Callable[[Request], Identity]:
    """Make the dependency that asks for one of these roles."""

    def check(request: Request) -> Identity:
        found = identity(request)
        if not found.has(*roles):
            raise DoorError("role_missing", f"this needs the role {' or '.join(roles)}")
        return found

    return check


def require_own(who: Identity, party: str, *others: Role) -> None:
    """Raise `not_yours` unless `party` asks about itself, or somebody in one of these roles."""
    if who.party != party and not who.has("auditor", *others):
        raise DoorError("not_yours")


Door = Annotated[Context, Depends(door_of)]
Who = Annotated[Identity, Depends(identity)]
Known = Depends(identity)
"""For routes that anybody with a token may ask, whoever it is."""
Whoever = Annotated[Identity | None, Depends(optional_identity)]
"""Who asks, if anybody: for what everyone may read."""
