"""Rules about parties, their keys and their mandates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.rights.view import Recorded
from projections.base import Change, as_json, to_us
from projections.catalog.changes import added, ended, replaced, window, words
from schemas.events.log import LogOpened
from schemas.events.parties import (
    KeyEnrolled,
    KeyProposed,
    KeyRevoked,
    MandateGranted,
    MandateRevoked,
    PartyDeceased,
    PartyRegistered,
)
from schemas.period import parse_instant


def parties(recorded: Recorded) -> Iterator[Change]:
    """Yield the changes that an event about parties makes."""
    event = recorded.event
    match event:
        case LogOpened():
            yield from _opened(recorded, event)
        case PartyRegistered():
            yield from _registered(recorded, event)
        case PartyDeceased():
            values = {"party": event.party, "position": recorded.position}
            yield Change("add_deaths", values)
        case KeyProposed():
            yield from _key(recorded, event, "proposed")
        case KeyEnrolled():
            yield from _key(recorded, event, "enrolled")
        case KeyRevoked():
            yield from _key_revoked(recorded, event)
        case MandateGranted():
            yield from _mandate(recorded, event)
        case MandateRevoked():
            yield from ended("mandates", recorded, {"mandate": event.mandate})
        case _:
            pass


def _opened(recorded: Recorded, event: LogOpened) -> Iterator[Change]:
    names = {event.ledger_party: event.origin, event.operator_party: event.operator_name}
    for party, name in names.items():
        yield _party(recorded, {"party": party, "kind": "organization", "name": name})
        yield from words(recorded, "party", party, name, name)
    for row in event.keys:
        values: dict[str, Any] = {
            "key_id": row.key,
            "party": row.party,
            "public_key": row.public_key,
            "roles": as_json(row.roles),
            "status": "enrolled",
            "reason": None,
            "compromised_since_us": None,
        }
        yield from replaced("keys", recorded, values)


def _party(recorded: Recorded, values: dict[str, Any]) -> Change:
    absent = dict.fromkeys(("isni", "ipi_name", "ipi_base", "ipn", "residence"))
    return added("parties", recorded, absent | values)


def _registered(recorded: Recorded, event: PartyRegistered) -> Iterator[Change]:
    name = event.name if isinstance(event.name, str) else None
    values = {
        "party": event.party,
        "kind": event.kind,
        "name": name,
        "isni": event.isni,
        "ipi_name": event.ipi_name,
        "ipi_base": event.ipi_base,
        "ipn": event.ipn,
        "residence": event.residence,
    }
    yield _party(recorded, values)
    numbers = (event.isni, event.ipi_name, event.ipi_base, event.ipn)
    private = event.kind == "person"
    # Under its name a person's row is private; under a number it has the party's id as label.
    label = event.party if private else name or event.party
    yield from words(recorded, "party", event.party, label, *numbers)
    yield from words(recorded, "party", event.party, name or "", name, private=private)


def _key(recorded: Recorded, event: KeyProposed | KeyEnrolled, status: str) -> Iterator[Change]:
    values = {
        "key_id": event.key,
        "party": event.party,
        "public_key": event.public_key,
        "roles": as_json(event.roles),
        "status": status,
        "reason": None,
        "compromised_since_us": None,
    }
    yield from replaced("keys", recorded, values)


def _key_revoked(recorded: Recorded, event: KeyRevoked) -> Iterator[Change]:
    since = event.compromised_since
    values = {
        "key_id": event.key,
        "reason": event.reason,
        "compromised_since_us": to_us(parse_instant(since)) if since else None,
    }
    yield from ended("keys", recorded, values)


def _mandate(recorded: Recorded, event: MandateGranted) -> Iterator[Change]:
    values = {
        "mandate": event.mandate,
        "grantor": event.grantor,
        "mandatee": event.mandatee,
        "capacities": as_json(event.capacities),
        "uses": as_json(event.uses),
        "territories": as_json(event.territories.model_dump(mode="json")),
        "exclusive": int(event.exclusive),
        "may_revoke": int(event.may_revoke),
        "status": "granted",
        **window(event.effective_from, event.effective_until),
    }
    yield from replaced("mandates", recorded, values)
