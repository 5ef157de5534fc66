"""Working while the server works: a connection that sends, does something of ours, and then reads.

A batch is some three quarters of a millisecond with the server, in which its writer would wait.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import TupleRow
from psycopg.waiting import Wait

RV = TypeVar("RV")


class Overlapping(psycopg.Connection[TupleRow]):
    """A connection that calls `meanwhile` once, when the next statement has been sent.

    What is called there must not use the connection. What it raises is dropped, for the statement
    is on its way: whoever needs what it was to make makes it afterwards, and hears of it there.
    """

    meanwhile: Callable[[], None] | None = None

    def wait(self, gen: PQGen[RV], *args: Any, **named: Any) -> RV:
        """Wait as the driver does, and do what is to be done meanwhile."""
        work, self.meanwhile = self.meanwhile, None
        return super().wait(gen if work is None else _interposed(gen, work), *args, **named)


def _interposed(gen: PQGen[RV], work: Callable[[], None]) -> PQGen[RV]:
    """Go on as `gen` does; call `work` when it first has nothing to do but wait for an answer."""
    is_done = False
    try:
        wanted = next(gen)
        while True:
            if wanted == Wait.R and not is_done:
                is_done = True
                with suppress(Exception):
                    work()
            wanted = gen.send((yield wanted))
    except StopIteration as end:
        result: RV = end.value
        return result
