"""From a signed message to what a backend is asked: pure, and nothing of it believed unchecked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from generation.synthesizer import Reference, RenderRequest
from schemas import canonical
from schemas.envelope.entry import read_entry
from schemas.events.generations import GenerationAuthorized
from schemas.messages import GenerationAuthorizedMessage, LedgerKeys
from schemas.refusals import Malformed
from schemas.terms import AuthorizedReference


@dataclass(frozen=True, slots=True)
class Job:
    """A verified authorization to render: the event, and the message that brought it."""

    authorization: GenerationAuthorized
    message: GenerationAuthorizedMessage


def read_job(raw: bytes, keys: LedgerKeys) -> Job:
    """Verify and read a `generation.authorized` message; raise `Malformed` naming the step."""
    # (1) The message is this ledger's word.
    message = GenerationAuthorizedMessage.open(raw, keys)
    # (2) The entry in it is an entry of this ledger.
    entry = read_entry(canonical.unb64u(message.entry))
    if entry.ledger != keys.origin:
        raise Malformed("wrong_ledger", "the entry is of another ledger")
    public = keys.entry.get(entry.kid)
    if public is None:
        raise Malformed("key_unknown", "no entry key of the ledger has this id")
    entry.verify(public)
    # (3) It authorizes exactly this generation.
    if entry.type != GenerationAuthorized.TOPIC:
        raise Malformed("value_unknown", f"the entry is a {entry.type}")
    authorization = GenerationAuthorized.read(entry.data, recorded=True)
    if authorization.generation != message.generation:
        raise Malformed("value_unknown", "the entry authorizes another generation")
    return Job(authorization, message)


def render_request(job: Job, fetch: Callable[[str], Path]) -> RenderRequest:
    """Return the request for the backend; `fetch` gives the local path of an artifact by hash.

    Raises `Malformed("unknown_id")` if an input that a reference needs was not sent.
    """
    event = job.authorization
    inputs = {(row.recording, row.stem): row.file_sha256 for row in job.message.inputs}

    def audio(reference: AuthorizedReference) -> Path:
        digest = inputs.get((reference.recording, reference.stem))
        if digest is None:
            raise Malformed("unknown_id", f"no audio was sent for row {reference.row}")
        return fetch(digest)

    return RenderRequest(
        generation=event.generation,
        references=tuple(_reference(row, audio(row)) for row in event.references),
        duration_ms=event.duration_ms,
        seed=event.seed,
        model=event.model,
    )


def _reference(row: AuthorizedReference, audio: Path) -> Reference:
    return Reference(
        row=row.row,
        recording=row.recording,
        use=row.use,
        parameters=tuple(row.parameters),
        role=row.role,
        weight=Fraction(row.weight),
        source_from_ms=row.source.from_ms if row.source else 0,
        source_until_ms=row.source.until_ms if row.source else None,
        output=(row.output.from_ms, row.output.until_ms) if row.output else None,
        stem=row.stem,
        audio=audio,
    )
