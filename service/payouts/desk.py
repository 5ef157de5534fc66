"""Between the ledger and a payout provider: tell what waits, take in what was answered.

Either may stop at any point. What is told twice is told under one key; what is taken in twice is
one command with one id: neither pays twice, neither is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

from ledger.storage.killpoints import reach
from schemas.commands.base import Command
from schemas.commands.royalties import FailPayout, ReturnPayout, SettlePayout
from schemas.commitments import Opening, commit
from schemas.model import Commitment
from schemas.observing import UNOBSERVED, Observer
from schemas.refusals import Conflict, Malformed
from service.payouts.provider import Outcome, PayoutOrder, PayoutProvider, ProviderError
from service.payouts.xml_shape import ShapeError

Say = Callable[[Command, str, tuple[Opening, ...]], object]
"""Hand a command to the ledger under an id, with openings; raises `Malformed` or `Conflict`."""

SETTLED_ALREADY: Final = frozenset({"already_completed", "id_reused"})
"""The log holds an answer for this payout: another one by the bank changes nothing."""

_log = logging.getLogger(__name__)


class PayoutDesk:
    """Moves payouts between the log and a provider. `waiting` yields those that are instructed."""

    def __init__(
        self,
        provider: PayoutProvider,
        *,
        waiting: Callable[[], Iterable[PayoutOrder]],
        say: Say,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._provider = provider
        self._waiting = waiting
        self._say = say
        self._observer = observer

    def tell(self) -> int:
        """Tell the provider every instructed payout; return how many it had not been told."""
        fresh = 0
        for order in self._waiting():
            try:
                reach("before_tell")
                fresh += not self._provider.instruct(order).replayed
                reach("after_tell")
            except (ProviderError, ShapeError) as error:
                # It stays instructed and blocks this payee alone; a person must look.
                _log.error("a payout could not be told: %s [%s]", error, order.payout)
                self._observer.ended("payout", "untold")
        return fresh

    def take(self) -> int:
        """Append what the bank answered; return how many answers came into the log."""
        taken = 0
        for outcome in self._provider.outcomes():
            try:
                self._say(*recording(outcome))
                taken += 1
                self._observer.ended("payout", outcome.status)
            except Conflict:
                continue  # the ledger is busy: this outcome comes again
            except Malformed as error:
                if error.code == "payout_in_flight":
                    continue  # returned before it was settled: the other message is on its way
                if error.code not in SETTLED_ALREADY:
                    # It stays in the inbox and blocks nobody; a person must look.
                    _log.error("an answer was not taken: %s [%s]", error, outcome.payout)
                    self._observer.ended("payout", "answer_not_taken")
                    continue
                # The bank repeats or contradicts itself; the log keeps what it said first.
                said = (outcome.status, error.message, outcome.payout)
                _log.warning("the bank says %s, but %s [%s]", *said)
            # If we stop before this, the same command comes again and is answered as before.
            reach("after_outcome_before_done")
            self._provider.done(outcome)
        return taken


def recording(outcome: Outcome) -> tuple[Command, str, tuple[Opening, ...]]:
    """Return the command that records an outcome, its id, and what it commits to."""
    if outcome.status == "settled":
        committed = commit(outcome.reference, outcome.salt)
        opening = Opening("/bank_reference", outcome.salt, outcome.reference)
        settled = SettlePayout(payout=outcome.payout, bank_reference=Commitment(**committed))
        return settled, outcome.command_id, (opening,)
    kind = FailPayout if outcome.status == "failed" else ReturnPayout
    return kind(payout=outcome.payout, reason=outcome.reason), outcome.command_id, ()
