"""Rules about what was asked: verifications that cleared, demand that was turned down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.rights.view import Recorded
from projections.base import Change, as_json, to_us
from projections.provenance.concerned import concerned, when
from schemas.events.base import opened
from schemas.events.verifications import (
    GenerationRefused,
    RefusalsRepeated,
    VerificationCleared,
    VerificationRefused,
)
from schemas.period import parse_instant
from schemas.terms import Request


def demand(recorded: Recorded) -> Iterator[Change]:
    """Yield the changes that a verification or a refusal makes."""
    event = recorded.event
    match event:
        case VerificationCleared():
            yield _clearance(recorded, event)
        case VerificationRefused():
            yield _refusal(recorded, event, "verification")
            yield from concerned(recorded, event.verification, event.touched)
        case GenerationRefused():
            yield _refusal(recorded, event, "generation")
            yield from concerned(recorded, event.generation, event.touched)
        case RefusalsRepeated():
            values = {"refusal": event.refusal, "repeats": event.repeats}
            yield Change("add_repeats", values | {"position": recorded.position})
        case _:
            pass


def _clearance(recorded: Recorded, event: VerificationCleared) -> Change:
    values = {
        "verification": event.verification,
        "creator": opened(event.creator),
        "generation": event.request.generation,
        "tariff": event.tariff,
        "currency": event.fee.currency,
        "fee_micro": event.fee.micro(),
        "pool_micro": event.pool.micro(),
        "expires_at_us": to_us(parse_instant(event.expires_at)),
    }
    return Change("add_clearance", values | when(recorded))


def _refusal(
    recorded: Recorded, event: VerificationRefused | GenerationRefused, kind: str
) -> Change:
    asked = event.request
    values: dict[str, Any] = {
        "kind": kind,
        "generation": asked.generation,
        "verification": event.verification,
        "creator": opened(event.creator),
        "model": asked.model,
        "tier": asked.tier,
        "purpose": asked.purpose,
        "channel": asked.channel,
        "territories": as_json(_countries(asked)),
        "code": event.reasons[0].code,
        "reasons": as_json([reason.model_dump(mode="json") for reason in event.reasons]),
        "alternatives": as_json([row.data() for row in event.alternatives]),
        "asked": as_json([row.data() for row in asked.references]),
    }
    return Change("add_refusal", values | when(recorded))


def _countries(asked: Request) -> tuple[str, ...]:
    return (asked.territory,) if isinstance(asked.territory, str) else asked.territory
