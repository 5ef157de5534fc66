"""One field of a request, from the raw list: names are in small letters there, as ASGI has them."""

from __future__ import annotations

from starlette.types import Scope


def field(scope: Scope, name: bytes) -> str | None:
    """Return the value of a field, the first where there are several; None if it is not there."""
    for given, value in scope["headers"]:
        if given == name:
            found: bytes = value
            return found.decode("latin-1")
    return None
