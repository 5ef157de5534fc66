"""Pages that verify themselves, made on demand: of an output, of a royalty statement.

What is in them every enrolled party may read, but for two things: the sound, which goes to whoever
may download it, and a royalty statement, which goes to its party and to finance.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from projections.royalties.queries import statement
from service.api.artifacts import concerned
from service.api.context import Context, Door, Who, readings, require_own
from service.api.problems import DoorError
from service.api.waiting import Seen
from service.identity import Identity
from service.notes import generation_page, statement_page
from service.notes.pages import artifact_of, find_generation

router: Final = APIRouter(prefix="/v1", dependencies=[Seen])

HEADERS: Final = {
    # The page brings a policy of its own, by which its one script runs and nothing is loaded.
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cache-Control": "private, no-cache",
}
"""Headers of a page. It is a document of its own, and no part of any other."""

WithSound = Annotated[bool, Query(description="With the sound, if it is yours to hear.")]


@router.get("/notes/{subject}", include_in_schema=False)
def get_notes(subject: str, *, door: Door, who: Who, sound: WithSound = True) -> Response:
    """Return the page of an output (`gen_`, `out_`, the file's SHA-256) or a statement (`rst_`)."""
    if subject.startswith("rst_"):
        text = _statement(door, who, subject)
    else:
        text = _output(door, who, subject, wants_sound=sound)
    return Response(text, media_type="text/html; charset=utf-8", headers=HEADERS)


def _statement(door: Context, who: Identity, subject: str) -> str:
    found = statement(readings(door), subject).one
    if found is None:
        raise DoorError("not_found", f"{subject} was not closed")
    require_own(who, found.party, "finance")
    return statement_page(door.instance, subject)


def _output(door: Context, who: Identity, subject: str, *, wants_sound: bool) -> str:
    generation = find_generation(door.instance, subject)
    sha256 = artifact_of(door.instance, generation)
    may_hear = who.has("auditor", "operator") or who.party in concerned(door, sha256)
    return generation_page(door.instance, generation, with_sound=wants_sound and may_hear)
