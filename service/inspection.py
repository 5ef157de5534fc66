"""Inspecting a file: what it says, what the ledger says of it, and whether it may be carried here.

The record is put together from the log itself, as of the visible head; only the way from a hash to
a generation is a projection's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ledger.decoding import read_recorded
from ledger.provenance.match import Authorized
from ledger.provenance.model import ManifestReading
from ledger.provenance.reading import read_manifest
from ledger.provenance.record import (
    CitedConsent,
    FoundBy,
    LedgerRecord,
    License,
    Question,
    look_up,
)
from ledger.provenance.verdict import Verdict, give_verdict
from ledger.rights.generations_states import GENERATION
from ledger.rights.standing import consents_of
from ledger.rights.states import RECORDING, WORK, Held, RecordingState, WorkState
from ledger.rights.view import Recorded, View
from ledger.shared_views import SharedViews
from ledger.storage.contract import Reader, Store
from schemas import canonical
from schemas.commands.generations import FinishGeneration
from schemas.envelope.statement import read_statement
from schemas.events.generations import (
    GenerationAuthorized,
    GenerationCompleted,
    GenerationFailed,
    ManifestEmbedded,
)
from schemas.events.royalties import RoyaltyAccrued
from schemas.manifest import generation_of
from schemas.refusals import Malformed
from service.workers.finisher import source_type


class Outputs(Protocol):
    """The way from a hash to a generation: a projection's."""

    def by_file(self, file_sha256: str) -> str | None:
        """Return the generation whose output has these bytes."""
        ...

    def by_frames(self, frames_sha256: str, decoder: str) -> str | None:
        """Return the generation whose output decodes to these frames."""
        ...


@dataclass(frozen=True)
class Inspector:
    """Answers a streaming service's questions about files and hashes."""

    store: Store
    outputs: Outputs
    views: SharedViews
    anchors_pem: Callable[[], str]

    def inspect(self, path: Path, question: Question) -> tuple[ManifestReading, Verdict]:
        """Read a file in the guarded process and give its verdict."""
        reading = read_manifest(path, anchors_pem=self.anchors_pem())
        return reading, self.judge(reading, question)

    def judge(self, reading: ManifestReading, question: Question) -> Verdict:
        """Give the verdict on what was read, also of a file that was never sent."""
        with self.store.snapshot() as reader:
            index = _Index(reader, self.views.of(reader), self.outputs)
            return give_verdict(reading, look_up(reading, index), question)


class _Index:
    """Implements `OutputIndex` on one snapshot."""

    def __init__(self, reader: Reader, view: View, outputs: Outputs) -> None:
        self._reader = reader
        self._view = view
        self._outputs = outputs

    def by_urn(self, urn: str) -> LedgerRecord | None:
        try:
            generation = generation_of(urn)
        except Malformed:
            return None  # not a manifest of ours
        return record_of(self._reader, self._view, generation, "urn")

    def by_file(self, file_sha256: str) -> LedgerRecord | None:
        return self._of(self._outputs.by_file(file_sha256), "file")

    def by_frames(self, frames_sha256: str, decoder: str) -> LedgerRecord | None:
        return self._of(self._outputs.by_frames(frames_sha256, decoder), "frames")

    def _of(self, generation: str | None, found_by: FoundBy) -> LedgerRecord | None:
        if generation is None:
            return None
        return record_of(self._reader, self._view, generation, found_by)


def record_of(
    reader: Reader, view: View, generation: str, found_by: FoundBy
) -> LedgerRecord | None:
    """Put together what the log says about a generation; None if it never authorized one.

    `view` is of the same snapshot as `reader`.
    """
    found = {
        type(recorded.event): recorded
        for recorded in (
            read_recorded(stored, reader.openings(stored.event_id or ""))
            for stored in reader.events(f"job:{generation}")
        )
    }
    start = found.get(GenerationAuthorized)
    if start is None or not isinstance(start.event, GenerationAuthorized):
        return None
    state = view.ask(GENERATION, generation)
    entry = reader.entry(start.position)
    assert entry is not None
    completed, failed = found.get(GenerationCompleted), found.get(GenerationFailed)
    done = completed.event if completed else None
    lost = failed.event if failed else None
    assert state.step != "none"
    assert done is None or isinstance(done, GenerationCompleted)
    assert lost is None or isinstance(lost, GenerationFailed)
    ends = [row.position for row in found.values() if row.position > start.position + 1]
    return LedgerRecord(
        generation=generation,
        status=state.step,
        authorized=Authorized(
            urn=start.event.manifest_urn,
            signers=_signers(lost, found.get(ManifestEmbedded)),
            references=start.event.references,
            position=start.position,
            entry=entry.data,
            source_type=source_type(view, start.event.model),
        ),
        head=reader.bound,
        found_by=found_by,
        completed_at=_place(found, GenerationCompleted),
        embedded_at=_place(found, ManifestEmbedded),
        accrued_at=_place(found, RoyaltyAccrued),
        ended_at=min(ends, default=None),
        output=done.output if done else None,
        claim_sha256=_claim(found.get(ManifestEmbedded)),
        file_sha256=done.artifact_sha256 if done else None,
        frames_sha256=done.audio.frames_sha256 if done else None,
        decoder=done.audio.decoder if done else None,
        licenses=(_license(start.event, start.position),),
        consents=tuple(_consents(view, start.event)),
        quarantined=frozenset(
            {lost.quarantined_sha256} if lost and lost.quarantined_sha256 else ()
        ),
    )


def _place(found: dict[type, Recorded], kind: type) -> int | None:
    recorded = found.get(kind)
    return recorded.position if recorded else None


def _signers(lost: GenerationFailed | None, embedded: Recorded | None) -> frozenset[str]:
    """Return the certificates that the worker's own statement vouched for (decision 0011)."""
    if embedded is not None and isinstance(embedded.event, ManifestEmbedded):
        return frozenset({embedded.event.claim_signer_sha256})
    if lost is None or lost.finished is None:
        return frozenset()
    finished = FinishGeneration.read(read_statement(canonical.unb64u(lost.finished)).data)
    signer = finished.claim_signer_sha256
    return frozenset({signer} if signer else ())


def _claim(embedded: Recorded | None) -> str | None:
    event = embedded.event if embedded else None
    return event.claim_sha256 if isinstance(event, ManifestEmbedded) else None


def _license(event: GenerationAuthorized, position: int) -> License:
    return License(
        tier=event.tier,
        channel=event.channel,
        territories=frozenset(event.territory),
        position=position,
    )


def _consents(view: View, event: GenerationAuthorized) -> Iterator[CitedConsent]:
    """Yield each cited consent once, with what became of it since."""
    seen: set[str] = set()
    grantors = {held.party for touched in event.touched for held in touched.controllers}
    grantors |= {name for touched in event.touched for name in touched.performers}
    for row in event.references:
        positions = {cited.consent: cited.position for cited in row.consents}
        works = [view.ask(WORK, work) for work in row.works]
        assets: list[RecordingState | WorkState] = [view.ask(RECORDING, row.recording), *works]
        for asset in assets:
            for party in sorted(grantors):
                for held, revoked_from in consents_of(view, party, asset):
                    if held.consent in positions and held.consent not in seen:
                        seen.add(held.consent)
                        yield _cited(held, positions[held.consent], revoked_from)


def _cited(held: Held, position: int, revoked_from: datetime | None) -> CitedConsent:
    words = next((row for row in held.versions if row.position == position), held.versions[-1])
    return CitedConsent(
        consent=held.consent,
        position=position,
        survives=words.consent.revocation.survives,
        revoked_at=held.revoked_position or None,
        revoked_from=revoked_from,
    )
