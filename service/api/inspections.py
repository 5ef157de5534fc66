"""Inspections: is this file what it says, and may I carry it here? With the audio, or without.

With the audio the file itself is read, in a guarded process, and all four questions of a verdict
are answered. Without it, by hash, URN or output, the ledger says what it knows and whether that is
licensed; whether somebody's file is that output, only the file can say.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.provenance.record import LedgerRecord, Question
from ledger.provenance.verdict import licensed
from schemas.lists import Channel, TierName
from schemas.period import parse_instant
from schemas.refusals import Malformed
from schemas.territory import WORLD, expand_one
from service.api.bodies import JSON, answer, json_body, media_type
from service.api.context import Context, Door, Known
from service.api.described import binary, operation
from service.api.finding import Finder, find
from service.api.plain import plain
from service.api.problems import DoorError
from service.api.shapes_rights import InspectionAnswer
from service.api.uploads import uploaded
from service.api.waiting import Seen

router: Final = APIRouter(prefix="/v1", dependencies=[Known, Seen])

AT_ONCE: Final = 2
"""Files that are read at the same time: each may take 2 GiB of address space and 30 s."""

LOOKUP: Final = {"schema": {"$ref": "#/components/schemas/Finder"}}


def question(
    door: Door,
    territory: Annotated[str, Query(description="An ISO 3166-1 country.", max_length=2)],
    tier: Annotated[TierName, Query(description="The tier of the use.")] = "commercial",
    channel: Annotated[Channel, Query(description="The channel of the use.")] = "streaming",
    at: Annotated[str | None, Query(description="When; now if left out.")] = None,
) -> Question:
    """Read what is asked: one tier, one channel, one country, one instant."""
    if territory not in expand_one(WORLD):
        raise Malformed("territory_unknown", f"not a country: {territory}", pointer="/territory")
    moment: datetime = parse_instant(at) if at is not None else door.instance.clock()
    return Question(tier=tier, channel=channel, territory=territory, at=moment)


@router.post(
    "/inspections",
    **operation(
        "inspect_file",
        "streaming service",
        "Is this file what it says, may I carry it here",
        shape=InspectionAnswer,
        body={
            **binary("audio/wav", "audio/mpeg", "audio/flac", "application/octet-stream"),
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
            JSON: LOOKUP,
        },
    ),
)
async def inspect_file(
    request: Request,
    door: Door,
    asked: Annotated[Question, Depends(question)],
) -> Response:
    """Read a file and give its verdict, or look up what the ledger knows under a hash.

    The body is the file, or a form with it, or JSON with `file_sha256`, `frames_sha256` (and
    optionally `decoder`), `urn`, `output` or `generation`. What a file is, is never an error: a
    broken one is answered with a verdict that says so.
    """
    if media_type(request) == JSON:
        finder = Finder.read(await json_body(request))
        return answer(await run_in_threadpool(_look_up, door, finder, asked))
    slots: asyncio.Semaphore = request.app.state.inspecting
    async with uploaded(request, door.instance.settings.home / "incoming") as upload, slots:
        inspector = door.instance.inspector
        reading, verdict = await run_in_threadpool(inspector.inspect, upload.path, asked)
    content: dict[str, Any] = {
        "reading": plain(reading),
        "verdict": plain(verdict),
        "record": None,
        "allowed_here": plain(verdict.allowed_here),
        "as_of": verdict.as_of,
    }
    return answer(content)


def _look_up(door: Context, finder: Finder, asked: Question) -> dict[str, Any]:
    record = find(door, finder)
    if record is None:
        raise DoorError("not_found", "the ledger knows no such output; that says nothing else")
    says = licensed(record, asked) if record.status == "completed" else None
    return {
        "reading": None,
        "verdict": None,
        "record": shown(record),
        "allowed_here": plain(says) if says else None,
        "as_of": record.head,
    }


def shown(record: LedgerRecord) -> dict[str, Any]:
    """Return what the ledger says about a generation, as it is public to every party."""
    return {
        "generation": record.generation,
        "status": record.status,
        "found_by": record.found_by,
        "manifest_urn": record.authorized.urn,
        "output": record.output,
        "file_sha256": record.file_sha256,
        "frames_sha256": record.frames_sha256,
        "decoder": record.decoder,
        "positions": {
            "authorized": record.authorized.position,
            "completed": record.completed_at,
            "embedded": record.embedded_at,
            "accrued": record.accrued_at,
            "ended": record.ended_at,
        },
        "references": plain(record.authorized.references),
        "licenses": plain(record.licenses),
        "consents": plain(record.consents),
        "quarantined": sorted(record.quarantined),
    }
