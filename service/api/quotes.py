"""Quotes: may I, and what would it cost? A read that is never logged (contracts, section 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from ledger.rights.quotes import Quote, quote
from ledger.rights.view import View
from schemas import commitments, terms
from schemas.ids import new_id
from schemas.refusals import EXPLAIN
from service.api.answers import reason_for
from service.api.bodies import JSON, JsonBody, answer
from service.api.context import Door, Who
from service.api.described import operation
from service.api.plain import plain
from service.api.shapes_rights import QuoteAnswer
from service.api.waiting import Seen
from service.identity import Identity

router: Final = APIRouter(prefix="/v1", dependencies=[Seen])


@router.post(
    "/quotes",
    **operation(
        "quote_generation",
        "creator",
        "May I, and what would it cost",
        shape=QuoteAnswer,
        body={JSON: {"schema": {"$ref": "#/components/schemas/Request"}}},
    ),
)
def quote_generation(body: JsonBody, door: Door, who: Who) -> Response:
    """Say whether a request would clear now, at what price, or why not and what would.

    A request that does not clear is answered with 200 and `cleared: false`: asking is free.
    """
    wanted = terms.Request.read(_completed(body))

    def look(view: View, at: datetime) -> Quote:
        return quote(view, wanted, creator=who.party, at=at)

    found: Quote = door.instance.application.look(look)
    return answer(content(found, who))


def _completed(body: dict[str, Any]) -> dict[str, Any]:
    """Add the id that a quote does not need, and commit to a prompt that it never keeps."""
    found = {"generation": new_id("gen"), **body}
    prompt = found.get("prompt")
    if isinstance(prompt, dict) and set(prompt) == {"private"}:
        found["prompt"] = commitments.commit(prompt["private"], commitments.new_salt())
    return found


def content(found: Quote, who: Identity) -> dict[str, Any]:
    """Return the body of a quote, as this reader may see it."""
    if found.price is not None:
        return {
            "cleared": True,
            "at": plain(found.at),
            "price": plain(found.price),
            "references": plain(found.references),
            "code": None,
            "message": None,
            "reasons": [],
            "alternatives": [],
        }
    code = found.reasons[0].code
    return {
        "cleared": False,
        "at": plain(found.at),
        "price": None,
        "references": [],
        "code": code,
        "message": EXPLAIN[code],
        "reasons": [reason_for(reason.model_dump(mode="json"), who) for reason in found.reasons],
        "alternatives": plain(found.alternatives),
    }
