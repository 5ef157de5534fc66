"""The JSON of commands with sensible words in place, for tests to change one word at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from schemas.lists import PARAMETERS, ROLES
from schemas.model import Commitment
from schemas.period import at_zone, parse_instant

WORLD: Final = {"include": ["2136"], "exclude": []}
"""Everywhere."""

PRICES: Final = {
    "audition": "0.00",
    "preview": "0.02",
    "private": "0.10",
    "non_commercial": "0.30",
    "commercial": "2.00",
}
"""Tariff v1 of fixture F, in euros."""

COMMITMENT: Final = Commitment(commit="A" * 43)
"""Something private."""


def sha(text: str) -> str:
    """Return a hash that looks real."""
    return hashlib.sha256(text.encode()).hexdigest()


def audio(name: str) -> dict[str, str]:
    """Return an audio identity that belongs to a name."""
    return {
        "file_sha256": sha(f"file {name}"),
        "frames_sha256": sha(f"frames {name}"),
        "decoder": "soundfile 0.14.0",
    }


def when(instant: str | datetime | None, zone: str = "UTC") -> dict[str, Any] | None:
    """Return a local instant as JSON, or None."""
    if instant is None:
        return None
    moment = parse_instant(instant) if isinstance(instant, str) else instant
    return at_zone(moment, zone).model_dump()


def consent(name: str, grantor: str, applies_to: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a consent as in fixture F; `since`, `until`: instants of its window."""
    words = {
        "consent": name,
        "grantor": grantor,
        "capacity": "owner",
        "applies_to": dict(applies_to),
        "uses": ["song", "parameter"],
        "parameters": "all",
        "reproduction": True,
        "tiers": ["preview", "private", "non_commercial", "commercial"],
        "purposes": "all",
        "channels": "all",
        "models": "all",
        "modules": ["generator"],
        "territories": WORLD,
        "effective_from": when(more.pop("since", None)),
        "effective_until": when(more.pop("until", None)),
        "floors": {},
        "minimum_weight": None,
        "revocation": {"notice_days": 0, "in_flight": "complete", "survives": True},
        "text": {"sha256": sha("text"), "language": "en", "version": "2026-11", "shown": True},
    }
    assert more.keys() <= words.keys(), f"no words of a consent [{more.keys() - words.keys()}]"
    return words | more


def model(name: str, called: str, **able: Any) -> dict[str, Any]:
    """Return a model version that can do everything but training; `able` changes capabilities."""
    forbids = able.pop("forbids_tiers", ())
    capabilities = {
        "uses": ["song", "parameter", "audio", "temporal"],
        "parameters": list(PARAMETERS),
        "roles": list(ROLES),
        "copying_roles": ["timbre", "rhythm"],
        "stems": True,
        "references_max": 64,
        "territories_max": 300,
        "duration_ms_max": 600_000,
        "fed_modules": ["generator"],
        "digital_source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/composite",
    }
    assert able.keys() <= capabilities.keys(), f"not a capability [{able}]"
    return {
        "model": name,
        "name": called,
        "version": "1",
        "provider": "Operator",
        "weights_sha256": None,
        "training": "none: it conditions on references alone",
        "license": {"name": "CC0-1.0", "forbids_tiers": list(forbids)},
        "capabilities": capabilities | able,
    }


def tariff(name: str, called: str, **more: Any) -> dict[str, Any]:
    """Return a tariff: `prices` by tier, in `currency`, for `territories` and `channels`."""
    prices, currency = more.pop("prices", PRICES), more.pop("currency", "EUR")
    channels, places = more.pop("channels", "all"), more.pop("territories", WORLD)
    rows = [
        {
            "tier": tier,
            "channels": channels,
            "territories": places,
            "price": {"amount": amount, "currency": currency},
        }
        for tier, amount in prices.items()
    ]
    words = {
        "tariff": name,
        "name": called,
        "rows": rows,
        "pool_rate": "7/10",
        "credit_prior_fee": True,
        "effective_from": when(more.pop("since", None)),
        "effective_until": when(more.pop("until", None)),
    }
    assert more.keys() <= words.keys(), f"no words of a tariff [{more.keys() - words.keys()}]"
    return words | more
