"""The last step: what the file says must be what was authorized; then it is owed, in one append.

Source: contracts, section 8; rules, X2, X6. The finisher's reading and the worker's word are both
inside the command, so an audit decides it again from the log alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from ledger.rights.decision import Accepted, Asked, Decision
from ledger.rights.generations_ends import check_alive, running
from ledger.rights.generations_finished import Finished, read_finished
from ledger.rights.generations_inflight import Met, consents_met
from ledger.rights.generations_states import GenerationState
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.generations import ReadManifest, ReportManifestRead
from schemas.events.base import Event
from schemas.events.generations import (
    FeeAgreed,
    GenerationAuthorized,
    GenerationCanceled,
    GenerationCompleted,
    GenerationFailed,
    ManifestEmbedded,
)
from schemas.events.royalties import RoyaltyAccrued
from schemas.refusals import Malformed

DIFFERENCES_MAX: Final = 64
"""Differences of one failed generation: one line for each of 64 references, or their sum."""

_CHARACTERS_MAX: Final = 400


def report_manifest_read(view: View, asked: Asked, command: ReportManifestRead) -> Decision:
    """Complete a generation, or fail it where file and authorization differ, or cancel it.

    A consent that says `in_flight: cancel` and was revoked, or whose window ended, cancels.
    """
    state, authorized = running(view, command.generation)
    check_alive(authorized, asked.at)
    said = read_finished(view, command.finished, authorized)
    if said.command.outcome != "completed":
        raise Malformed("value_unknown", "the worker says failed", pointer="/finished")
    if found := tuple(differences(command.reading, said, authorized)):
        return Accepted((_failed(command, said, authorized, found),))
    met = consents_met(view, authorized, at=asked.at)
    canceling = tuple(row for row in met if row.cancels)
    if canceling:
        return Accepted((_canceled(authorized, canceling),))
    return Accepted(_completed(state, authorized, command, said, met))


def differences(
    reading: ReadManifest, said: Finished, authorized: GenerationAuthorized
) -> Iterator[str]:
    """Yield in words what in the file is not as it was authorized, or as its worker said."""
    pairs = {
        "manifest URN": (reading.urn, authorized.manifest_urn),
        "claim signer": (reading.claim_signer_sha256, said.command.claim_signer_sha256),
        "reference rows": (reading.references_sha256, authorized.references_sha256),
        "file": (reading.audio.file_sha256, said.command.artifact_sha256),
    }
    for name, (found, expected) in pairs.items():
        if found is None or found != expected:
            yield f"{name}: read {found or 'none'}, expected {expected or 'none'}"
    expected_set = {row.recording for row in authorized.references}
    for recording in sorted(expected_set - set(reading.ingredients)):
        yield f"ingredients: {recording} is missing"
    for recording in sorted(set(reading.ingredients) - expected_set):
        yield f"ingredients: {recording} was not authorized"
    for failure in reading.failures:
        yield f"validation: {failure}"[:_CHARACTERS_MAX]


def _bounded(found: tuple[str, ...]) -> tuple[str, ...]:
    """Keep as many differences as an entry holds; a lying file may name thousands of things."""
    if len(found) <= DIFFERENCES_MAX:
        return found
    more = f"and {len(found) - DIFFERENCES_MAX + 1} more"
    return (*found[: DIFFERENCES_MAX - 1], more)


def _failed(
    command: ReportManifestRead,
    said: Finished,
    authorized: GenerationAuthorized,
    found: tuple[str, ...],
) -> GenerationFailed:
    return GenerationFailed(
        generation=authorized.generation,
        code="reference_set_mismatch",
        differences=_bounded(found),
        quarantined_sha256=said.command.artifact_sha256,
        finished=command.finished,
        touched=authorized.touched,
    )


def _canceled(authorized: GenerationAuthorized, met: tuple[Met, ...]) -> GenerationCanceled:
    revoked = any(row.because == "consent_revoked" for row in met)
    return GenerationCanceled(
        generation=authorized.generation,
        because="consent_revoked" if revoked else "outside_window",
        consents=tuple(sorted({row.consent for row in met})),
        touched=authorized.touched,
    )


def _completed(
    state: GenerationState,
    authorized: GenerationAuthorized,
    command: ReportManifestRead,
    said: Finished,
    met: tuple[Met, ...],
) -> tuple[Event, ...]:
    agreed = state.agreed
    assert agreed is not None  # appended with the authorization
    revoked = sorted({row.consent for row in met if row.because == "consent_revoked"})
    completed = GenerationCompleted(
        generation=authorized.generation,
        output=command.output,
        artifact_sha256=command.reading.audio.file_sha256,
        audio=command.reading.audio,
        worker=said.worker,
        finished=command.finished,
        references_sha256=authorized.references_sha256,
        authorized_before_revocation=tuple(revoked),
        touched=authorized.touched,
    )
    return (completed, _embedded(authorized, command), _accrued(agreed, command))


def _embedded(authorized: GenerationAuthorized, command: ReportManifestRead) -> ManifestEmbedded:
    signer = command.reading.claim_signer_sha256
    assert signer is not None  # none is a difference
    return ManifestEmbedded(
        generation=authorized.generation,
        output=command.output,
        manifest_urn=authorized.manifest_urn,
        claim_sha256=command.reading.claim_sha256,
        claim_signer_sha256=signer,
        references_sha256=authorized.references_sha256,
        ingredients=tuple(sorted(set(command.reading.ingredients))),
        artifact_sha256=command.reading.audio.file_sha256,
        touched=authorized.touched,
    )


def _accrued(agreed: FeeAgreed, command: ReportManifestRead) -> RoyaltyAccrued:
    """Post the vector of the authorization unchanged, also when it is all zeros."""
    return RoyaltyAccrued(
        generation=agreed.generation,
        output=command.output,
        payer=agreed.payer,
        fee=agreed.fee,
        pool=agreed.pool,
        commission=agreed.commission,
        legs=agreed.legs,
        vector_sha256=agreed.vector_sha256,
        touched=agreed.touched,
    )


DECIDES: Final[Mapping[type[Command], Callable[[View, Asked, Any], Decision]]] = MappingProxyType(
    {ReportManifestRead: report_manifest_read}
)
"""The rules of this module by their commands."""
