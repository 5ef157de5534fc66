"""From an event to the changes of the royalty tables. Pure: no table is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from ledger.rights.view import Recorded
from projections.base import Change, Step, to_us
from projections.royalties.booking import book
from schemas.events.parties import PartyDeceased, PartyScreened, PayeeDetailsReplaced
from schemas.events.royalties import (
    HoldPlaced,
    HoldReleased,
    PayoutFailed,
    PayoutInstructed,
    PayoutReturned,
    PayoutSettled,
    RoyaltyAccrued,
    RoyaltyStatementClosed,
)
from schemas.period import parse_instant


def changes(recorded: Recorded) -> Iterable[Step]:
    """Return the changes that one event makes."""
    if recorded.topic == RoyaltyAccrued.TOPIC:
        return book((recorded,))  # it changes nothing else
    return chain(book((recorded,)), _others(recorded))


def _others(recorded: Recorded) -> Iterator[Change]:
    event = recorded.event
    match event:
        case RoyaltyStatementClosed():
            yield _statement(recorded, event)
        case PayoutInstructed() | PayoutSettled() | PayoutFailed() | PayoutReturned():
            yield from _payout(recorded, event)
        case HoldPlaced():
            yield _hold(recorded, event.party, event.reason, event.officer)
        case HoldReleased():
            yield Change(
                "close_hold",
                {"party": event.party, "reason": event.reason, "position": recorded.position},
            )
        case PartyDeceased():
            yield _hold(recorded, event.party, "deceased", recorded.actor)
        case PayeeDetailsReplaced():
            yield from _payee(recorded, event)
        case PartyScreened():
            yield from _screening(recorded, event)
        case _:
            pass


def _when(recorded: Recorded) -> dict[str, int]:
    return {"position": recorded.position, "time_us": recorded.time_us}


def _statement(recorded: Recorded, event: RoyaltyStatementClosed) -> Change:
    values: dict[str, Any] = {
        "statement": event.statement,
        "party": event.party,
        "month": event.month,
        "number": event.number,
        "currency": event.payable.currency,
        "from_position": event.from_position,
        "through": event.through,
        "accrued_micro": event.accrued.micro(),
        "carried_in_micro": event.carried_in.micro(),
        "payable_micro": event.payable.micro(),
        "carried_out_micro": event.carried_out.micro(),
        "line_count": event.line_count,
        "lines_sha256": event.lines_sha256,
    }
    return Change("add_statement", values | _when(recorded))


def _payout(
    recorded: Recorded,
    event: PayoutInstructed | PayoutSettled | PayoutFailed | PayoutReturned,
) -> Iterator[Change]:
    values = {
        "payout": event.payout,
        "step": event.TOPIC.removeprefix("Payout").lower(),
        "statement": event.statement,
        "party": event.party,
        "month": event.month,
        "currency": event.amount.currency,
        "amount_micro": event.amount.micro(),
        "idempotency_key": getattr(event, "idempotency_key", None),
        "reason": getattr(event, "reason", None),
    }
    yield Change("close_payout", {"payout": event.payout, "position": recorded.position})
    yield Change("open_payout", values | _when(recorded))
    if isinstance(event, PayoutReturned):
        yield _hold(recorded, event.party, "bank_details", recorded.actor)


def _hold(recorded: Recorded, party: str, reason: str, officer: object) -> Change:
    by = officer if isinstance(officer, str) else None
    values = {"party": party, "reason": reason, "officer": by}
    return Change("open_hold", values | _when(recorded))


def _payee(recorded: Recorded, event: PayeeDetailsReplaced) -> Iterator[Change]:
    values = {
        "party": event.party,
        "currency": event.currency,
        "cool_off_until_us": to_us(parse_instant(event.cool_off_until)),
        "details_commit": event.details.commit,
        "position": recorded.position,
    }
    yield Change("close_payee", {"party": event.party, "position": recorded.position})
    yield Change("open_payee", values)


def _screening(recorded: Recorded, event: PartyScreened) -> Iterator[Change]:
    values = {
        "party": event.party,
        "outcome": event.outcome,
        "expires_at_us": to_us(parse_instant(event.expires_at)),
        "position": recorded.position,
    }
    yield Change("close_screening", {"party": event.party, "position": recorded.position})
    yield Change("open_screening", values)
