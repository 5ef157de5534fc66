"""The assurance report for auditors and for monitoring: a page, and JSON."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from service.api.context import Door
from service.api.described import operation
from service.api.pages import page
from service.api.problems import DoorError
from service.api.shapes_evidence import AssuranceReport

router: Final = APIRouter()


def _latest(door: Door) -> dict[str, Any]:
    found = door.instance.assurance()
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
    return JSONResponse(_latest(door), headers={"Cache-Control": "no-cache"})


@router.get("/assurance", include_in_schema=False)
def get_assurance_page(door: Door) -> Response:
    """Show the newest report as a page."""
    found = _latest(door)
    match, audit = found["match"], found["audit"]
    rows = "".join(
        f"<tr><td>{row['position']}</td><td>{escape(row['output'])}</td>"
        f"<td>{escape(row['message'])}</td></tr>"
        for row in match["mismatches"]
    )
    table = f"<table><tr><th>position<th>output<th>what differs</tr>{rows}</table>" if rows else ""
    findings = "".join(
        f"<li>position {row['position']}, {escape(row['step'])}: {escape(row['message'])}</li>"
        for row in audit["findings"][:100]
    )
    verdict = "Everything matches." if found["sound"] else "Something does not match."
    return page(
        "Assurance",
        f'<p class="m">{verdict}</p><h2>References authorized, read back, paid</h2>'
        f"<p>{match['matched']} of {match['completed']} completed outputs match.</p>{table}"
        f"<h2>The audit</h2><p>{escape(audit['line'])}</p><ul>{findings}</ul>"
        f"<p>Made at {escape(found['at'])}, as of position {audit['size']}."
        ' As <a href="/v1/assurance">JSON</a>.</p>',
    )
