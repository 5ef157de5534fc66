"""One thread that prepares what many ask for: no request holds a thread while the disk syncs.

Tickets go round: here to be decided, to the writer to be appended, a whole list at once so that one
batch takes it, and back to whoever waits; those whose answer stands in the log already come by here
once more, when the register has accepted it. How many may be on their way is bounded; beyond that,
whoever comes is told to come again.
"""

from __future__ import annotations

import queue
import threading
import time
from asyncio import Future
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ledger.answer import Answer
from ledger.mailbox import Mailbox
from ledger.storage.errors import Busy, Fatal
from schemas.commitments import Opening
from schemas.refusals import Conflict

LIST_MAX: Final = 128
"""Tickets that are prepared between two looks at what else has come."""

LOOK_AGAIN_S: Final = 0.02
"""How soon answers that wait for the register are looked at again."""

Conclude = Callable[[], Answer]
"""Returns the answer, or raises why there is none. Called by whoever waits, in its own thread."""


@dataclass(slots=True, eq=False)
class Ticket:
    """A statement on its way, and what becomes of its answer.

    How its answer is made is posted once to `future` in `mailbox`. `step` is what the preparing
    thread does with it next, None while it is new: it returns False to be asked again soon.
    """

    raw: bytes
    openings: tuple[Opening, ...]
    correlation: str | None
    mailbox: Mailbox[Answer]
    future: Future[Answer]
    step: Callable[[Ticket], bool] | None = None
    until_s: float = 0.0


class Preparer:
    """The thread and its queue. Started by the first ticket.

    `before` is called before each list of tickets; what it raises is the answer to all of them.
    `prepare` is given those of a list that are new. It raises nothing: of each it makes sure that
    it has a next step, is with the writer, or is done.
    """

    def __init__(
        self,
        before: Callable[[], None],
        prepare: Callable[[Sequence[Ticket]], None],
        *,
        most: int,
        wait_s: float,
    ) -> None:
        self._before = before
        self._prepare = prepare
        self._wait_s = wait_s
        self._most = self._free = most
        self._is_alone = False
        self._tickets: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._parked: list[Ticket] = []
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, tickets: Sequence[Ticket]) -> None:
        """Take new tickets; those that are too many hear `Busy`, and after the end all `Fatal`."""
        until_s = time.monotonic() + self._wait_s
        with self._gate:
            taken = 0 if self._is_closed else min(len(tickets), self._free)
            self._free -= taken
            if taken and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="preparer", daemon=True)
                self._thread.start()
            for ticket in tickets[:taken]:
                ticket.until_s = until_s
                self._tickets.put(ticket)
            is_closed = self._is_closed
        for ticket in tickets[taken:]:
            many = Busy("too many commands are waiting")
            error = Fatal("the log is closed") if is_closed else many
            ticket.mailbox.post(ticket.future, raising(error))

    def again(self, ticket: Ticket) -> None:
        """Take a ticket back for its next step. From any thread."""
        self._tickets.put(ticket)

    def is_alone(self, count: int) -> bool:
        """Tell whether just so many tickets are on their way, as at the last list: all wait.

        Asked once for each list, when it is prepared.
        """
        was_alone, self._is_alone = self._is_alone, self._most - self._free == count
        return was_alone and self._is_alone

    def done(self, ticket: Ticket, conclude: Conclude) -> None:
        """Deliver the answer of a ticket, and let somebody else come in."""
        self.all_done([(ticket, conclude)])

    def all_done(self, ended: Sequence[tuple[Ticket, Conclude]]) -> None:
        """Deliver the answers of several."""
        with self._gate:
            self._free += len(ended)
        for mailbox, rows in groupby(ended, key=lambda row: row[0].mailbox):
            mailbox.post_all([(ticket.future, conclude) for ticket, conclude in rows])

    def close(self) -> None:
        """Prepare what is queued, then end. Later tickets are refused."""
        with self._gate:
            self._is_closed = True
        if self._thread is not None:
            self._tickets.put(None)
            self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            tickets = self._gather()
            is_open = None not in tickets
            self._advance([ticket for ticket in tickets if ticket is not None])
        for ticket in self._parked:
            self.done(ticket, raising(Busy("the log closes; ask again")))

    def _gather(self) -> list[Ticket | None]:
        """Return what has come, at least one unless somebody is parked, and who is parked."""
        found: list[Ticket | None] = [*self._parked]
        try:
            found.append(self._tickets.get(timeout=LOOK_AGAIN_S if self._parked else None))
            while len(found) < LIST_MAX:
                found.append(self._tickets.get_nowait())
        except queue.Empty:
            pass
        self._parked = []
        return found

    def _advance(self, tickets: list[Ticket]) -> None:
        try:
            self._before()
        except Exception as error:  # noqa: BLE001 - raised again, to each of those who wait
            for ticket in tickets:
                self.done(ticket, raising(error))
            return
        if fresh := [ticket for ticket in tickets if ticket.step is None]:
            self._prepare(fresh)
        for ticket in tickets:
            if ticket.step is None:
                continue
            try:
                is_on_its_way = ticket.step(ticket)
            except Exception as error:  # noqa: BLE001 - raised again, to the one who asked
                self.done(ticket, raising(error))
                continue
            if not is_on_its_way:
                self._park(ticket)

    def _park(self, ticket: Ticket) -> None:
        if time.monotonic() < ticket.until_s:
            self._parked.append(ticket)
        else:
            late = Conflict("busy", "the first answer is on its way; ask again")
            self.done(ticket, raising(late))


def raising(error: Exception) -> Conclude:
    """Return what raises this, for whoever waits."""

    def conclude() -> Answer:
        raise error

    return conclude
