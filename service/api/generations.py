"""Generations: where one stands, how far it is, and its end, without asking twice a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from ledger.decoding import read_recorded
from ledger.rights.view import Recorded
from schemas import canonical
from schemas.events.base import touched_ids
from schemas.events.generations import (
    AuthorizationExpired,
    FeeAgreed,
    GenerationAuthorized,
    GenerationCanceled,
    GenerationCompleted,
    GenerationFailed,
    ManifestEmbedded,
)
from schemas.ids import check_id
from service.api.bodies import answer
from service.api.context import Context, Door, Who
from service.api.described import operation
from service.api.plain import plain
from service.api.problems import DoorError
from service.api.shapes_rights import Generation
from service.api.waiting import Seen, preferred_wait_s
from service.identity import Identity

router: Final = APIRouter(prefix="/v1/generations", dependencies=[Seen])

PROGRESS_S: Final = 0.25
"""How often a stream looks at how far a rendering is: often enough for a bar, rare enough."""

HEARTBEATS: Final = 60
"""Looks without news after which a stream says that it is alive."""

ENDS: Final = {
    GenerationCompleted: "completed",
    GenerationFailed: "failed",
    GenerationCanceled: "canceled",
    AuthorizationExpired: "expired",
}
"""Events that end a generation, and what it is then."""


@router.get(
    "/{generation}",
    **operation("get_generation", "creator", "Where a generation stands", shape=Generation),
)
async def get_generation(generation: str, request: Request, door: Door, who: Who) -> Response:
    """Return a generation: its creator's, and of those whose rights it touches.

    With `Prefer: wait=30` the answer waits for its end.
    """
    check_id(generation, "gen")
    loop = asyncio.get_running_loop()
    until = loop.time() + preferred_wait_s(request)
    while True:
        found = await run_in_threadpool(_look, door, who, generation)
        left = until - loop.time()
        if found["status"] != "authorized" or left <= 0 or door.bell.is_closed:
            return answer(found)
        await door.bell.wait_beyond(door.bell.head(), min(left, 1.0))


@router.get(
    "/{generation}/progress",
    **operation(
        "stream_progress", "creator", "How far a generation is", media_type="text/event-stream"
    ),
)
async def stream_progress(generation: str, request: Request, door: Door, who: Who) -> Response:
    """Stream `progress` events, and one `ended` with the generation as it then stands."""
    check_id(generation, "gen")
    await run_in_threadpool(_look, door, who, generation)
    if request.scope.get("linernotes.is_head"):
        return Response(media_type="text/event-stream")
    return StreamingResponse(
        _progress(door, who, generation),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _progress(door: Context, who: Identity, generation: str) -> AsyncIterator[str]:
    """Yield how far it is until it has ended, or the door closes."""
    told: dict[str, Any] | None = None
    silent = 0
    while not door.bell.is_closed:
        found = await run_in_threadpool(_look, door, who, generation)
        if found["status"] != "authorized":
            yield f"event: ended\ndata: {canonical.encode(found).decode()}\n\n"
            return
        if found["progress"] != told:
            told, silent = found["progress"], 0
            yield f"event: progress\ndata: {canonical.encode(told).decode()}\n\n"
        silent += 1
        if silent % HEARTBEATS == 0:
            yield ": still here\n\n"
        await asyncio.sleep(PROGRESS_S)


def _look(door: Context, who: Identity, generation: str) -> dict[str, Any]:
    """Return a generation as the log has it, and how far the queue says it is."""
    with door.instance.store.snapshot() as reader:
        events = [
            read_recorded(stored, reader.openings(stored.event_id or ""))
            for stored in reader.events(f"job:{generation}")
        ]
    authorized = _one(events, GenerationAuthorized)
    agreed = _one(events, FeeAgreed)
    if authorized is None or agreed is None:
        raise DoorError("not_found", f"no generation {generation} was authorized")
    event = authorized.event
    assert isinstance(event, GenerationAuthorized)
    is_own = event.creator == who.party or who.has("auditor")
    if not is_own and who.party not in touched_ids(event.touched) and not who.has("operator"):
        raise DoorError("not_yours", "this generation is another creator's")
    found = _authorized(event, authorized.position, agreed.event)
    found["creator"] = plain(event.creator) if is_own else None
    found.update(_end(events))
    found["progress"] = _how_far(door, generation) if found["status"] == "authorized" else None
    found["events"] = [
        {"position": row.position, "type": row.event.TOPIC, "recorded_at": plain(row.time)}
        for row in events
    ]
    return found


def _one(events: Sequence[Recorded], kind: type[Any]) -> Recorded | None:
    return next((row for row in events if isinstance(row.event, kind)), None)


def _authorized(event: GenerationAuthorized, position: int, agreed: object) -> dict[str, Any]:
    assert isinstance(agreed, FeeAgreed)
    return {
        "generation": event.generation,
        "position": position,
        "verification": event.verification,
        "model": event.model,
        "tier": event.tier,
        "purpose": event.purpose,
        "channel": event.channel,
        "territory": list(event.territory),
        "seed": event.seed,
        "duration_ms": event.duration_ms,
        "references": plain(event.references),
        "manifest_urn": event.manifest_urn,
        "expires_at": event.expires_at,
        "fee": plain(agreed.fee),
        "credited": plain(agreed.credited),
        "pool": plain(agreed.pool),
        "commission": plain(agreed.commission),
        "legs": plain(agreed.legs),
    }


def _end(events: Sequence[Recorded]) -> dict[str, Any]:
    """Return how it ended, or that it has not."""
    found: dict[str, Any] = {"status": "authorized", "output": None, "failure": None}
    for row in events:
        event = row.event
        found["status"] = ENDS.get(type(event), found["status"])
        if isinstance(event, GenerationCompleted):
            found["output"] = {
                "output": event.output,
                "artifact_sha256": event.artifact_sha256,
                "audio": plain(event.audio),
                "url": f"/v1/artifacts/{event.artifact_sha256}",
            }
        elif isinstance(event, ManifestEmbedded):
            found["output"]["claim_signer_sha256"] = event.claim_signer_sha256
        elif isinstance(event, GenerationFailed):
            found["failure"] = {"code": event.code, "differences": list(event.differences)}
        elif isinstance(event, GenerationCanceled):
            found["failure"] = {"code": event.because, "differences": []}
    return found


def _how_far(door: Context, generation: str) -> dict[str, Any] | None:
    """Return thousandths and a few words; None where this process renders nothing."""
    status = door.instance.how_far(generation)
    return None if status is None else {"permille": status.permille, "stage": status.stage}
