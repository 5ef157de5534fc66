"""How a case ends: with an answer that is made at once, one that stands in the log, or with none.

What stands in the log is given once it is visible: no answer says what the register has not taken.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Final

from ledger.answer import Answer, Standing, compose, compose_made, compose_repeated
from ledger.deciding import Case, Ready
from ledger.feed import TIMER_S
from ledger.preparing import Conclude
from ledger.repeats import RepeatedRefusals
from ledger.rights.decision import Repeated
from ledger.storage.contract import Store
from ledger.storage.records import Outcome
from ledger.storage.signal import VisibleHead
from ledger.storage.writer import Result
from schemas.refusals import Conflict

WAIT_S: Final = 30.0
"""How long a caller waits for its batch; far beyond any batch, so only a stuck disk gets here."""


class Ending:
    """Makes of what became of a case the answer to it, or the way to one."""

    def __init__(self, store: Store, visible: VisibleHead, repeats: RepeatedRefusals) -> None:
        self._store = store
        self._visible = visible
        self._repeats = repeats

    def conclude(self, case: Case, result: Result) -> Conclude | Standing:
        """Return how the answer of an ended case is made, or raise why there is none."""
        if isinstance(result, Exception):
            raise result
        command = case.taken.statement.id
        if isinstance(result, Outcome):
            if not isinstance(result.answer, Repeated):
                raise TypeError(f"not an answer of the rules [{result.answer!r}]")
            return self.repeated(result.answer)
        work = result.work
        if not isinstance(work, Ready) or work.case.built.erases:
            # It was said before, or what was made here holds what is erased in the log.
            read = partial(compose, command=command, committed=result)
            return Standing(result.positions[-1], read)
        return partial(compose_made, command, work.case.built.entries, result)

    def repeated(self, repeated: Repeated) -> Standing:
        """Return the receipt of the first, for a demand that was refused within the hour."""
        self._repeats.count(repeated.refusal)
        return Standing(repeated.refusal, partial(compose_repeated, refusal=repeated.refusal))

    def wait(self, standing: Standing) -> Answer:
        """Return a standing answer once it is visible; it waits, like the first, for the register.

        Raises `Conflict` where that takes too long, or nothing more becomes visible.
        """
        until = time.monotonic() + WAIT_S
        visible = self._visible
        while visible.wait_beyond(standing.position - 1, TIMER_S) < standing.position:
            if time.monotonic() >= until or visible.is_closed:
                raise _on_its_way()
        return self._read(standing)

    def look(self, standing: Standing) -> Answer | None:
        """Return a standing answer, or None where it is not visible yet.

        Raises `Conflict` where nothing more becomes visible.
        """
        if self._visible.wait_beyond(-1, 0.0) < standing.position:
            if self._visible.is_closed:
                raise _on_its_way()
            return None
        return self._read(standing)

    def _read(self, standing: Standing) -> Answer:
        with self._store.snapshot() as reader:
            return standing.compose(reader)


def _on_its_way() -> Conflict:
    return Conflict("busy", "the first answer is on its way; ask again")
