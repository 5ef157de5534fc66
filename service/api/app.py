"""The application: one instance behind one door."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Final

from fastapi import Depends, FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api import (
    artifacts,
    assurance,
    catalog,
    completeness,
    document,
    events,
    generations,
    health,
    inspections,
    log,
    money,
    notes,
    problems,
    quotes,
    rights,
    tokens,
    uses,
    witnessed,
    writing,
)
from service.api.bell import Bell
from service.api.context import Context
from service.api.described import operation
from service.api.gate import Gate
from service.api.limits import Limiter, Limits
from service.api.pages import reference_page
from service.api.parameters import only_known
from service.identity import Tokens
from service.instance import Instance
from service.observing.asgi import Observed, Routed
from service.observing.asking import Asking

ROUTED: Final = (
    writing,
    quotes,
    generations,
    artifacts,
    uses,
    rights,
    catalog,
    money,
    inspections,
    notes,
    events,
    completeness,
    log,
    witnessed,
    tokens,
    assurance,
    health,
)
"""The modules of routes, in the order in which the reference lists them."""


class _Door(FastAPI):
    """The framework behind our own layers alone.

    Of its own it has more around them: for errors that nobody handles, which the gate answers, and
    for traces and limits of bodies, which are switched off here. Each request would pay for them.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Return what was added, around what translates errors, around the routes."""
        app: ASGIApp = ExceptionMiddleware(
            AsyncExitStackMiddleware(self.router), handlers=self.exception_handlers
        )
        for layer, positional, named in reversed(self.user_middleware):
            app = layer(app, *positional, **named)
        return app


def create_app(
    instance: Instance,
    *,
    known: Tokens | None = None,
    limits: Limits | None = None,
    public_bundles: bool = False,
) -> FastAPI:
    """Return the HTTP application over an open instance.

    `known` tokens are those of the instance's folder, unless others are given. `public_bundles`
    hands entry bundles to everybody and not only to enrolled parties; never to a chosen few.
    """
    context = Context(
        instance=instance,
        tokens=known or Tokens(instance.settings.tokens, clock=instance.clock),
        bell=Bell(instance.storage.visible),
        limits=limits or Limits(),
        projections=Asking("projections", instance.runner.status),
        public_bundles=public_bundles,
    )
    app = _Door(
        title=document.TITLE,
        version=version("linernotes"),
        docs_url=None,  # the framework's own page loads its script from elsewhere
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        dependencies=[Depends(only_known)],
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.context = context
    app.state.in_flight = writing.InFlight()
    app.state.streams = {}
    app.state.inspecting = asyncio.Semaphore(inspections.AT_ONCE)
    # From the inside out.
    app.add_middleware(Routed)
    app.add_middleware(writing.HotDoor)
    app.add_middleware(Gate, context=context, limiter=Limiter(context.limits))
    app.add_middleware(Observed, observing=instance.observing)
    problems.install(app)
    for module in ROUTED:
        app.include_router(module.router)
    _add_reference(app)
    document.install(app)
    return app


def _add_reference(app: FastAPI) -> None:
    @app.get(
        "/reference",
        **operation("get_reference", "everybody", "This API, to read", media_type="text/html"),
    )
    def get_reference() -> Response:
        """Return the reference, rendered from the OpenAPI document."""
        return reference_page(app.openapi())
