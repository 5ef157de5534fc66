"""The log as people read it: a page of events, one event with its proof, and a stream of them.

`?after=` is a cursor and a poll at once; `Prefer: wait=30` makes it a long poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem
from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from ledger.storage.contract import Reader
from schemas import canonical
from schemas.ids import uuid_of
from service.api.bodies import COSE, answer
from service.api.context import Context, Door, Who
from service.api.described import operation
from service.api.log import proof_text
from service.api.opened import openings_for, show, statement_for
from service.api.problems import DoorError
from service.api.shapes import EventPage, EventWithProof, OpeningList
from service.api.waiting import After, AtPosition, Seen, preferred_wait_s
from service.identity import Identity

router: Final = APIRouter(prefix="/v1", dependencies=[Seen])

LIMIT_MAX: Final = 500
"""Events of one page."""

HEARTBEAT_S: Final = 15.0
"""How often a stream says that it is alive."""

STREAMS_MAX: Final = 8
"""Streams of one token: browsers open one per tab."""

Types = Annotated[
    str | None, Query(description="Names of events, separated by commas.", max_length=2000)
]
About = Annotated[str | None, Query(description="An id that the events concern.", max_length=64)]


class _Filter:
    """Which events somebody wants: types, and whom they concern."""

    def __init__(self, types: str | None, about: str | None) -> None:
        self.types = [name.strip() for name in types.split(",") if name.strip()] if types else []
        self.about = about
        if about is not None:
            uuid_of(about)

    @property
    def query(self) -> DCBQuery:
        """The query that matches them."""
        if not self.types and self.about is None:
            return DCBQuery()
        tags = [f"about:{self.about}"] if self.about else []
        return DCBQuery(items=[DCBQueryItem(types=self.types, tags=tags)])

    @property
    def parameters(self) -> dict[str, str]:
        """The filter as it stands in a URL."""
        found = {"types": ",".join(self.types), "about": self.about or ""}
        return {name: value for name, value in found.items() if value}


@router.get(
    "/events", **operation("list_events", "everybody", "Events after a position", shape=EventPage)
)
async def list_events(
    *,
    request: Request,
    door: Door,
    who: Who,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 100,
    types: Types = None,
    about: About = None,
) -> Response:
    """Return events in the order of their positions, private fields opened where they concern you.

    With `Prefer: wait=30` an empty page waits for the next event.
    """
    wanted = _Filter(types, about)
    loop = asyncio.get_running_loop()
    until = loop.time() + preferred_wait_s(request)
    while True:
        page = await run_in_threadpool(_page, door, who, wanted, after, limit)
        left = until - loop.time()
        if page["items"] or left <= 0 or door.bell.is_closed:
            break
        await door.bell.wait_beyond(page["head"], left)
    headers = {"Ledger-Position": str(page["head"])}
    if page["next"] is not None:
        query = urlencode({"after": page["next"], "limit": limit, **wanted.parameters})
        headers["Link"] = f'</v1/events?{query}>; rel="next"'
    return answer(page, headers=headers)


def _page(door: Context, who: Identity, wanted: _Filter, after: int, limit: int) -> dict[str, Any]:
    """Return one page: `next` is the position to go on after, or null at the head."""
    with door.instance.store.snapshot() as reader:
        positions = list(reader.positions(wanted.query, after=after, limit=limit))
        items = [_shown(reader, position, who) for position in positions]
        is_full = len(positions) == limit
        return {
            "items": items,
            "next": positions[-1] if is_full and positions[-1] < reader.bound else None,
            "head": reader.bound,
        }


def _shown(reader: Reader, position: int, who: Identity) -> dict[str, Any]:
    stored = reader.entry(position) if position > 0 else None
    if stored is None:
        raise DoorError("position_unknown")
    return show(reader, stored, who)


@router.get(
    "/events/stream",
    **operation(
        "stream_events", "everybody", "Events as they come", media_type="text/event-stream"
    ),
)
async def stream_events(
    *,
    request: Request,
    door: Door,
    who: Who,
    after: After = 0,
    types: Types = None,
    about: About = None,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
) -> Response:
    """Stream events as server-sent events; `id` is the position, so a reader goes on by itself."""
    wanted = _Filter(types, about)
    begin = last_event_id if last_event_id is not None else after
    if request.scope.get("linernotes.is_head"):
        return Response(media_type="text/event-stream")
    streams: dict[str, int] = request.app.state.streams
    if streams.get(who.token, 0) >= STREAMS_MAX:
        raise DoorError("too_many_requests", f"a token has at most {STREAMS_MAX} streams")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _stream(door, who, wanted, begin, streams), media_type="text/event-stream", headers=headers
    )


async def _stream(
    door: Context, who: Identity, wanted: _Filter, after: int, streams: dict[str, int]
) -> AsyncIterator[str]:
    """Yield events after a position until the reader goes or the door closes."""
    streams[who.token] = streams.get(who.token, 0) + 1
    try:
        yield ": linernotes\n\n"
        while not door.bell.is_closed:
            page = await run_in_threadpool(_page, door, who, wanted, after, LIMIT_MAX)
            for item in page["items"]:
                text = canonical.encode(item).decode()
                yield f"id: {item['position']}\nevent: {item['type']}\ndata: {text}\n\n"
            after = page["next"] or page["head"]
            if page["next"] is None:
                head = await door.bell.wait_beyond(after, HEARTBEAT_S)
                if head <= after:
                    yield ": still here\n\n"
    finally:
        streams[who.token] -= 1


@router.get(
    "/events/{position}",
    **operation("get_event", "everybody", "One event with its proof", shape=EventWithProof),
)
def get_event(position: AtPosition, door: Door, who: Who) -> Response:
    """Return an event, and the tlog-proof that it stands there, witnessed as soon as it can be."""
    policy = door.instance.policy.current()
    with door.instance.store.snapshot() as reader:
        event = _shown(reader, position, who)
        proof = proof_text(reader, position, policy)
        content = {"event": event, "proof": proof, "head": reader.bound}
    return answer(content)


@router.get(
    "/events/{position}/openings",
    **operation("list_openings", "everybody", "What opens an event", shape=OpeningList),
)
def list_openings(position: AtPosition, door: Door, who: Who) -> Response:
    """Return salts and values of an event's commitments, as far as they concern you."""
    with door.instance.store.snapshot() as reader:
        openings = openings_for(reader, position, who)
    rows = [
        {"pointer": row.pointer, "salt": canonical.b64u(row.salt), "value": row.value}
        for row in openings
    ]
    return answer({"position": position, "items": rows})


@router.get(
    "/entries/{position}/statement",
    **operation("get_statement", "log", "The signed statement behind an entry", media_type=COSE),
)
def get_statement(position: AtPosition, door: Door, who: Who) -> Response:
    """Return the statement that caused an entry: public ones to all, others to their parties."""
    with door.instance.store.snapshot() as reader:
        raw = statement_for(reader, position, who)
    return Response(raw, media_type=COSE, headers={"Cache-Control": "private, no-cache"})
