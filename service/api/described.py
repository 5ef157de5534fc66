"""How operations describe themselves: what the OpenAPI document and the reference page say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel

from service.api.bodies import COSE, JSON
from service.api.offered import READ_FIRST, Offer
from service.api.shapes import CommandAnswer

Tag = Literal[
    "everybody",
    "holder",
    "creator",
    "auditor",
    "streaming service",
    "officer",
    "operator",
    "log",
]
"""By whom an operation is mostly asked; who else may ask is in its description."""

TAGS: Final[Mapping[Tag, str]] = {
    "everybody": "Whoever has a token, or a key of its own.",
    "holder": "Rights holders: what is permitted, where a song was used, what it earned.",
    "creator": "Creators: may I, what does it cost, make it, take it home.",
    "auditor": "Auditors: everything, at any position.",
    "streaming service": "Streaming services: is this file what it says, may I carry it here.",
    "officer": "Registrars, platform and finance officers.",
    "operator": "Who runs this server.",
    "log": "The log itself, as others read it: checkpoint, tiles, proofs (C2SP, RFC 9942).",
}
"""What each tag means."""

_OFFICERS: Final = frozenset({"registrar", "platform", "finance"})
_CREATORS: Final = ("VerifyGeneration", "AuthorizeGeneration", "CancelGeneration")

_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag of what was read: 428 without it, 412 if it changed since.",
}


def operation(
    name: str,
    tag: Tag,
    summary: str,
    *,
    status: int = 200,
    shape: type[BaseModel] | None = None,
    media_type: str = JSON,
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the keyword arguments of a route.

    `name` is verb_noun and names the operation's file of examples. `shape` is the model of the
    body of the good answer; `body` the content of the request, by media type.
    """
    good: dict[str, Any] = {"description": summary}
    if shape is not None:
        good["model"] = shape
    elif media_type != JSON:
        good["content"] = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    extra: dict[str, Any] = {}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": dict(body)}
    return {
        "operation_id": name,
        "tags": [tag],
        "summary": summary,
        "status_code": status,
        "responses": {status: good},
        "openapi_extra": extra,
    }


def command(found: Offer) -> dict[str, Any]:
    """Return the description of one command's route; its schema is filled in with the document."""
    words = (found.command.__doc__ or found.name).strip().splitlines()[0].rstrip(".")
    described = operation(
        found.operation_id,
        _tag(found),
        words,
        status=202 if found.name == "AuthorizeGeneration" else 201,
        shape=CommandAnswer,
        body={JSON: {"schema": {"$ref": f"#/components/schemas/{found.name}"}}},
    )
    if found.command in READ_FIRST:
        described["openapi_extra"]["parameters"] = [_IF_MATCH]
    return described


def _tag(found: Offer) -> Tag:
    if found.name in _CREATORS:
        return "creator"
    return "officer" if _OFFICERS & set(found.roles) else "holder"


def binary(*media_types: str) -> dict[str, Any]:
    """Return the content of a request that is bytes of one of these media types."""
    return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}


SUBMIT_STATEMENT: Final = operation(
    "submit_statement",
    "everybody",
    "Hand in a statement that an enrolled key signed",
    status=201,
    shape=CommandAnswer,
    body={
        **binary(COSE),
        JSON: {"schema": {"$ref": "#/components/schemas/StatementBody"}},
    },
)
