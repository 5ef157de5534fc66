"""The one write door: statements that are their own authentication, and typed commands by token.

`POST /v1/statements` takes what an enrolled key signed; `POST /v1/commands/{Command}` takes JSON
and a token, and the ledger's intake key attests it (contracts, sections 1 and 10). Both end in the
same `handle_async`: no request holds a thread while the disk syncs. The first is asked so often
that `HotDoor` answers it before the framework looks at it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas import canonical
from schemas.commitments import Opening
from schemas.ids import check_id
from schemas.model import Wire
from service.api import attesting, described
from service.api.admission import admit
from service.api.answers import respond
from service.api.bodies import COSE, JSON, JsonBody, media_type, read_json, whole_body
from service.api.context import Known, context, identity, optional_identity
from service.api.offered import MANDATED, Offer, offer, offers
from service.api.preconditions import after_of, asks_after
from service.api.problems import DoorError, problem_of
from service.observing.asgi import went
from service.speaking import Attested

router: Final = APIRouter(prefix="/v1")

OPENINGS_MAX: Final = 200
"""Openings beside one statement: as many as a command may have rows."""

IDEMPOTENCY: Final = "Makes the command idempotent: the same key gets the same answer. Required."
MANDATE: Final = "The mandate under which you act for another party, where that is possible."
"""What the reference says of the two parameters that every command has."""


class _GivenOpening(Wire):
    """An opening as it is sent beside a statement: its salt in base64url."""

    pointer: str
    salt: str
    value: Any


class InFlight:
    """Commands that are being answered right now: the second of two at once is told to wait."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def alone(self, command_id: str) -> Iterator[None]:
        """Hold a command id; `request_in_flight` if somebody has it."""
        with self._lock:
            if command_id in self._ids:
                raise DoorError("request_in_flight")
            self._ids.add(command_id)
        try:
            yield
        finally:
            with self._lock:
                self._ids.discard(command_id)


@router.post("/statements", **described.SUBMIT_STATEMENT)
async def submit_statement(request: Request) -> Response:
    """Hand in a signed statement: raw COSE, or JSON with the openings that go beside it.

    An enrolled key's signature is the authentication; no token is needed. A key that proposes
    itself comes with a token of its party, or of a registrar.
    """
    kind, raw, who = media_type(request), await whole_body(request), optional_identity(request)
    openings: list[Opening] = []
    if kind == JSON:
        raw, openings = _beside(read_json(raw))
    elif kind != COSE:
        raise DoorError("media_type_unsupported", f"a body of {COSE} or {JSON} is due")
    admit(raw, who)
    answer = await context(request).instance.application.handle_async(raw, openings)
    return respond(request, answer, who)


class HotDoor:
    """Answers `POST /v1/statements` without the framework's routes; the rest goes on to them.

    The same function answers as behind the route, which is there to be described.
    """

    PATH: Final = f"{router.prefix}/statements"

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a statement, or pass on: also one with parameters, of which it takes none."""
        if (
            scope["type"] != "http"
            or scope["path"] != self.PATH
            or scope["method"] != "POST"
            or scope["query_string"]
        ):
            await self._app(scope, receive, send)
            return
        went(scope, self.PATH)
        request = Request(scope, receive)
        try:
            response = await submit_statement(request)
        except Exception as error:
            found = problem_of(request, error)
            if found is None:
                raise
            response = found
        await response(scope, receive, send)


def _beside(body: Any) -> tuple[bytes, list[Opening]]:
    """Read `{"statement", "openings"}`."""
    if not isinstance(body, dict) or not set(body) <= {"statement", "openings"}:
        raise DoorError("json_invalid", "an object with statement and openings is due")
    statement, rows = body.get("statement"), body.get("openings", [])
    if not isinstance(statement, str) or not isinstance(rows, list) or len(rows) > OPENINGS_MAX:
        raise DoorError("json_invalid", "statement is base64url, openings a list")
    given = [_GivenOpening.read(row) for row in rows]
    openings = [Opening(row.pointer, canonical.unb64u(row.salt), row.value) for row in given]
    return canonical.unb64u(statement), openings


async def _say(
    request: Request,
    body: dict[str, Any],
    found: Offer,
    *,
    field: str | None,
    mandate: str | None,
) -> Response:
    door, who = context(request), identity(request)
    key = attesting.idempotency_key(field)
    if mandate is not None:
        if found.command not in MANDATED:
            raise DoorError("request_invalid", f"{found.name} is not said by mandate")
        check_id(mandate, "mnd")
    said = attesting.draft(who, found, body, key)
    with request.app.state.in_flight.alone(said.command_id):
        after = None
        if asks_after(request, said):
            after = await run_in_threadpool(after_of, request, door.instance, said)
        answer = await door.instance.attest(
            said.command,
            who.party,
            Attested(method="token", evidence=who.evidence, roles=who.attested_roles),
            command_id=said.command_id,
            openings=said.openings,
            after=after,
            mandate=mandate,
        )
    return respond(request, answer, who)


def _add(found: Offer) -> None:
    """Add the route of one command."""

    async def say_command(
        *,
        request: Request,
        body: JsonBody,
        idempotency_key: Annotated[str | None, Header(description=IDEMPOTENCY)] = None,
        mandate: Annotated[str | None, Query(description=MANDATE)] = None,
    ) -> Response:
        return await _say(request, body, found, field=idempotency_key, mandate=mandate)

    say_command.__doc__ = found.command.__doc__
    # Who has no token is told before the body is read.
    route = router.post(f"/commands/{found.name}", dependencies=[Known], **described.command(found))
    route(say_command)


for _each in offers().values():
    _add(_each)


@router.post("/commands/{name}", include_in_schema=False)
def say_unknown(name: str) -> Response:
    """Say why a command of another name is not taken."""
    offer(name)
    raise DoorError("not_found", f"there is no command {name[:80]}")
