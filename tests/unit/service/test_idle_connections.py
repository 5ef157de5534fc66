"""A connection is closed when it has been idle for long, by one timer that looks again."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import Receive, Scope, Send

from service.gathering import Gathered
from tests.support.wire import GET, LoopOfHands, echo, end_of

IDLE_S: Final = 5.0
"""How long a connection may be idle: uvicorn's own measure."""


def test_a_connection_is_closed_when_it_was_idle_for_long_and_not_before() -> None:
    async def main() -> None:
        loop = LoopOfHands()
        protocol, transport = end_of(Gathered, echo, loop)
        for _ in range(3):
            protocol.data_received(GET)
            await asyncio.wait(protocol.tasks)
            loop.go(IDLE_S - 1)
        assert len(transport.writes) == 3
        assert len(loop.timers) == 1
        assert not transport.is_closed, "it has been idle for less since the last"
        loop.go(1.5)
        assert transport.is_closed

    asyncio.run(main())


def test_a_connection_is_not_closed_while_something_is_asked_or_half_asked() -> None:
    async def main() -> None:
        loop, going = LoopOfHands(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await going.wait()
            await echo(scope, receive, send)

        protocol, transport = end_of(Gathered, app, loop)
        going.set()
        protocol.data_received(GET)
        await asyncio.wait(protocol.tasks)
        going.clear()
        loop.go(1)
        protocol.data_received(GET[:10])
        loop.go(3 * IDLE_S)
        assert not transport.is_closed
        protocol.data_received(GET[10:])
        loop.go(3 * IDLE_S)
        assert not transport.is_closed
        going.set()
        await asyncio.wait(protocol.tasks)
        assert len(transport.writes) == 2
        loop.go(IDLE_S + 1)
        assert transport.is_closed

    asyncio.run(main())


def test_a_connection_that_is_lost_leaves_no_timer() -> None:
    async def main() -> None:
        loop = LoopOfHands()
        protocol, _ = end_of(Gathered, echo, loop)
        protocol.data_received(GET)
        await asyncio.wait(protocol.tasks)
        assert loop.timers
        protocol.connection_lost(ConnectionResetError())
        assert not loop.timers

    asyncio.run(main())
