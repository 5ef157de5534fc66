"""Statements over HTTP against the same in bare frames: run `python -m benchmarks.append_http`.

One process serves both doors of one instance: the HTTP API as `liner serve` has it, and a socket on
which a statement is its length and its bytes, and so is the answer. Another process speaks, over as
many connections, with requests that were made before.
"""

import asyncio
import multiprocessing
import socket
import threading
import time
from collections.abc import Sequence
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.append import HOLDERS, LOAD, hand_in
from benchmarks.append_town import ORIGIN, ROUND, Person, Town, scripts
from benchmarks.measuring import sized, told
from ledger.application import Application
from schemas.commands.log import Policy
from service.api.answers import content
from service.api.limits import Limits
from service.beginning import begin
from service.instance import Instance
from service.listening import bind
from service.serving import make_server, pace
from service.settings import Settings
from service.verifying import verified_beside

CLIENTS = sized(64, tiny=4)
ROUNDS_EACH = 2
TURNS = sized(16, tiny=2)
"""How often each is measured: of five, what else the machine did moved the ratio by a tenth."""

AT_LEAST = 0.85
LENGTH_BYTES = 4
NO_LIMIT = Limits(requests=1_000_000_000)
"""All clients have one address here."""


async def answer_frames(
    application: Application, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer what comes on one connection, one statement after the other."""
    from msgspec.json import encode  # noqa: PLC0415 - in the process that needs it

    while head := await reader.read(LENGTH_BYTES):
        raw = await reader.readexactly(int.from_bytes(head, "big"))
        body = encode(content(await application.handle_async(raw)))
        writer.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
    writer.close()


def serve(folder: Path, orders: Connection) -> None:
    """Found an instance, serve both doors, and hand over who lives there; until told to end."""
    pace()
    settings = Settings(home=folder / "home", register=folder / "register")
    policy = Policy(payout_threshold_minor=1)
    begin(settings, origin=ORIGIN, operator_name="Operator", policy=policy)
    with (
        Instance(settings, folds=False) as instance,
        verified_beside(
            instance.application.decider, instance.observing, wanted=settings.verifies_beside
        ),
    ):
        application, officer = instance.application, instance.operator()
        town = Town(operator=Person(officer.party, officer.key))
        town.found(partial(hand_in, application), HOLDERS)
        server = make_server(instance, limits=NO_LIMIT)

        async def both() -> None:
            answering = partial(answer_frames, application)
            frames = await asyncio.start_server(answering, sock=bind())
            listening = bind()
            ports = [found.getsockname()[1] for found in (listening, frames.sockets[0])]
            orders.send((town, ports))
            async with frames:
                await server.serve(sockets=[listening])

        def end() -> None:
            orders.recv()
            server.stop()

        threading.Thread(target=end, daemon=True).start()
        asyncio.run(both())


def request(raw: bytes) -> bytes:
    """Return a whole HTTP request."""
    return (
        b"POST /v1/statements HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cose\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(raw), raw)
    )


def frame(raw: bytes) -> bytes:
    """Return a whole frame."""
    return len(raw).to_bytes(LENGTH_BYTES, "big") + raw


class Talking(asyncio.Protocol):
    """One connection: says the next when the last was answered."""

    def __init__(self, says: Sequence[bytes], *, is_http: bool) -> None:
        self._left = iter(says)
        self._is_http = is_http
        self._got = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say the first."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say()

    def data_received(self, data: bytes) -> None:
        """Take what comes; say the next when the answer is whole."""
        self._got += data
        need = self._needed()
        if need and len(self._got) >= need:
            self._got = b""
            self._say()

    def _needed(self) -> int:
        if not self._is_http:
            return LENGTH_BYTES + int.from_bytes(self._got[:LENGTH_BYTES], "big")
        head, gap, _ = self._got.partition(b"\r\n\r\n")
        if not gap:
            return 0
        assert head.startswith(b"HTTP/1.1 201 "), head
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return len(head) + len(gap) + int(length)

    def _say(self) -> None:
        following = next(self._left, None)
        if following is None:
            self._transport.close()
            self.done.set_result(None)
        else:
            self._transport.write(following)


async def talked(port: int, says: Sequence[Sequence[bytes]], *, is_http: bool) -> float:
    """Return how long it takes until everybody was answered."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    talks = []
    for each in says:
        make = partial(Talking, each, is_http=is_http)
        _, talk = await loop.create_connection(make, "127.0.0.1", port, family=socket.AF_INET)
        talks.append(talk)
    await asyncio.gather(*(talk.done for talk in talks))
    return time.perf_counter() - began


def main() -> None:
    """Measure both in turns, and print the ratio."""
    context = multiprocessing.get_context("spawn")
    Path("out").mkdir(exist_ok=True)
    with TemporaryDirectory(dir="out") as name:
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(Path(name), theirs))
        process.start()
        town, (http_port, frames_port) = ours.recv()
        took: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(TURNS):
            # Each goes first as often as the other.
            for is_http in (turn % 2 == 0, turn % 2 == 1):
                port, put = (http_port, request) if is_http else (frames_port, frame)
                said = [[put(raw) for raw in raws] for raws in scripts(town, CLIENTS, ROUNDS_EACH)]
                took[is_http].append(asyncio.run(talked(port, said, is_http=is_http)))
        ours.send("end")
        process.join()
    count = CLIENTS * ROUNDS_EACH * ROUND
    http, frames = count / min(took[True]), count / min(took[False])
    print(f"{http:.0f} statements a second over HTTP, {frames:.0f} in bare frames")
    told(
        "append_http",
        http / frames,
        "the same statements in bare frames to the same process, SQLite, same run",
        at_least=AT_LEAST,
        connections=CLIENTS,
        http_per_s=round(http),
        frames_per_s=round(frames),
        load=LOAD,
    )


if __name__ == "__main__":
    main()
