"""Problems: every answer that is not the one hoped for, as `application/problem+json` (RFC 9457).

What is raised below arrives here once and is translated once. The three ends of the house keep
their meaning: refused or malformed (4xx: change the request), retry (409, 412, 503: ask again),
fatal (503 from then on: this process must stop).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from generation.artifacts import ArtifactError, ArtifactsUnavailableError
from generation.audio import AudioError
from ledger.evidence.errors import EvidenceError
from ledger.storage.errors import Damaged, Fatal, StorageFull
from projections.errors import Behind, Busy, HistoryUnavailable
from schemas.refusals import Conflict, Malformed
from service.api.problem_list import AUDIO, PROBLEMS
from service.identity import TokenError

log: Final = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
"""Problem details (RFC 9457)."""

RETRY_AFTER_S: Final = "1"
"""What is busy has a queue of half a second (contracts, section 2)."""

CHALLENGE: Final = 'Bearer realm="linernotes"'
"""How to authenticate (RFC 6750, section 3)."""


class DoorError(Exception):
    """The door itself says no. `code` is from `PROBLEMS`; `more` are extension members."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        pointer: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or PROBLEMS[code].title)
        self.code = code
        self.detail = detail or PROBLEMS[code].title
        self.pointer = pointer
        self.headers = dict(headers or {})
        self.more = dict(more or {})


def problem(
    request_id: str,
    code: str,
    detail: str,
    *,
    instance: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """Return the response for one problem. `instance` is the path of the request."""
    kind = PROBLEMS[code]
    content: dict[str, Any] = {
        "type": kind.url,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": instance,
        "code": code,
        "request_id": request_id,
        **(more or {}),
    }
    if errors:
        content["errors"] = list(errors)
    found = dict(headers or {})
    if kind.status == HTTPStatus.UNAUTHORIZED:
        told = CHALLENGE + (', error="invalid_token"' if code == "token_invalid" else "")
        found.setdefault("WWW-Authenticate", told)
    if code in {"artifact_unavailable", "busy", "behind", "request_in_flight"}:
        found.setdefault("Retry-After", RETRY_AFTER_S)
    found.setdefault("Cache-Control", "no-store")
    return JSONResponse(content, kind.status, found, media_type=MEDIA_TYPE)


def _respond(request: Request, code: str, detail: str, **how: Any) -> Response:
    request_id = str(request.scope.get("linernotes.request_id", ""))
    return problem(request_id, code, detail, instance=request.url.path, **how)


def _error(code: str, pointer: str, message: str) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "message": message}


def _door(request: Request, error: DoorError) -> Response:
    errors = [_error(error.code, error.pointer, error.detail)] if error.pointer else []
    return _respond(
        request, error.code, error.detail, errors=errors, headers=error.headers, more=error.more
    )


def _malformed(request: Request, error: Malformed) -> Response:
    errors = [_error(error.code, error.pointer, error.message)]
    return _respond(request, error.code, error.message, errors=errors)


def _conflict(request: Request, error: Conflict) -> Response:
    if error.code == "busy":
        # The database's own words may name its address and its tables: they are for the log alone.
        log.warning("%s", error)
        code = "storage_full" if isinstance(error, StorageFull) else "busy"
        return _respond(request, code, PROBLEMS[code].title)
    if error.code == "scope_moved" and "if-match" in request.headers:
        return _respond(request, "scope_stale", error.message)
    return _respond(request, error.code, error.message)


def _late(request: Request, error: TimeoutError) -> Response:
    # The batch is stuck behind a disk: whether it was appended shows when the same is asked again.
    log.error("an answer did not come in time: %s", error)
    return _respond(request, "busy", PROBLEMS["busy"].title)


def _behind(request: Request, error: Behind) -> Response:
    return _respond(request, "behind", str(error), more={"position": error.reached})


def _busy(request: Request, error: Busy) -> Response:
    log.warning("the tables could not be read: %s", error)
    return _respond(request, "busy", PROBLEMS["busy"].title)


def _history(request: Request, error: HistoryUnavailable) -> Response:
    more = {"retained_from": error.retained_from}
    return _respond(request, "history_unavailable", str(error), more=more)


def _damaged(request: Request, error: Damaged) -> Response:
    # Nothing has ended: what was asked for cannot be read, and the next question may be answered.
    log.critical("what is stored does not say what it must say: %s", error)
    detail = "What is stored here is damaged. Whoever runs this ledger finds where by an audit."
    return _respond(request, "internal_error", detail)


def _fatal(request: Request, error: Fatal) -> Response:
    # The log's own end has closed the bell already: every later request is answered `not_ready`.
    log.critical("the ledger ended: %s", error)
    return _respond(request, "not_ready", PROBLEMS["not_ready"].title)


def _token(request: Request, error: TokenError) -> Response:
    return _respond(request, "token_invalid", str(error))


def _audio(request: Request, error: AudioError) -> Response:
    log.info("audio was not taken: %s", error)
    message = AUDIO[error.code]
    errors = [_error(error.code, "", message)]
    return _respond(request, "audio_unusable", message, errors=errors)


def _artifact(request: Request, error: ArtifactError) -> Response:
    if error.code == "artifact_corrupt":
        log.error("%s", error)
        return _respond(request, "internal_error", PROBLEMS["internal_error"].title)
    return _respond(request, "not_found", error.message)


def _artifact_later(request: Request, error: ArtifactsUnavailableError) -> Response:
    # The store's own words may name its address: they are for the log alone.
    log.warning("%s", error)
    return _respond(request, error.code, PROBLEMS[error.code].title)


def _evidence(request: Request, error: EvidenceError) -> Response:
    return _respond(request, "not_found", str(error))


def _http(request: Request, error: HTTPException) -> Response:
    codes = {
        HTTPStatus.BAD_REQUEST: "request_invalid",
        HTTPStatus.NOT_FOUND: "not_found",
        HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "content_too_large",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "media_type_unsupported",
    }
    code = codes.get(HTTPStatus(error.status_code), "internal_error")
    return _respond(request, code, PROBLEMS[code].title, headers=error.headers)


def _validation(request: Request, error: RequestValidationError) -> Response:
    """Translate what the framework refused: parameters, and nothing else, are read by it."""
    rows = [
        _error("request_invalid", "/".join(("", *map(str, found["loc"]))), found["msg"])
        for found in error.errors()
    ]
    return _respond(request, "request_invalid", rows[0]["message"], errors=rows)


_HANDLERS: Final[Mapping[type[Exception], Any]] = {
    DoorError: _door,
    Malformed: _malformed,
    Conflict: _conflict,
    Damaged: _damaged,
    Fatal: _fatal,
    TimeoutError: _late,
    Behind: _behind,
    Busy: _busy,
    HistoryUnavailable: _history,
    TokenError: _token,
    AudioError: _audio,
    ArtifactError: _artifact,
    ArtifactsUnavailableError: _artifact_later,
    EvidenceError: _evidence,
    HTTPException: _http,
    RequestValidationError: _validation,
}


def problem_of(request: Request, error: Exception) -> Response | None:
    """Return the problem that an error is, or None for one that nobody expected."""
    for kind in type(error).__mro__:
        if kind in _HANDLERS:
            found: Response = _HANDLERS[kind](request, error)
            return found
    return None


def install(app: FastAPI) -> None:
    """Make every end of a request a problem; what nobody expected is left to the gate."""
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
