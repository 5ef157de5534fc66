"""The finisher: reads the finished file with its own eyes, and reports what it read.

The worker's word is not enough (contracts, section 8). Reporting is idempotent: the command id
follows from the generation and the worker's statement, so a crash after the report and before the
answer is answered again, and a second finisher's report is a repetition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from generation.artifacts import ArtifactError, Artifacts
from ledger.answer import Answer
from ledger.application import Application
from ledger.provenance.model import Ingredient
from ledger.provenance.reading import read_manifest
from ledger.storage.killpoints import reach
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.generations import (
    FinishGeneration,
    ReadManifest,
    ReportFailure,
    ReportManifestRead,
)
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import Statement, read_statement
from schemas.ids import id_of
from schemas.manifest import ReferencesAssertion, references_sha256
from service.speaking import say

FailureCode = Literal["worker_failed", "artifact_unreadable", "artifact_missing", "worker_silent"]


@dataclass(frozen=True)
class Finisher:
    """Speaks with the ledger's process key about files that it has read."""

    application: Application
    artifacts: Artifacts
    party: str
    key: SigningKey
    anchors_pem: Callable[[], str]
    clock: Callable[[], datetime]

    def finish(self, finished: bytes) -> Answer:
        """Judge one `generation.finished` statement and append what follows.

        Raises what `Application.handle` raises. The statement's signature is judged by the rules,
        with the worker's key as the log has it: nothing here trusts the worker.
        """
        statement = read_statement(finished)
        command = FinishGeneration.read(statement.data)
        reach("before_report")
        if command.outcome == "failed" or command.artifact_sha256 is None:
            return self._fail(statement, command.generation, "worker_failed")
        try:
            path = self.artifacts.path(command.artifact_sha256)
        except ArtifactError:
            return self._fail(statement, command.generation, "artifact_missing")
        answer = self._report(statement, command.generation, path)
        reach("after_report")
        return answer

    def worker_broke(self, generation: str) -> Answer:
        """Report that a worker failed without a word of its own."""
        command = ReportFailure(generation=generation, code="worker_silent", finished=None)
        said = say(
            command,
            actor=self.party,
            key=self.key,
            ledger=self.application.origin,
            now=self.clock(),
        )
        return self.application.handle(said.raw)

    def _report(self, statement: Statement, generation: str, path: Path) -> Answer:
        reading = read_manifest(path, anchors_pem=self.anchors_pem())
        audio = reading.audio()
        if audio is None:
            return self._fail(statement, generation, "artifact_unreadable")
        command = ReportManifestRead(
            generation=generation,
            output=_derived("out", statement),
            finished=canonical.b64u(statement.raw),
            reading=ReadManifest(
                urn=reading.urn,
                claim_signer_sha256=reading.signer.certificate_sha256 if reading.signer else None,
                references_sha256=_rows_digest(reading.assertion),
                ingredients=_recordings(reading.ingredients),
                audio=audio,
                failures=reading.failure_codes(),
            ),
        )
        return self._say(command, statement)

    def _fail(self, statement: Statement, generation: str, code: FailureCode) -> Answer:
        command = ReportFailure(
            generation=generation, code=code, finished=canonical.b64u(statement.raw)
        )
        return self._say(command, statement)

    def _say(self, command: Command, statement: Statement) -> Answer:
        said = say(
            command,
            actor=self.party,
            key=self.key,
            ledger=self.application.origin,
            now=self.clock(),
            command_id=_derived("cmd", statement),
        )
        return self.application.handle(said.raw)


def _rows_digest(assertion: ReferencesAssertion | None) -> str | None:
    return references_sha256(assertion.references) if assertion else None


def _recordings(ingredients: Iterable[Ingredient]) -> tuple[str, ...]:
    """Return what the ingredients name; what is no recording of ours stays and will not match."""
    return tuple(row.instance_id or "unnamed" for row in ingredients)


def _derived(prefix: str, statement: Statement) -> str:
    """Return an id that follows from the worker's statement alone, so that a retry repeats it.

    A UUIDv7 (RFC 9562, section 5.7): the statement's own instant, then a hash in place of chance.
    """
    milliseconds = int(statement.issued_at.timestamp() * 1000)
    digest = int.from_bytes(hashlib.sha256(prefix.encode() + statement.raw).digest()[:10], "big")
    number = milliseconds << 80 | digest
    number = number & ~(0xF << 76) | 7 << 76
    number = number & ~(0b11 << 62) | 0b10 << 62
    return id_of(prefix, UUID(int=number))
