"""Serving an instance over HTTP: uvicorn, which says where it answers and stops when it is told.

An open stream would keep uvicorn from ever stopping, so it is given two seconds, and before them
the bell tells every stream that it is over. Where the log ended in this process (a commit whose
outcome is not known, say) nothing can be answered any more: the server stops by itself, and the
process ends, so that its manager starts it anew.
"""

from __future__ import annotations

import gc
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

import uvicorn
from anyio._backends._asyncio import WorkerThread

from generation.broker_settings import BrokerSettings
from service.api.app import create_app
from service.api.context import Context
from service.gathering import Gathered
from service.instance import Instance
from service.leaving import Leave, stay
from service.listening import HOST_DEFAULT, bind, url_of
from service.observing.listening import meanwhile
from service.observing.observer import Observing
from service.roles.holding import Holds, Lookout, standing_by
from service.roles.patience import patiently
from service.settings import SettingError, Settings
from service.stopping import heard, stopping
from service.verifying import verified_beside

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
        self.leave: Leave = stay
        """Hears when it begins to stop."""
        self.ends_with_log = False
        """Whether it stops by itself when the log has ended in this process."""

    def stop(self) -> None:
        """Tell it to stop. From any thread."""
        self.leave()
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
        self.leave()
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


@dataclass(frozen=True, slots=True)
class Opened:
    """What is served, and what must go on beside the server, or this process ends."""

    instance: Instance
    parts: Mapping[str, Holds] = field(default_factory=dict)


@contextmanager
def open_to_serve(
    settings: Settings, observing: Observing, stop: threading.Event
) -> Iterator[Opened | None]:
    """Open what is to be served: without a broker everything in this process, else the API alone.

    What is away is waited for. Without a broker a second process on the same server's database
    stands by until the first has ended, or has lost its role. Gives None if told to stop before.
    Raises `SettingError` for a broker without a database that several processes share.
    """
    if settings.broker is not None and settings.database_url is None:
        raise SettingError("with LEDGER_BROKER_URL goes LEDGER_DATABASE_URL: processes share it")
    alone = settings.broker is None
    found = patiently(lambda: Instance(settings, folds=alone, observing=observing), stop, observing)
    if found is None:
        yield None
        return
    with found as instance:
        if settings.broker is not None:
            instance.start_counting()
            _hear(instance, settings.broker)
            yield Opened(instance)
            return
        observing.readiness.need("role", lambda: "another process serves; this one stands by")
        with standing_by(instance.storage, "everything", stop) as is_held:
            if is_held is None:
                yield None
                return
            observing.readiness.forgo("role")
            instance.start_acting()
            instance.start_queue()
            acting = {"the role": is_held, "what must happen by itself": instance.is_acting}
            yield Opened(instance, acting)


def _hear(instance: Instance, chosen: BrokerSettings) -> None:
    # Here, because the embedded engine has no client of a broker.
    from generation.broker import Broker  # noqa: PLC0415 - see the line above
    from service.transport.watching import ProgressWatch  # noqa: PLC0415 - likewise

    instance.hear(ProgressWatch(Broker(chosen), topics=chosen.topics))


def serve_ledger(
    settings: Settings,
    host: str,
    port: int,
    *,
    observing: Observing,
    ready: Callable[[str], None],
    leave: Leave = stay,
    **how: Any,
) -> None:
    """Open what is to be served and serve it, until SIGINT or SIGTERM; see `serve`.

    With a log on a server the address is taken first: while this process waits for what it needs,
    or stands by, `/health` and `/ready` are answered there.
    """
    with ExitStack() as stack:
        if settings.database_url is None:
            opened = stack.enter_context(open_to_serve(settings, observing, threading.Event()))
            listening = stack.enter_context(bind(host, port))
        else:
            listening = stack.enter_context(bind(host, port))
            observing.readiness.need("door", lambda: "it takes no requests yet")
            with stopping(leave) as stop, meanwhile(listening.dup(), observing, role="api"):
                opened = stack.enter_context(open_to_serve(settings, observing, stop))
            if stop.is_set():  # also where it was told when all was open
                return
            observing.readiness.forgo("door")
        if opened is not None:
            _serve(opened, listening, ready, leave, **how)


def serve(
    instance: Instance,
    host: str = HOST_DEFAULT,
    port: int = PORT_DEFAULT,
    *,
    ready: Callable[[str], None],
    **how: Any,
) -> None:
    """Serve an open instance until SIGINT or SIGTERM; returns when it has stopped.

    The address is written into the process lock, so that a command line on this machine finds it,
    and given to `ready`. Raises `OSError` if the port is taken, the `Fatal` that ended the log if
    one did, and `RoleEndedError` where this process has lost what it must have.
    """
    with bind(host, port) as listening:
        _serve(Opened(instance), listening, ready, stay, **how)


def _serve(
    opened: Opened,
    listening: socket.socket,
    ready: Callable[[str], None],
    leave: Leave,
    **how: Any,
) -> None:
    pace()
    instance = opened.instance
    server = make_server(instance, **how)
    server.ends_with_log, server.leave = True, leave
    wanted = instance.settings.verifies_beside
    with (
        heard(server.handle_exit),  # also before it runs and hears them by itself
        verified_beside(instance.application.decider, instance.observing, wanted=wanted),
        Lookout(opened.parts, server.stop),
    ):
        url = url_of(listening)
        instance.storage.lock.announce(url)
        ready(url)
        try:
            server.run(sockets=[listening])
        finally:
            leave()  # also where it was not told to
            dismiss_workers()
        instance.storage.writer.check_alive()


def dismiss_workers() -> None:
    """Let the threads end in which requests of an event loop that is closed have run.

    The library ends them with the loop's main task. A request that is canceled just then can leave
    some behind, which wait for more, and the process would wait for them, for ever.
    """
    for thread in threading.enumerate():
        if isinstance(thread, WorkerThread) and thread.loop.is_closed():
            with suppress(queue.Full):  # it has been told
                thread.queue.put_nowait(None)
