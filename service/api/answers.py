"""What a command is answered with over HTTP: entries and proofs, or the verdict that says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from msgspec import Raw
from starlette.responses import Response

from ledger.answer import REFUSED, Answer, AnsweredEntry
from schemas.refusals import EXPLAIN
from service.api.bodies import answer as json_answer
from service.api.problem_list import REFUSED as REFUSED_PROBLEM
from service.api.problems import problem
from service.identity import Identity

STARTED: Final = "GenerationAuthorized"
"""The event after which work goes on: answered with 202 and where to look."""


def respond(request: Request, answer: Answer, who: Identity | None) -> Response:
    """Return the response to a command: 201, 202 for a generation, 403 with verdict if refused.

    A replay has the status and body of the first answer; only a header tells.
    """
    headers = {"Ledger-Position": str(answer.head)}
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    refusal = next((entry for entry in answer.entries if entry.type in REFUSED), None)
    if refusal is not None:
        return _refused(request, answer, refusal, who, headers)
    started = next((entry for entry in answer.entries if entry.type == STARTED), None)
    if started is not None:
        headers["Location"] = f"/v1/generations/{started.data['generation']}"
        return json_answer(content(answer), status=202, headers=headers)
    headers["Location"] = f"/v1/events/{answer.entries[0].position}"
    return json_answer(content(answer), status=201, headers=headers)


def content(answer: Answer) -> dict[str, Any]:
    """Return the body of an answer that is no refusal."""
    return {
        "command": answer.command,
        "entries": [{**_entry(entry), "data": Raw(entry.said)} for entry in answer.entries],
        "checkpoint": answer.checkpoint,
        "head": answer.head,
    }


def _entry(entry: AnsweredEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "type": entry.type,
        "position": entry.position,
        "recorded_at": entry.recorded_at,
        "proof": entry.proof,
    }


def _refused(
    request: Request,
    answer: Answer,
    refusal: AnsweredEntry,
    who: Identity | None,
    headers: Mapping[str, str],
) -> Response:
    verdict = verdict_of(refusal.data["reasons"], who)
    return problem(
        str(request.scope.get("linernotes.request_id", "")),
        REFUSED_PROBLEM,
        verdict["message"],
        instance=request.url.path,
        headers=headers,
        more={
            "verdict": verdict,
            "alternatives": refusal.data["alternatives"],
            "event": _entry(refusal),
            "command": answer.command,
            "repeated": answer.repeated,
        },
    )


def verdict_of(reasons: list[dict[str, Any]], who: Identity | None) -> dict[str, Any]:
    """Return the reasons as this reader may see them.

    The answer to a creator does not name who refused; a holder sees its own, an auditor all
    (contracts, section 5). The log does not hide it from those who may read it.
    """
    code = reasons[0]["code"]
    return {
        "cleared": False,
        "code": code,
        "message": EXPLAIN[code],
        "reasons": [reason_for(reason, who) for reason in reasons],
    }


def reason_for(reason: Mapping[str, Any], who: Identity | None) -> dict[str, Any]:
    """Return one reason as this reader may see it, with its sentence."""
    shown = dict(reason)
    if not (who and (who.has("auditor") or who.party == reason.get("party"))):
        shown.pop("party", None)
        shown.pop("consent", None)
    shown["detail"] = reason.get("message", "")
    shown["message"] = EXPLAIN[reason["code"]]
    return shown
