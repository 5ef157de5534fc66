"""Rules about model versions and tariffs."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.rights.view import Recorded
from projections.base import Change, as_json
from projections.catalog.changes import ended, replaced, window, words
from schemas.events.terms import (
    ModelRegistered,
    ModelVersionRetired,
    TariffPublished,
    TariffWithdrawn,
)


def terms(recorded: Recorded) -> Iterator[Change]:
    """Yield the changes that an event about terms makes."""
    event = recorded.event
    match event:
        case ModelRegistered():
            yield from _model(recorded, event)
        case ModelVersionRetired():
            yield from ended("models", recorded, {"model": event.model})
        case TariffPublished():
            yield from _tariff(recorded, event)
        case TariffWithdrawn():
            yield from ended("tariffs", recorded, {"tariff": event.tariff})
        case _:
            pass


def _model(recorded: Recorded, event: ModelRegistered) -> Iterator[Change]:
    values = {
        "model": event.model,
        "name": event.name,
        "version": event.version,
        "provider": event.provider,
        "weights_sha256": event.weights_sha256,
        "training": event.training,
        "license": as_json(event.license.data()),
        "capabilities": as_json(event.capabilities.data()),
        "status": "registered",
    }
    yield from replaced("models", recorded, values)
    label = f"{event.name} {event.version}"
    yield from words(recorded, "model", event.model, label, event.name, label)


def _tariff(recorded: Recorded, event: TariffPublished) -> Iterator[Change]:
    values = {
        "tariff": event.tariff,
        "name": event.name,
        "prices": as_json([row.data() for row in event.rows]),
        "pool_rate": event.pool_rate,
        "credit_prior_fee": int(event.credit_prior_fee),
        "status": "published",
        **window(event.effective_from, event.effective_until),
    }
    yield from replaced("tariffs", recorded, values)
