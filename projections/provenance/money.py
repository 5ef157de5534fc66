"""Rules about a generation's money: what was agreed at the license instant, and what accrued."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.rights.view import Recorded
from projections.base import Change
from schemas.events.generations import FeeAgreed
from schemas.events.royalties import RoyaltyAccrued


def money(recorded: Recorded) -> Iterator[Change]:
    """Yield the fee and the legs of an agreement or an accrual."""
    event = recorded.event
    match event:
        case FeeAgreed():
            more = {"credited_micro": event.credited.micro(), "tariff": event.tariff}
            yield from _vector(recorded, event, "agreed", more)
        case RoyaltyAccrued():
            more = {"credited_micro": None, "tariff": None}
            yield from _vector(recorded, event, "accrued", more)
        case _:
            pass


def _vector(
    recorded: Recorded, event: FeeAgreed | RoyaltyAccrued, stage: str, more: dict[str, Any]
) -> Iterator[Change]:
    of = {"generation": event.generation, "stage": stage, "position": recorded.position}
    fee = {
        "currency": event.fee.currency,
        "fee_micro": event.fee.micro(),
        "pool_micro": event.pool.micro(),
        "commission_micro": event.commission.micro(),
        "vector_sha256": event.vector_sha256,
    }
    yield Change("add_fee", of | fee | more)
    for line, leg in enumerate(event.legs):
        values = {
            "line": line,
            "recording": leg.recording,
            "side": leg.side,
            "asset": leg.asset,
            "party": leg.party,
            "currency": leg.amount.currency,
            "amount_micro": leg.amount.micro(),
        }
        yield Change("add_leg", of | values)
