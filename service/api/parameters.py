"""No parameter of a query is passed over in silence.

Whoever asks with `as_off=40` means a position in the past, and must not be answered with today; so
must whoever asks `as_of` where only the newest is known (contracts, section 2: never stale, never
silently something else).
"""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute

from service.api.problems import DoorError


async def only_known(request: Request) -> None:
    """Raise `request_invalid` for a query parameter that the address does not take."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    taken = _names(route.dependant)
    for name in request.query_params:
        if name not in taken:
            text = f"this address takes no parameter {name[:40]!r}"
            raise DoorError("request_invalid", text, pointer=f"/query/{name[:40]}")


def _names(dependant: Any) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_names(below) for below in dependant.dependencies))
