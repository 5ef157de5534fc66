"""Which payouts wait for the bank: read from the log, with the payee's details opened."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from ledger.decoding import read_recorded
from ledger.rights.view import Recorded
from ledger.storage.contract import Reader, Store
from schemas.events.parties import PayeeDetailsReplaced
from schemas.events.royalties import PayoutInstructed
from schemas.model import Commitment
from service.payouts.details import PayeeDetails, read_details
from service.payouts.provider import PayoutOrder

_log: Final = logging.getLogger(__name__)

_ENDS: Final = ["PayoutFailed", "PayoutReturned", "PayoutSettled"]
_INSTRUCTED: Final = DCBQuery(items=[DCBQueryItem(types=[PayoutInstructed.TOPIC])])


class Waiting:
    """Yields the instructed payouts that no outcome has ended, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: set[int] = set()
        self._cursor = 0

    def __call__(self) -> Iterator[PayoutOrder]:
        """Look again; each call reads only what is new, and what was open before."""
        with self._store.snapshot() as reader:
            for position in reader.positions(_INSTRUCTED, after=self._cursor):
                self._open.add(position)
            self._cursor = reader.bound
            orders = [self._order(reader, position) for position in sorted(self._open)]
        yield from (order for order in orders if order is not None)

    def _order(self, reader: Reader, position: int) -> PayoutOrder | None:
        stored = reader.entry(position)
        assert stored is not None, "it was found a moment ago"
        recorded = read_recorded(stored, ())
        event = recorded.event
        assert isinstance(event, PayoutInstructed)
        tag = f"payout:{event.payout}"
        if reader.matches(DCBQuery(items=[DCBQueryItem(types=_ENDS, tags=[tag])])):
            self._open.discard(position)
            return None
        details = _details(reader, event.party, event.details)
        if details is None:
            _log.error("the payee's details are not open; a person must look [%s]", event.payout)
            return None
        return _told(event, recorded, details)


def _told(event: PayoutInstructed, recorded: Recorded, details: PayeeDetails) -> PayoutOrder:
    return PayoutOrder(
        payout=event.payout,
        key=event.idempotency_key,
        statement=event.statement,
        month=event.month,
        amount_minor=event.amount.minor(),
        currency=event.amount.currency,
        payee=details,
        instructed_at=recorded.time,
    )


def _details(reader: Reader, party: str, wanted: Commitment) -> PayeeDetails | None:
    """Return the details that the payout committed to: the newest entry that says the same."""
    for stored in reversed(list(reader.events(f"money:{party}"))):
        event = read_recorded(stored, ()).event
        if isinstance(event, PayeeDetailsReplaced) and event.details == wanted:
            opening = reader.opening(stored.event_id or "", "/data/details")
            return read_details(opening.value) if opening else None
    return None
