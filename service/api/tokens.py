"""Tokens over HTTP: who am I; and for the operator, issuing and revoking them.

A token's secret leaves exactly once, in the answer that issues it, and no cache may keep it.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from schemas.ids import PartyId
from schemas.model import Text, Wire
from service.api.bodies import JSON, JsonBody, answer
from service.api.context import Door, Who, require
from service.api.described import operation
from service.api.problems import DoorError
from service.api.shapes import IssuedToken, Me, TokenList
from service.identity import Role, TokenError

router: Final = APIRouter(prefix="/v1")

Operator = Depends(require("operator"))
"""Asks for a token with the role `operator`."""


class Asked(Wire):
    """What a token is asked for: whose it is, for what, and what people call it."""

    party: PartyId
    roles: tuple[Role, ...]
    name: Text


@router.get("/me", **operation("get_me", "everybody", "Who am I", shape=Me))
def get_me(who: Who) -> Response:
    """Return the party and the roles of the token that was presented."""
    content: dict[str, Any] = {
        "token": who.token,
        "name": who.name,
        "party": who.party,
        "roles": sorted(who.roles),
    }
    return answer(content)


@router.post(
    "/tokens",
    dependencies=[Operator],
    **operation(
        "issue_token",
        "operator",
        "Issue a token",
        status=201,
        shape=IssuedToken,
        body={JSON: {"schema": {"$ref": "#/components/schemas/Asked"}}},
    ),
)
def issue_token(body: JsonBody, door: Door) -> Response:
    """Issue a token for a registered party; its secret is in this answer and nowhere else."""
    asked = Asked.read(body)
    _require_registered(door, asked.party)
    try:
        token = door.tokens.issue(asked.party, asked.roles, asked.name)
    except TokenError as error:
        raise DoorError("request_invalid", str(error)) from error
    content = {"token": token, "id": token.removeprefix("liner_").partition(".")[0]}
    return JSONResponse(content, 201, {"Cache-Control": "no-store"})


@router.get(
    "/tokens",
    dependencies=[Operator],
    **operation("list_tokens", "operator", "All tokens, no secret", shape=TokenList),
)
def list_tokens(door: Door) -> Response:
    """Return what is kept of every token, revoked ones too."""
    return answer({"items": [record.public() for record in door.tokens.list()]})


@router.delete(
    "/tokens/{token}",
    dependencies=[Operator],
    **operation("revoke_token", "operator", "Revoke a token", status=204),
)
def revoke_token(token: str, door: Door) -> Response:
    """Refuse a token from now on, in every process of this instance."""
    try:
        door.tokens.revoke(token)
    except TokenError as error:
        raise DoorError("not_found", str(error)) from error
    return Response(status_code=204)


def _require_registered(door: Door, party: str) -> None:
    with door.instance.store.snapshot() as reader:
        if reader.last_position(f"rights:{party}") == 0:
            raise DoorError("request_invalid", f"nobody registered {party}", pointer="/party")
