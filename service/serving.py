"""Serving an instance over HTTP: uvicorn, which says where it answers and stops when it is told.

An open stream would keep uvicorn from ever stopping, so it is given two seconds, and before them
the bell tells every stream that it is over.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import uvicorn

from service.api.app import create_app
from service.api.context import Context
from service.instance import Instance
from service.listening import HOST_DEFAULT, bind, url_of

__all__ = ["HOST_DEFAULT", "PORT_DEFAULT", "Server", "bind", "make_server", "serve", "url_of"]

STOP_S: Final = 2
"""How long open requests may take when the server is told to stop."""

PORT_DEFAULT: Final = 8710
"""Where the service answers, if nobody says otherwise."""


class Server(uvicorn.Server):
    """A server that closes the door's bell before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, context: Context) -> None:
        super().__init__(config)
        self._context = context

    def stop(self) -> None:
        """Tell it to stop. From any thread."""
        self._context.bell.close()
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop on SIGINT and SIGTERM; a second SIGINT does not wait.

        Not the parent's way, which raises the signal again when it has stopped: the instance must
        be closed after the server.
        """
        del frame
        self._context.bell.close()
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


def make_server(instance: Instance, **how: Any) -> Server:
    """Return a server over an open instance; keyword arguments are those of `create_app`."""
    app = create_app(instance, **how)
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=STOP_S,
        proxy_headers=False,
    )
    return Server(config, app.state.context)


def serve(
    instance: Instance,
    host: str = HOST_DEFAULT,
    port: int = PORT_DEFAULT,
    *,
    ready: Callable[[str], None] | None = None,
    **how: Any,
) -> None:
    """Serve an open instance until SIGINT or SIGTERM; returns when it has stopped.

    The address is written into the process lock, so that a command line on this machine finds it,
    and given to `ready`. Raises `OSError` if the port is taken.
    """
    server = make_server(instance, **how)
    with bind(host, port) as listening:
        url = url_of(listening)
        instance.storage.lock.announce(url)
        if ready is not None:
            ready(url)
        server.run(sockets=[listening])
