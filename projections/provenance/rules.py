"""From an event to the changes of the provenance tables. Pure: no table is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.rights.view import Recorded
from projections.base import Change, as_json, to_us
from projections.provenance.concerned import concerned, when
from projections.provenance.demand import demand
from projections.provenance.money import money
from schemas.events.base import opened
from schemas.events.generations import (
    AuthorizationExpired,
    GenerationAuthorized,
    GenerationCanceled,
    GenerationCompleted,
    GenerationFailed,
    ManifestEmbedded,
)
from schemas.period import parse_instant
from schemas.terms import AuthorizedReference, Segment


def changes(recorded: Recorded) -> Iterator[Change]:
    """Yield the changes that one event makes."""
    yield from demand(recorded)
    yield from money(recorded)
    event = recorded.event
    match event:
        case GenerationAuthorized():
            yield from _authorized(recorded, event)
        case GenerationCompleted():
            yield from _step(recorded, event.generation, "completed")
            yield _output(recorded, event)
        case ManifestEmbedded():
            yield _manifest(recorded, event)
        case GenerationFailed():
            yield from _step(recorded, event.generation, "failed", event.code)
            yield from _quarantined(recorded, event)
        case GenerationCanceled():
            yield from _step(recorded, event.generation, "canceled", event.because)
        case AuthorizationExpired():
            yield from _step(recorded, event.generation, "expired")
        case _:
            pass


def _authorized(recorded: Recorded, event: GenerationAuthorized) -> Iterator[Change]:
    values: dict[str, Any] = {
        "generation": event.generation,
        "verification": event.verification,
        "creator": opened(event.creator),
        "model": event.model,
        "tier": event.tier,
        "purpose": event.purpose,
        "channel": event.channel,
        "territories": as_json(event.territory),
        "seed": event.seed,
        "duration_ms": event.duration_ms,
        "upgrades": event.upgrades,
        "manifest_urn": event.manifest_urn,
        "worker": event.worker,
        "references_sha256": event.references_sha256,
        "vector_sha256": event.vector_sha256,
        "expires_at_us": to_us(parse_instant(event.expires_at)),
    }
    yield Change("add_generation", values | when(recorded))
    yield from _step(recorded, event.generation, "authorized")
    for reference in event.references:
        yield _use(recorded, event.generation, reference)
    yield from concerned(recorded, event.generation, event.touched)


def _use(recorded: Recorded, generation: str, row: AuthorizedReference) -> Change:
    values: dict[str, Any] = {
        "generation": generation,
        "position": recorded.position,
        "line": row.row,
        "recording": row.recording,
        "title": row.title,
        "isrc": row.isrc,
        "works": as_json(row.works),
        "weight": row.weight,
        "level": row.use,
        "parameters": as_json(row.parameters),
        "role": row.role,
        "stem": row.stem,
        "chosen_by": row.by,
        "copied": int(row.copied),
        "consents": as_json([cited.data() for cited in row.consents]),
        **_segment("source", row.source),
        **_segment("output", row.output),
    }
    return Change("add_use", values)


def _segment(name: str, segment: Segment | None) -> dict[str, int | None]:
    begin, end = (segment.from_ms, segment.until_ms) if segment else (None, None)
    return {f"{name}_from_ms": begin, f"{name}_until_ms": end}


def _step(
    recorded: Recorded, generation: str, step: str, code: str | None = None
) -> Iterator[Change]:
    values = {"generation": generation, "step": step, "code": code, **when(recorded)}
    yield Change("close_step", {"generation": generation, "position": recorded.position})
    yield Change("open_step", values)


def _output(recorded: Recorded, event: GenerationCompleted) -> Change:
    values = {
        "output": event.output,
        "generation": event.generation,
        "artifact_sha256": event.artifact_sha256,
        "file_sha256": event.audio.file_sha256,
        "frames_sha256": event.audio.frames_sha256,
        "decoder": event.audio.decoder,
        "worker": event.worker,
        "authorized_before_revocation": as_json(event.authorized_before_revocation),
    }
    return Change("add_output", values | when(recorded))


def _manifest(recorded: Recorded, event: ManifestEmbedded) -> Change:
    values = {
        "output": event.output,
        "generation": event.generation,
        "position": recorded.position,
        "manifest_urn": event.manifest_urn,
        "claim_signer_sha256": event.claim_signer_sha256,
        "claim_sha256": event.claim_sha256,
        "artifact_sha256": event.artifact_sha256,
        "ingredients": as_json(event.ingredients),
    }
    return Change("add_manifest", values)


def _quarantined(recorded: Recorded, event: GenerationFailed) -> Iterator[Change]:
    if event.quarantined_sha256 is not None:
        values = {
            "generation": event.generation,
            "code": event.code,
            "differences": as_json(event.differences),
            "artifact_sha256": event.quarantined_sha256,
        }
        yield Change("add_quarantine", values | when(recorded))
