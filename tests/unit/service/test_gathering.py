"""What is written during one turn of the loop leaves together, in order, and before the end."""

import asyncio
import socket

from service.gathering import GATHERED_MAX, Gathering


class Kept(asyncio.Transport):
    """A transport that takes down what happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.seen.append(bytes(data))

    def close(self) -> None:
        self.seen.append("closed")


def test_one_write_for_what_is_written_during_one_turn() -> None:
    async def main() -> list[bytes | str]:
        kept = Kept()
        transport = Gathering(kept)
        for part in (b"head", b"body"):
            transport.write(part)
        assert kept.seen == []
        await asyncio.sleep(0)
        transport.write(b"next")
        await asyncio.sleep(0)
        return kept.seen

    assert asyncio.run(main()) == [b"headbody", b"next"]


def test_what_was_kept_is_written_before_the_end_and_once() -> None:
    async def main() -> list[bytes | str]:
        kept = Kept()
        transport = Gathering(kept)
        transport.write(b"last")
        transport.close()
        await asyncio.sleep(0)
        return kept.seen

    assert asyncio.run(main()) == [b"last", "closed"]


def test_a_stream_is_not_kept_back_without_end() -> None:
    async def main() -> list[bytes | str]:
        kept = Kept()
        transport = Gathering(kept)
        for _ in range(3):
            transport.write(bytes(GATHERED_MAX // 2))
        seen = list(kept.seen)
        await asyncio.sleep(0)
        assert kept.seen == seen
        return seen

    assert [len(part) for part in asyncio.run(main())] == [3 * (GATHERED_MAX // 2)]


def test_the_connection_is_the_one_beneath() -> None:
    async def main() -> None:
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        beneath, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        transport = Gathering(beneath)
        assert transport.get_extra_info("socket").fileno() == ours.fileno()
        transport.pause_reading()
        assert not beneath.is_reading()
        transport.resume_reading()
        assert beneath.is_reading()
        transport.write(b"never")
        transport.abort()
        assert transport.is_closing()
        await asyncio.sleep(0)
        assert theirs.recv(8) == b""
        theirs.close()

    asyncio.run(main())
