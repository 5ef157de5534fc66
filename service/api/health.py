"""Whether this process lives, and whether it takes requests; problem types and the reference."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from service.api.context import Door
from service.api.described import operation
from service.api.pages import problem_page
from service.api.problem_list import PROBLEMS
from service.api.problems import DoorError
from service.api.shapes import Health, Ready
from service.observing.asking import SilentError
from service.observing.metrics import CONTENT_TYPE

router: Final = APIRouter()

PROJECTIONS_S: Final = 1.0
"""How long the reading models may take to say where they are, after all else was asked."""

SILENT: Final = "the database of the reading models does not answer"
"""What is missing where they do not say it."""


@router.get("/health", **operation("get_health", "operator", "Is the process alive", shape=Health))
async def get_health(door: Door) -> Response:
    """Say that the process answers, even where it takes no requests any more."""
    # On the loop itself: where the database is frozen, every thread may wait for it.
    content = {"status": "ok", "origin": door.instance.facts.origin, "head": door.bell.head()}
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


@router.get("/ready", **operation("get_ready", "operator", "Does it take requests", shape=Ready))
def get_ready(door: Door) -> Response:
    """Say that this process takes requests; 503 after the log ended, or while it stops.

    `missing` says in a sentence each what it lacks. A projection that stopped leaves the process
    ready: it still takes commands, and what that projection does not answer for is answered.
    """
    projections = door.projections.begin()
    missing = door.instance.observing.readiness.missing()
    if door.bell.is_closed or missing:
        raise DoorError("not_ready", more={"missing": missing})
    try:
        rows = projections.answer(PROJECTIONS_S)
    except SilentError:
        raise DoorError("not_ready", more={"missing": {"projections": SILENT}}) from None
    said = [
        {"name": row.name, "position": row.position, "is_stopped": row.failure is not None}
        for row in rows
    ]
    content = {"status": "ready", "head": door.bell.head(), "projections": said}
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


@router.get("/metrics", include_in_schema=False)
def get_metrics(door: Door) -> Response:
    """Return what a monitoring system watches, in Prometheus's text format 0.0.4."""
    return Response(door.instance.observing.metrics.text(), headers={"Content-Type": CONTENT_TYPE})


@router.get(
    "/problems/{slug}",
    **operation("get_problem_type", "everybody", "What a problem means", media_type="text/html"),
)
def get_problem_type(slug: str) -> Response:
    """Explain one type of problem, for people: the `type` of a problem leads here."""
    kind = PROBLEMS.get(slug.replace("-", "_"))
    if kind is None:
        raise DoorError("not_found", f"there is no problem type {slug[:80]}")
    return problem_page(kind)
