"""Our assertion in a C2PA manifest: what was authorized, and which second sounds when.

The assertion carries the authorization's entry with its tlog-proof (contracts, section 8), so that
whoever holds the file checks offline that this was authorized; `references` repeats the authorized
rows and is what the ledger compares, `rendered` is the worker's evidence and decides nothing.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from schemas import canonical
from schemas.ids import GenerationId, RecordingId, id_of, uuid_of
from schemas.model import Base64Url, Count, Position, Sha256Hex, Wire
from schemas.refusals import Malformed
from schemas.terms import REFERENCES_MAX, AuthorizedReference

ASSERTION_LABEL: Final = "org.linernotes.references"
"""Our assertion's label (a setting: an operator with a domain of its own may name its own)."""

RENDERED_MAX: Final = 1024
"""Rendered intervals kept in the file: the mosaic makes as many in 95 s, they take 110 kB."""

ASSERTION_BYTES_MAX: Final = 524_288
"""Half of what c2pa-rs takes for the whole manifest definition (1 MiB)."""

Relationship = Literal["componentOf", "inputTo"]
"""C2PA 2.4, section 18.15.5: its sound is in the output, or it only conditioned it."""

_VERSION_AT: Final = 76  # the version digit of a UUID, as a shift of its 128 bits
_V4_FOR_V7: Final = (7 ^ 4) << _VERSION_AT


class Authorization(Wire):
    """The entry of the authorization, where it lies, and the C2SP tlog-proof that it lies there."""

    position: Position
    entry: Base64Url
    proof: Annotated[str, Field(min_length=1, max_length=16_384)]


class FrameSpan(Wire):
    """A half-open interval of frames, at the rate of the audio that it lies in.

    An object and no pair: c2pa-rs takes an array of small numbers for bytes and gives it back as
    base64.
    """

    from_frame: Count
    until_frame: Count

    @model_validator(mode="after")
    def _not_empty(self) -> FrameSpan:
        if self.from_frame >= self.until_frame:
            raise Malformed("number_invalid", "an interval ends after it begins")
        return self


class Rendered(Wire):
    """A unit of sound: which row, which frames of its recording, heard when in the output."""

    row: Annotated[int, Field(ge=0, lt=REFERENCES_MAX)]
    source: FrameSpan
    output: FrameSpan


class RenderedDigest(Wire):
    """More intervals than a file should carry: how many, and the hash of their canonical JSON."""

    count: Count
    sha256: Sha256Hex


class ReferencesAssertion(Wire):
    """The assertion `org.linernotes.references`. Read one from outside with `read_assertion`."""

    authorization: Authorization
    references: Annotated[
        tuple[AuthorizedReference, ...], Field(min_length=1, max_length=REFERENCES_MAX)
    ]
    rendered: Annotated[tuple[Rendered, ...], Field(max_length=RENDERED_MAX)] | RenderedDigest = ()

    @model_validator(mode="after")
    def _rows_in_order(self) -> ReferencesAssertion:
        if [reference.row for reference in self.references] != list(range(len(self.references))):
            raise Malformed("reference_count", "rows are numbered 0, 1, 2 … in their order")
        return self


def read_assertion(data: Any) -> ReferencesAssertion:
    """Read the decoded JSON of an assertion from a file; raise `Malformed` with a pointer.

    The bytes come from whoever made the file: the size is checked before anything else is.
    """
    if len(canonical.encode(data)) > ASSERTION_BYTES_MAX:
        raise Malformed("entry_too_large", f"an assertion has at most {ASSERTION_BYTES_MAX} bytes")
    return ReferencesAssertion.read(data)


def bounded(rendered: Iterable[Rendered]) -> tuple[Rendered, ...] | RenderedDigest:
    """Return the intervals, or beyond `RENDERED_MAX` their number and hash."""
    rows = tuple(rendered)
    if len(rows) <= RENDERED_MAX:
        return rows
    raw = canonical.encode([row.data() for row in rows])
    return RenderedDigest(count=len(rows), sha256=hashlib.sha256(raw).hexdigest())


def references_sha256(references: Iterable[AuthorizedReference]) -> str:
    """Return the SHA-256 (hex) of the rows' canonical JSON: equal hashes mean equal rows."""
    return hashlib.sha256(canonical.encode_json(list(references))).hexdigest()


def ingredient_set(
    references: Iterable[AuthorizedReference],
) -> dict[RecordingId, Relationship]:
    """Return each recording once, in order of first use, with its relationship to the output.

    An ingredient is a thing, not a use: two rows of one recording make one ingredient, which is
    `componentOf` as soon as one of them copies its sound. The rows keep the detail.
    """
    found: dict[RecordingId, Relationship] = {}
    for reference in references:
        if reference.copied:
            found[reference.recording] = "componentOf"
        else:
            found.setdefault(reference.recording, "inputTo")
    return found


def manifest_urn(generation: GenerationId) -> str:
    """Return the URN of a generation's manifest, known before anything is signed.

    C2PA manifests are named by UUIDs of version 4 alone (2.4, section 8.2; c2pa-rs refuses others),
    our ids hold version 7: the version digit is exchanged, all other bits stay, so that file and
    ledger find each other without a table.
    """
    return f"urn:c2pa:{uuid.UUID(int=uuid_of(generation).int ^ _V4_FOR_V7)}"


def generation_of(urn: str) -> GenerationId:
    """Return the id of the generation whose manifest would be called `urn`.

    Raises `Malformed("identifier_invalid")` if `manifest_urn` never writes this. That the ledger
    knows the generation is another question.
    """
    try:
        value = uuid.UUID(int=uuid.UUID(urn.removeprefix("urn:c2pa:")).int ^ _V4_FOR_V7)
        generation = id_of("gen", value)
    except ValueError as error:
        raise Malformed("identifier_invalid", "not a manifest URN of ours") from error
    if manifest_urn(generation) != urn:
        raise Malformed("identifier_invalid", "not a manifest URN of ours")
    return generation
