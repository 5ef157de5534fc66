"""Futures of one loop: settled by many threads, late after their time, closed by who waits."""

import asyncio
import threading

import pytest

from ledger.mailbox import Mailbox, Outbox


def test_what_is_posted_by_threads_comes_out_of_the_futures() -> None:
    async def main() -> list[int]:
        mailbox: Mailbox[int] = Mailbox(asyncio.get_running_loop(), 60.0)
        futures = [mailbox.open() for _ in range(8)]
        for number, future in enumerate(futures):
            threading.Thread(target=mailbox.post, args=(future, lambda n=number: n)).start()
        return await asyncio.gather(*futures)

    assert asyncio.run(main()) == list(range(8))


def test_who_waits_too_long_is_told_so_in_the_order_of_coming() -> None:
    async def main() -> None:
        mailbox: Mailbox[int] = Mailbox(asyncio.get_running_loop(), 0.01)
        first, answered = mailbox.open(), mailbox.open()
        mailbox.post(answered, lambda: 7)
        assert await answered == 7
        with pytest.raises(TimeoutError):
            await first
        for future in (first, answered):
            mailbox.close(future)
        later = mailbox.open()
        with pytest.raises(TimeoutError):
            await later
        mailbox.close(later)
        mailbox.post(later, lambda: 8)  # too late: nobody waits
        last = mailbox.open()
        mailbox.post(last, lambda: 9)
        assert await last == 9

    asyncio.run(main())


def test_what_is_raised_on_the_way_is_raised_to_who_waits() -> None:
    async def main() -> None:
        mailbox: Mailbox[int] = Mailbox(asyncio.get_running_loop(), 60.0)
        future = mailbox.open()
        mailbox.post(future, lambda: int("x"))
        with pytest.raises(ValueError, match="invalid literal"):
            await future
        mailbox.close(future)

    asyncio.run(main())


def test_what_is_sent_in_one_round_is_handed_in_at_once() -> None:
    handed: list[list[int]] = []

    async def main() -> None:
        outbox: Outbox[int] = Outbox(
            asyncio.get_running_loop(), lambda sent: handed.append([*sent])
        )

        async def sending(number: int) -> None:
            outbox.send(number)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            outbox.send(10 + number)

        await asyncio.gather(*map(sending, range(3)))
        await asyncio.sleep(0)

    asyncio.run(main())
    assert handed == [[0, 1, 2], [10, 11, 12]]
