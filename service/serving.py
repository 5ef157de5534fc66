"""Serving an instance over HTTP: uvicorn, which says where it answers and stops when it is told.

An open stream would keep uvicorn from ever stopping, so it is given two seconds, and before them
the bell tells every stream that it is over. Where the log ended in this process (a commit whose
outcome is not known, say) nothing can be answered any more: the server stops by itself, and the
process ends, so that its manager starts it anew.
"""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import Any, Final

import uvicorn

from generation.broker_settings import BrokerSettings
from service.api.app import create_app
from service.api.context import Context
from service.gathering import Gathered
from service.instance import Instance
from service.listening import HOST_DEFAULT, bind, url_of
from service.observing.observer import Observing
from service.settings import SettingError, Settings

__all__ = [
    "HOST_DEFAULT",
    "PORT_DEFAULT",
    "Server",
    "bind",
    "make_server",
    "pace",
    "serve",
    "url_of",
]

STOP_S: Final = 2
"""How long open requests may take when the server is told to stop."""

SWITCH_S: Final = 0.0005
"""How long one thread may keep the interpreter while another wants it: a tenth of Python's own.

The writer comes back from the disk to go on at once; five milliseconds of waiting for whoever
decides meanwhile are more than the disk takes.
"""

COLLECTED: Final = (50_000, 20, 50)
"""How many objects are made before the interpreter looks for cycles among them, and how seldom
it looks at those that it has looked at before.

Statements leave hardly any cycle behind; with Python's own measure a fifth of the time goes into
looking through folded scopes that live on.
"""

PORT_DEFAULT: Final = 8710
"""Where the service answers, if nobody says otherwise."""


def pace() -> None:
    """Set how this process shares the interpreter and its time: for a process that serves."""
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*COLLECTED)


class Server(uvicorn.Server):
    """A server that closes the door's bell before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, context: Context) -> None:
        super().__init__(config)
        self._context = context
        self.ends_with_log = False
        """Whether it stops by itself when the log has ended in this process."""

    def stop(self) -> None:
        """Tell it to stop. From any thread."""
        self._context.bell.close()
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Look whether the log has ended: asked ten times a second."""
        if self.ends_with_log and self._context.bell.has_ended:
            self.stop()
        return await super().on_tick(counter)

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
        http=Gathered,
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


@contextmanager
def open_to_serve(settings: Settings, observing: Observing) -> Iterator[Instance]:
    """Open what is to be served: without a broker everything in this process, else the API alone.

    Without a broker a second process on the same server's database waits here until the first has
    ended. Raises `SettingError` for a broker without a database that several processes share.
    """
    if settings.broker is not None and settings.database_url is None:
        raise SettingError("with LEDGER_BROKER_URL goes LEDGER_DATABASE_URL: processes share it")
    with Instance(settings, folds=settings.broker is None, observing=observing) as instance:
        if settings.broker is not None:
            instance.start_counting()
            _hear(instance, settings.broker)
            yield instance
            return
        with closing(instance.storage.role("everything")) as role:
            role.wait(lambda: False)
            instance.start_acting()
            instance.start_queue()
            yield instance


def _hear(instance: Instance, chosen: BrokerSettings) -> None:
    # Here, because the embedded engine has no client of a broker.
    from generation.broker import Broker  # noqa: PLC0415 - see the line above
    from service.transport.watching import ProgressWatch  # noqa: PLC0415 - likewise

    instance.hear(ProgressWatch(Broker(chosen), topics=chosen.topics))


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
    and given to `ready`. Raises `OSError` if the port is taken, and the `Fatal` that ended the log
    if one did.
    """
    pace()
    server = make_server(instance, **how)
    server.ends_with_log = True
    with bind(host, port) as listening:
        url = url_of(listening)
        instance.storage.lock.announce(url)
        if ready is not None:
            ready(url)
        server.run(sockets=[listening])
        instance.storage.writer.check_alive()
