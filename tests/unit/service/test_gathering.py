"""What leaves is byte for byte what uvicorn would have sent, in one write where it is whole."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.gathering import Gathered
from tests.support.wire import GET, POST, Kept, Row, echo, end_of, part, saying, spoken, start

TYPE: Final[Row] = (b"content-type", b"text/plain")
TWO: Final[Row] = (b"content-length", b"2")


ANSWERS: Final = {
    "whole": (start(TYPE, TWO), part()),
    "whole, of a view": (start(TYPE, TWO), part(memoryview(b"ok"))),
    "empty": (start((b"content-length", b"0")), part(b"")),
    "without a body member": (
        start((b"content-length", b"0"), status=404),
        {"type": "http.response.body"},
    ),
    "in two parts": (start(TYPE, TWO), part(b"o", more=True), part(b"k")),
    "all of it, and then nothing": (start(TYPE, TWO), part(more=True), part(b"")),
    "a stream": (start(TYPE), part(b"o", more=True), part(b"k")),
    "a stream of nothing": (start(TYPE), part(b"")),
    "not modified": (start((b"etag", b'"1"'), status=304), part(b"")),
    "no content": (start(status=204), part(b"")),
    "a status of nobody's": (start(TWO, status=599), part()),
    "it closes": (start(TWO, (b"connection", b"close")), part()),
    "chunked, it says": (start((b"transfer-encoding", b"chunked")), part()),
    "both": (start(TWO, (b"transfer-encoding", b"chunked")), part()),
    "a length twice": (start(TWO, (b"content-length", b"3")), part()),
    "a length with a zero": (start((b"content-length", b"02")), part()),
    "capitals": (start((b"Content-Length", b"2"), (b"X-Y", b"z")), part()),
    "capitals beside": (start(TWO, (b"X-Y", b"z")), part()),
    "a name of signs": (start(TWO, (b"x_y!", b"z")), part()),
    "a value in Latin-1": (start(TWO, (b"x", b"\xe9\t\xff")), part()),
    "an empty value": (start(TWO, (b"x", b"")), part()),
    "one name many times": (start(TWO, (b"vary", b"a"), (b"vary", b"b")), part()),
    "a value with a line": (start(TWO, (b"x", b"a\r\nset-cookie: b")), part()),
    "a value with a return": (start(TWO, (b"x", b"a\rb")), part()),
    "a value with U+0000": (start(TWO, (b"x", b"a\0b")), part()),
    "a name with a line": (start(TWO, (b"x\r\ny", b"a")), part()),
    "a name with a colon": (start(TWO, (b"x:y", b"a")), part()),
    "nothing at all": (),
    "two heads and no length": (start(TYPE), start(TYPE)),
    "a body first": (part(),),
    "too much after the end": (start(TWO), part(), part()),
    "another after the end": (start(TWO), part(), start(TWO), part()),
}


@pytest.mark.parametrize("asked", [GET, GET.replace(b"GET", b"HEAD")], ids=["get", "head"])
@pytest.mark.parametrize(
    "how", [b"HTTP/1.1\r\n", b"HTTP/1.1\r\nconnection: close\r\n", b"HTTP/1.0\r\n"]
)
@pytest.mark.parametrize("name", ANSWERS)
def test_what_leaves_is_what_uvicorn_would_send(name: str, how: bytes, asked: bytes) -> None:
    app, said = saying(*ANSWERS[name]), asked.replace(b"HTTP/1.1\r\n", how)
    for ahead in (1, 2):
        ours = asyncio.run(spoken(Gathered, app, said * ahead))
        theirs = asyncio.run(spoken(HttpToolsProtocol, app, said * ahead))
        assert ours.seen() == theirs.seen()


def test_what_is_whole_leaves_in_one_write() -> None:
    app = saying(*ANSWERS["whole"])
    ours = asyncio.run(spoken(Gathered, app, GET + GET))
    theirs = asyncio.run(spoken(HttpToolsProtocol, app, GET + GET))
    assert (len(ours.writes), len(theirs.writes)) == (2, 4)


BREAKING: Final = {
    "too long": (start(TWO), part(b"long")),
    "too short": (start(TWO), part(b"s")),
    "a length that is none": (start((b"content-length", b"two")), part()),
    "two heads": (start(TWO), start(TWO)),
    "two heads of nothing": (start((b"content-length", b"0")), start(TWO)),
    "a head alone": (start(TWO),),
}


@pytest.mark.parametrize("name", BREAKING)
def test_an_answer_that_is_wrong_breaks_the_connection_and_is_never_whole(name: str) -> None:
    app = saying(*BREAKING[name])
    ours = asyncio.run(spoken(Gathered, app, GET))
    theirs = asyncio.run(spoken(HttpToolsProtocol, app, GET))
    assert ours.is_closed
    assert theirs.is_closed
    # A head without its body stays here; else it is what uvicorn says.
    assert b"".join(ours.writes) in {b"".join(theirs.writes), b""}


def test_who_fails_after_the_head_breaks_the_connection() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(TWO))
        raise ZeroDivisionError

    kept = asyncio.run(spoken(Gathered, app, GET))
    assert (kept.writes, kept.is_closed) == ([], True)


SAID: Final = {
    "one after the other": (POST, GET, POST),
    "sent ahead": (POST + GET + POST + GET,),
    "byte by byte": tuple(bytes([byte]) for byte in POST + GET),
    "cut in the next": (POST + POST[:30], POST[30:]),
    "expecting to be told": (
        POST.replace(b"\r\n\r\nbody", b"\r\nexpect: 100-continue\r\n\r\n"),
        b"body",
    ),
    "chunked": (
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ),
    "the last of them": (POST + GET.replace(b"host", b"connection: close\r\nhost") + GET,),
    "not HTTP": (b"\x16\x03\x01 what is this\r\n\r\n",),
    "not HTTP after all": (POST, b"]]]\r\n\r\n"),
    "a length that is none": (POST.replace(b"4", b"four"),),
    "both lengths": (POST.replace(b"host: x", b"transfer-encoding: chunked"),),
    "an upgrade": (GET.replace(b"host: x", b"connection: upgrade\r\nupgrade: websocket"),),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_is_heard_as_uvicorn_hears_it(name: str) -> None:
    ours = asyncio.run(spoken(Gathered, echo, *SAID[name]))
    theirs = asyncio.run(spoken(HttpToolsProtocol, echo, *SAID[name]))
    assert ours.seen() == theirs.seen()


def test_who_goes_away_in_the_middle_is_told_of_and_gets_nothing() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] == "http.request":
            seen.append("part")
        seen.append(message["type"])
        await send(start(TWO))
        await send(part())

    async def main() -> list[bytes]:
        protocol, transport = end_of(Gathered, app)
        protocol.data_received(POST[:-2])
        await asyncio.sleep(0)
        protocol.connection_lost(None)
        await asyncio.wait(protocol.tasks)
        return transport.writes

    assert asyncio.run(main()) == []
    assert seen == ["part", "http.disconnect"]


async def late(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer before what was sent is heard, and listen on until that is over."""
    await send(start(TWO))
    await receive()
    await send(part())
    while (await receive())["type"] != "http.disconnect":
        pass


def test_who_is_answered_already_is_not_told_to_go_on() -> None:
    said = SAID["expecting to be told"]
    ours = asyncio.run(spoken(Gathered, late, *said))
    theirs = asyncio.run(spoken(HttpToolsProtocol, late, *said))
    assert ours.seen() == theirs.seen()
    assert b"100 Continue" not in b"".join(ours.writes)


def test_where_a_line_is_wanted_for_each_answer_there_is_one() -> None:
    lines: list[str] = []
    logger = logging.Logger("lines")  # noqa: LOG001 - its own, which nobody else sets up

    def taken(record: logging.LogRecord) -> bool:
        lines.append(record.getMessage())
        return False

    logger.addFilter(taken)

    async def main() -> None:
        protocol, _ = end_of(Gathered, echo)
        protocol.access_log, protocol.access_logger = True, logger
        protocol.data_received(GET)
        await asyncio.wait(protocol.tasks)

    asyncio.run(main())
    assert lines == [' - "GET / HTTP/1.1" 200']


def test_who_reads_slowly_is_waited_for() -> None:
    async def main() -> tuple[int, bytes]:
        protocol, transport = end_of(Gathered, echo)
        protocol.pause_writing()
        protocol.data_received(GET)
        for _ in range(5):
            await asyncio.sleep(0)
        before = len(transport.writes)
        protocol.resume_writing()
        await asyncio.wait(protocol.tasks)
        return before, b"".join(transport.writes)

    before, after = asyncio.run(main())
    assert before == 0
    assert after.endswith(b"\r\n\r\nGET / ")


def test_a_server_that_stops_says_so_with_the_answer_under_way() -> None:
    async def main() -> Kept:
        protocol, transport = end_of(Gathered, echo)
        protocol.data_received(GET)
        protocol.shutdown()
        await asyncio.wait(protocol.tasks)
        return transport

    kept = asyncio.run(main())
    assert b"\r\nconnection: close\r\n\r\n" in kept.writes[0]
    assert kept.is_closed
