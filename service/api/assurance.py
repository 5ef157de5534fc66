"""The assurance report for auditors and for monitoring: a page, JSON, and metrics."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from service.api.context import Door
from service.api.described import operation
from service.api.pages import page
from service.api.problems import DoorError
from service.api.shapes_evidence import AssuranceReport
from service.assurance import Assurance

router: Final = APIRouter()

Number = tuple[str, str, int]
"""A metric: its kind, what it says, and its value."""


def _latest(door: Door) -> Assurance:
    found = door.instance.assurer.latest
    if found is None:
        raise DoorError("not_ready", "the first report is being made")
    return found


@router.get(
    "/v1/assurance",
    **operation("get_assurance", "auditor", "The newest assurance report", shape=AssuranceReport),
)
def get_assurance(door: Door) -> Response:
    """Return the newest report: the three-way match, and every command decided again.

    It is made anew as the log grows; `not_ready` before the first. `/assurance` shows it as a page,
    `/metrics` as numbers.
    """
    return JSONResponse(_latest(door).data(), headers={"Cache-Control": "no-cache"})


@router.get("/assurance", include_in_schema=False)
def get_assurance_page(door: Door) -> Response:
    """Show the newest report as a page."""
    found = _latest(door)
    rows = "".join(
        f"<tr><td>{row.position}</td><td>{escape(row.output)}</td>"
        f"<td>{escape(row.message)}</td></tr>"
        for row in found.match.mismatches
    )
    table = f"<table><tr><th>position<th>output<th>what differs</tr>{rows}</table>" if rows else ""
    findings = "".join(
        f"<li>position {row.position}, {escape(row.step)}: {escape(row.message)}</li>"
        for row in found.audit.findings[:100]
    )
    verdict = "Everything matches." if found.sound else "Something does not match."
    return page(
        "Assurance",
        f'<p class="m">{verdict}</p><h2>References authorized, read back, paid</h2>'
        f"<p>{found.match.matched} of {found.match.completed} completed outputs match.</p>{table}"
        f"<h2>The audit</h2><p>{escape(found.audit.line)}</p><ul>{findings}</ul>"
        f"<p>Made at {escape(str(found.data()['at']))}, as of position {found.audit.size}."
        ' As <a href="/v1/assurance">JSON</a>.</p>',
    )


@router.get("/metrics", include_in_schema=False)
def get_metrics(door: Door) -> Response:
    """Return what a monitoring system watches, in Prometheus's text format 0.0.4."""
    lines = list(_lines(_numbers(door)))
    return Response(
        "\n".join(lines) + "\n",
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )


def _numbers(door: Door) -> dict[str, Number]:
    instance = door.instance
    head = instance.feed.visible_head()
    found: dict[str, Number] = {
        "log_entries": ("counter", "Entries that the register has accepted.", head)
    }
    for row in instance.runner.status():
        lag = max(0, head - row.position)
        found[f'projection_lag_entries{{projection="{row.name}"}}'] = (
            "gauge",
            "How far a projection is behind the log.",
            lag,
        )
    latest = instance.assurer.latest
    if latest is not None:
        found |= {
            "outputs_completed": ("gauge", "Completed outputs.", latest.match.completed),
            "outputs_mismatched": (
                "gauge",
                "Outputs whose references authorized, read back and paid are not one set.",
                len(latest.match.mismatches),
            ),
            "audit_commands_decided": (
                "gauge",
                "Commands that the newest audit decided again.",
                latest.audit.decided,
            ),
            "audit_differ": ("gauge", "Commands that differ.", latest.audit.differ),
            "audit_findings": (
                "gauge",
                "Findings of the newest audit.",
                len(latest.audit.findings),
            ),
            "audit_position": ("gauge", "The size that it has read.", latest.audit.size),
        }
    return found


def _lines(numbers: dict[str, Number]) -> Iterator[str]:
    told: set[str] = set()
    for name, (kind, says, value) in numbers.items():
        family = "linernotes_" + name.partition("{")[0]
        if family not in told:
            told.add(family)
            yield f"# HELP {family} {says}"
            yield f"# TYPE {family} {kind}"
        yield f"linernotes_{name} {value}"
