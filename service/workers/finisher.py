"""The finisher: reads the finished file with its own eyes, and reports what it read.

The worker's word is not enough (contracts, section 8). Reporting is idempotent: the command id
follows from the generation and the worker's statement, so a crash after the report and before the
answer is answered again, and a second finisher's report is a repetition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import UUID

from generation.artifacts import ArtifactError, Artifacts
from ledger.answer import Answer
from ledger.decoding import read_recorded
from ledger.folding import FoldCache, LogSource
from ledger.provenance.match import Authorized
from ledger.provenance.reading import read_manifest
from ledger.provenance.report import ArtifactUnreadableError, authorized_by, report_read
from ledger.rights.states import MODEL
from ledger.rights.view import View
from ledger.storage.contract import Store
from ledger.storage.killpoints import reach
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.generations import (
    FinishGeneration,
    ReportFailure,
    ReportManifestRead,
)
from schemas.envelope.statement import Statement, read_statement
from schemas.events.generations import GenerationAuthorized, GenerationFailed
from schemas.ids import id_of
from schemas.observing import UNOBSERVED, Observer
from schemas.refusals import Malformed
from service.speaker import Speaker

FailureCode = Literal["worker_failed", "artifact_unreadable", "artifact_missing", "worker_silent"]
"""How a generation fails by the finisher's word."""


@dataclass(frozen=True)
class Finisher:
    """Speaks with the ledger's process key about files that it has read."""

    process: Speaker
    store: Store
    artifacts: Artifacts
    anchors_pem: Callable[[], str]
    observer: Observer = UNOBSERVED
    cache: FoldCache = field(default_factory=FoldCache)
    """Model versions as the log knows them, kept from one file to the next."""

    def finish(self, finished: bytes, *, carried: str | None = None) -> Answer:
        """Judge one `generation.finished` statement and append what follows.

        Raises what `Application.handle` raises. The statement's signature is judged by the rules,
        with the worker's key as the log has it: nothing here trusts the worker. `carried` is the
        traceparent that came with the message.
        """
        with self.observer.step("finish", carried=carried):
            answer = self._finish(finished)
            outcome, code = _end_of(answer)
            self.observer.ended("finish", outcome, code=code)
            return answer

    def _finish(self, finished: bytes) -> Answer:
        statement = read_statement(finished)
        command = FinishGeneration.read(statement.data)
        reach("before_report")
        if command.outcome == "failed" or command.artifact_sha256 is None:
            return self._fail(statement, command.generation, "worker_failed")
        try:
            path = self.artifacts.path(command.artifact_sha256)
        except ArtifactError:
            return self._fail(statement, command.generation, "artifact_missing")
        answer = self._report(statement, command, path)
        reach("after_report")
        return answer

    def worker_broke(self, generation: str) -> Answer:
        """Report that a worker failed without a word of its own."""
        return self.process.say(
            ReportFailure(generation=generation, code="worker_silent", finished=None)
        )

    def _report(self, statement: Statement, finished: FinishGeneration, path: Path) -> Answer:
        authorized = self._authorized(finished)
        if authorized is None:
            raise Malformed("unknown_id", f"nothing was authorized as {finished.generation}")
        with self.observer.step("read_back"):
            reading = read_manifest(path, anchors_pem=self.anchors_pem())
        try:
            read = report_read(authorized, reading)
        except ArtifactUnreadableError:
            return self._fail(statement, finished.generation, "artifact_unreadable")
        command = ReportManifestRead(
            generation=finished.generation,
            output=_derived("out", statement),
            finished=canonical.b64u(statement.raw),
            reading=read,
        )
        return self._say(command, statement)

    def _authorized(self, finished: FinishGeneration) -> Authorized | None:
        """Return what the log authorized, with the certificate that the worker's word names."""
        signer = finished.claim_signer_sha256
        with self.store.snapshot() as reader:
            for stored in reader.events(f"job:{finished.generation}"):
                if stored.type == GenerationAuthorized.TOPIC:
                    event = read_recorded(stored, ()).event
                    assert isinstance(event, GenerationAuthorized)
                    return authorized_by(
                        event,
                        position=stored.position,
                        entry=stored.data,
                        signers=frozenset({signer} if signer else ()),
                        source_type=source_type(View(LogSource(reader, self.cache)), event.model),
                    )
        return None

    def _fail(self, statement: Statement, generation: str, code: FailureCode) -> Answer:
        command = ReportFailure(
            generation=generation, code=code, finished=canonical.b64u(statement.raw)
        )
        return self._say(command, statement)

    def _say(self, command: Command, statement: Statement) -> Answer:
        with self.observer.step("report"):
            return self.process.say(command, command_id=_derived("cmd", statement))


def _end_of(answer: Answer) -> tuple[str, str]:
    """Return what became of a generation, and why where it failed."""
    for entry in answer.entries:
        if entry.type == GenerationFailed.TOPIC:
            return "failed", str(entry.data["code"])
    return "completed", ""


def source_type(view: View, model: str) -> str | None:
    """Return the IPTC digital source type that a model version registered, if it did."""
    registered = view.ask(MODEL, model).registered
    return registered.capabilities.digital_source_type if registered else None


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
