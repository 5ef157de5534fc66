"""Who writes a list: the thread that prepared it, if nobody else is on the way for a while."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

from ledger.mailbox import Mailbox
from ledger.preparing import Preparer, Ticket, raising
from schemas.refusals import Conflict


def test_a_list_is_alone_if_all_on_the_way_are_in_it_as_in_the_last() -> None:
    """The first is overtaken by two; they are all; so is who comes when they have their answers."""
    loop = asyncio.new_event_loop()
    mailbox: Mailbox[Any] = Mailbox(loop, 60)
    found: list[tuple[int, bool]] = []
    taken, go_on, ended = (threading.Semaphore(0) for _ in range(3))

    def prepare(tickets: Sequence[Ticket]) -> None:
        taken.release()
        go_on.acquire(timeout=60)
        found.append((len(tickets), preparer.is_alone(len(tickets))))
        preparer.all_done([(ticket, raising(Conflict("busy", "enough"))) for ticket in tickets])
        ended.release()

    def ask(count: int) -> None:
        futures = [loop.create_future() for _ in range(count)]
        preparer.submit([Ticket(b"", (), None, mailbox, future) for future in futures])

    preparer = Preparer(lambda: None, prepare, most=9, wait_s=60)
    ask(1)
    assert taken.acquire(timeout=60)
    ask(2)
    go_on.release()
    go_on.release()
    assert ended.acquire(timeout=60)
    assert ended.acquire(timeout=60)
    ask(1)
    go_on.release()
    assert ended.acquire(timeout=60)
    preparer.close()
    loop.close()
    assert found == [(1, False), (2, False), (1, True)]
