"""Rules about recordings, works, and what is claimed and confirmed of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.rights.view import Recorded
from projections.base import Change, as_json
from projections.catalog.changes import added, closed, ended, replaced, window, words
from schemas.events.catalog import (
    ContributorCredited,
    ContributorCreditProposed,
    MoralRightRestrictionDeclared,
    MoralRightRestrictionLifted,
    RecordingEnteredInferenceSet,
    RecordingLeftInferenceSet,
    RecordingLinkedToWork,
    RecordingLinkProposed,
    RecordingRegistered,
    StemRegistered,
    VocalsDeclared,
    VocalsProposed,
    WorkDeclaredPublicDomain,
    WorkRegistered,
)
from schemas.events.shares import ShareClaimed, ShareConfirmed, ShareWithdrawn


def assets(recorded: Recorded) -> Iterator[Change]:
    """Yield the changes that an event about an asset itself makes."""
    event = recorded.event
    match event:
        case RecordingRegistered():
            yield from _recording(recorded, event)
        case StemRegistered():
            values = {"recording": event.recording, "stem": event.stem}
            yield from replaced("stems", recorded, values | event.audio.model_dump())
        case WorkRegistered():
            yield from _work(recorded, event)
        case WorkDeclaredPublicDomain():
            yield Change("add_public_domain", {"work": event.work, "position": recorded.position})
        case MoralRightRestrictionDeclared():
            values = {"asset": event.asset, "party": event.party}
            purposes = {"purposes": as_json(event.purposes)}
            yield from replaced("restrictions", recorded, values | purposes)
        case MoralRightRestrictionLifted():
            values = {"asset": event.asset, "party": event.party}
            yield closed("restrictions", recorded, values)
        case RecordingEnteredInferenceSet():
            values = {"recording": event.recording, "model": event.model}
            yield from replaced("inference", recorded, values)
        case RecordingLeftInferenceSet():
            values = {"recording": event.recording, "model": event.model}
            yield closed("inference", recorded, values)
        case _:
            pass


def claims(recorded: Recorded) -> Iterator[Change]:
    """Yield the changes that a claim, its confirmation or its withdrawal makes."""
    event = recorded.event
    match event:
        case RecordingLinkProposed() | RecordingLinkedToWork():
            yield from _link(recorded, event)
        case ContributorCreditProposed() | ContributorCredited():
            yield from _credit(recorded, event)
        case VocalsProposed() | VocalsDeclared():
            yield from _vocals(recorded, event)
        case ShareClaimed() | ShareConfirmed():
            yield from _share(recorded, event)
        case ShareWithdrawn():
            yield from ended("shares", recorded, {"share": event.share})
        case _:
            pass


def _recording(recorded: Recorded, event: RecordingRegistered) -> Iterator[Change]:
    values: dict[str, Any] = {
        "recording": event.recording,
        "title": event.title,
        "artist": event.artist,
        "isrc": event.isrc,
        "duration_ms": event.duration_ms,
        "sample_rate_hz": event.sample_rate_hz,
        "registrant": event.registrant,
        **event.audio.model_dump(),
    }
    yield added("recordings", recorded, values)
    label = f"{event.title}, {event.artist}"
    found = (event.title, event.artist, label, event.isrc)
    yield from words(recorded, "recording", event.recording, label, *found)


def _work(recorded: Recorded, event: WorkRegistered) -> Iterator[Change]:
    values = {
        "work": event.work,
        "title": event.title,
        "iswc": event.iswc,
        "registrant": event.registrant,
    }
    yield added("works", recorded, values)
    yield from words(recorded, "work", event.work, event.title, event.title, event.iswc)


def _link(
    recorded: Recorded, event: RecordingLinkProposed | RecordingLinkedToWork
) -> Iterator[Change]:
    proposed = isinstance(event, RecordingLinkProposed)
    values = {
        "link": event.link,
        "recording": event.recording,
        "work": event.work,
        "fraction": event.fraction,
        "status": "proposed" if proposed else "confirmed",
    }
    yield from replaced("links", recorded, values)


def _credit(
    recorded: Recorded, event: ContributorCreditProposed | ContributorCredited
) -> Iterator[Change]:
    proposed = isinstance(event, ContributorCreditProposed)
    values = {
        "credit": event.credit,
        "asset": event.asset,
        "party": event.party,
        "role": event.role,
        "featured": int(event.featured),
        "vocal": int(event.vocal),
        "stems": as_json(event.stems),
        "status": "proposed" if proposed else "confirmed",
    }
    yield from replaced("credits", recorded, values)


def _vocals(recorded: Recorded, event: VocalsProposed | VocalsDeclared) -> Iterator[Change]:
    proposed = isinstance(event, VocalsProposed)
    values = {
        "credit": event.credit,
        "recording": event.recording,
        "vocals": event.vocals,
        "performers": as_json([row.data() for row in event.performers]),
        "status": "proposed" if proposed else "confirmed",
    }
    if not proposed:
        at = {"recording": event.recording, "position": recorded.position}
        yield Change("close_vocals_of", at)
    yield from replaced("vocals", recorded, values)


def _share(recorded: Recorded, event: ShareClaimed | ShareConfirmed) -> Iterator[Change]:
    confirmer = event.confirmer if isinstance(event, ShareConfirmed) else None
    values = {
        "share": event.share,
        "asset": event.asset,
        "party": event.party,
        "fraction": event.fraction,
        "territories": as_json(event.territories.model_dump(mode="json")),
        "status": "confirmed" if confirmer else "claimed",
        "confirmer": confirmer,
        **window(event.effective_from, event.effective_until),
    }
    yield from replaced("shares", recorded, values)
