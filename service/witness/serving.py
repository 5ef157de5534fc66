"""Running a witness: uvicorn over its application, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn

from service.listening import HOST_DEFAULT, bind, url_of
from service.witness.setting import open_witness
from service.witness.web import WitnessApp

PORT_DEFAULT: Final = 8720
"""Where a witness answers, if nobody says otherwise."""

STOP_S: Final = 5
"""How long open requests may take when it is told to stop."""

REQUESTS_MAX: Final = 64
"""Requests at once; beyond them 503. A request waits for one write to disk."""


def serve(
    folder: Path,
    *,
    host: str = HOST_DEFAULT,
    port: int = PORT_DEFAULT,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the witness of a folder until SIGINT or SIGTERM; port 0 takes a free one.

    The address is given to `ready`. Raises `OSError` if the port is taken, `MemoryLostError` if
    the witness has forgotten a log.
    """
    app = WitnessApp(open_witness(folder))
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=REQUESTS_MAX,
        timeout_graceful_shutdown=STOP_S,
    )
    with bind(host, port) as listening:
        if ready is not None:
            ready(url_of(listening))
        uvicorn.Server(config).run(sockets=[listening])
