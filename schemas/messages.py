"""What travels between the ledger and its generation workers (contracts, section 8).

`generation.authorized` and `generation.cancel` are signed by a process key of the ledger;
`generation.finished` is a statement of the worker (`FinishGeneration`); `generation.progress` is
best effort and signed by nobody. Each side verifies the other: a forged, altered, repeated or
reordered message changes nothing. Prompts are artifacts, never in messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from schemas import canonical
from schemas.envelope import cose
from schemas.envelope.keys import SigningKey
from schemas.ids import GenerationId, RecordingId
from schemas.lists import Parameter
from schemas.model import Base64Url, Count, Position, Sha256Hex, Text, Wire
from schemas.refusals import Malformed

MESSAGE_BYTES_MAX = 262_144
"""Bytes of a message: an entry, its proof and 64 inputs, with room."""


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """What a worker must know of a ledger to believe it: its origin and its public keys by id."""

    origin: str
    entry: Mapping[str, bytes]
    process: Mapping[str, bytes]


class _Signed(Wire):
    """A message that a process key of the ledger signs."""

    TOPIC: ClassVar[str]
    topic: str

    def sign(self, key: SigningKey, *, ledger: str) -> bytes:
        """Return the message as a COSE_Sign1 of the ledger."""
        return cose.sign1(canonical.encode(self.data()), key, issuer=ledger, subject=ledger)

    @classmethod
    def open(cls, raw: bytes, keys: LedgerKeys) -> Self:
        """Verify and read a message; `Malformed` if it is not this ledger's word, unaltered."""
        if len(raw) > MESSAGE_BYTES_MAX:
            raise Malformed("entry_too_large", f"a message has at most {MESSAGE_BYTES_MAX} bytes")
        envelope = cose.read(raw)
        if (envelope.issuer, envelope.subject) != (keys.origin, keys.origin):
            raise Malformed("wrong_ledger", "the message is not of this ledger")
        public = keys.process.get(envelope.kid)
        if public is None:
            raise Malformed("key_unknown", "no process key of the ledger has this id")
        envelope.verify(public)
        if envelope.payload is None:
            raise Malformed("not_canonical", "a message carries its payload")
        return cls.read(canonical.parse(envelope.payload, bytes_max=MESSAGE_BYTES_MAX))


class Input(Wire):
    """An input artifact: the audio of a recording, or of one of its stems, by the file's hash."""

    recording: RecordingId
    stem: Parameter | None
    file_sha256: Sha256Hex


class GenerationAuthorizedMessage(_Signed):
    """A job: the authorization's entry and its proof, and the hashes of what is to be fed."""

    TOPIC: ClassVar[str] = "generation.authorized"

    topic: Literal["generation.authorized"] = "generation.authorized"
    generation: GenerationId
    position: Position
    entry: Base64Url
    proof: Annotated[str, Field(min_length=1, max_length=16_384)]
    inputs: tuple[Input, ...]
    prompt_sha256: Sha256Hex | None = None


class GenerationCancelMessage(_Signed):
    """Stop working on a generation. Best effort: a finished file is judged by the log anyway."""

    TOPIC: ClassVar[str] = "generation.cancel"

    topic: Literal["generation.cancel"] = "generation.cancel"
    generation: GenerationId


class GenerationProgress(Wire):
    """How far a worker is, in thousandths, and at what. Signed by nobody; decides nothing."""

    generation: GenerationId
    permille: Annotated[Count, Field(le=1000)]
    stage: Text
