"""A generation worker: takes a signed authorization, renders, embeds, and signs what it did.

It knows messages and artifacts, never the ledger's database. Its word is not enough: the ledger
reads the file back (contracts, section 8).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from generation.artifacts import ArtifactError, Artifacts
from generation.audio import Audio, AudioError, write_wav
from generation.embedding import ClaimSigner, SourceRefusedError, embed
from generation.job import Job, read_job, render_request
from generation.manifest import (
    SOURCE_TYPE_PREFIX,
    Generator,
    ManifestContent,
    build_manifest,
)
from generation.synthesizer import (
    Backend,
    Canceled,
    CannotHonor,
    Progress,
    Rendering,
    RenderingCanceled,
    Unit,
)
from generation.worker_folder import FINISHED, UNITS, WorkerFolder
from schemas import canonical
from schemas.commands.generations import FinishGeneration
from schemas.drafts import write
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import sign_statement
from schemas.ids import new_id
from schemas.manifest import (
    Authorization,
    FrameSpan,
    ReferencesAssertion,
    Rendered,
    bounded,
)
from schemas.messages import LedgerKeys
from schemas.observing import UNOBSERVED, Observer
from schemas.period import format_instant, parse_instant
from schemas.refusals import Malformed

Reach = Callable[[str], None]
"""Told that a named step is done: a test lets the process die there."""

PRODUCT: Final = "Linernotes"
STATEMENT_LIVES: Final = timedelta(minutes=10)
"""How long a finished message may wait for its finisher; the authorization lives an hour."""


@dataclass(frozen=True)
class Identity:
    """Who a worker is: its party, its key (enrolled in the ledger), its claim signer."""

    party: str
    key: SigningKey
    signer: ClaimSigner
    version: str


class Worker:
    """Renders jobs. `backends` maps a model id of the ledger to what renders it.

    `folder` holds one folder per generation while it is worked on, and its finished statement for
    as long as its job may come again: a repeated message is answered with the same bytes.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        ledger: LedgerKeys,
        artifacts: Artifacts,
        backends: Mapping[str, Backend],
        folder: Path,
        keeps_units: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        reach: Reach = lambda _name: None,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._identity = identity
        self._ledger = ledger
        self._artifacts = artifacts
        self._backends = backends
        self._folder = WorkerFolder(folder, keeps_units=keeps_units)
        self._clock = clock
        self._reach = reach
        self._observer = observer

    @property
    def ledger(self) -> LedgerKeys:
        """The ledger that this worker believes."""
        return self._ledger

    def work(
        self,
        message: bytes,
        *,
        progress: Progress,
        canceled: Canceled,
        carried: str | None = None,
    ) -> bytes:
        """Do one job and return the signed `generation.finished` statement.

        Raises `Malformed` if the message is not this ledger's word, `RenderingCanceled` when told
        to stop. Whatever else goes wrong with the job itself is a finished statement that says so.
        `carried` is the traceparent that came with the message.
        """
        with self._observer.step("work", carried=carried):
            return self._work(message, progress, canceled)

    def _work(self, message: bytes, progress: Progress, canceled: Canceled) -> bytes:
        job = read_job(message, self._ledger)
        self._folder.sweep(self._clock())
        generation = job.authorization.generation
        done = self._folder.of(generation) / FINISHED
        if done.is_file():
            return done.read_bytes()
        until = parse_instant(job.authorization.expires_at)
        home = self._folder.begin(generation, expires_at=until)
        try:
            finished = self._finish(job, home, progress, canceled)
        except RenderingCanceled:
            raise
        except (CannotHonor, AudioError, ArtifactError, SourceRefusedError, Malformed) as error:
            finished = {"outcome": "failed", "reason": str(error)[:400]}
            self._observer.ended("job", "failed", code=getattr(error, "code", "source_refused"))
        else:
            self._observer.ended("job", "completed")
        raw = self._sign(job, finished)
        # If we stop before this line, or in it, or the whole folder goes with the power, the job is
        # rendered again and signed again: same seed, another statement, and the log takes the
        # first of the two. What is never there is a name without its bytes, for it would be sent.
        write(done, raw, before=lambda: self._reach("finished_before_named"))
        return raw

    def _finish(
        self, job: Job, home: Path, progress: Progress, canceled: Canceled
    ) -> dict[str, Any]:
        backend = self._backends.get(job.authorization.model)
        if backend is None:
            raise CannotHonor("model_unknown", "this worker does not have the model")
        request = render_request(job, self._artifacts.path)
        backend.validate(request)
        with self._observer.step("render"):
            rendering = backend.generate(
                request, lambda done, stage: progress(done * 0.9, stage), canceled
            )
        progress(0.92, "embedding the manifest")
        plain, signed = home / "rendering.wav", home / "output.wav"
        write_wav(plain, Audio(rendering.audio, rendering.sample_rate))
        self._reach("rendered_before_embed")
        manifest = self._manifest(job, rendering, backend.capabilities().digital_source_type)
        with self._observer.step("embed"):
            embed(plain, signed, manifest, signer=self._identity.signer)
        units = canonical.encode([_unit_row(unit) for unit in rendering.units])
        # On disk before the statement that holds its hash.
        write(home / UNITS, units)
        self._reach("embedded_before_put")
        progress(0.98, "storing the file")
        with self._observer.step("put"):
            digest = self._artifacts.put(signed)
        self._reach("put_before_finished")
        size = signed.stat().st_size
        plain.unlink()
        signed.unlink()
        progress(1.0, "finished")
        return {
            "outcome": "completed",
            "artifact_sha256": digest,
            "artifact_bytes": size,
            "claim_signer_sha256": self._identity.signer.certificate_sha256,
            "units_sha256": hashlib.sha256(units).hexdigest(),
        }

    def _manifest(self, job: Job, rendering: Rendering, source_type: str) -> dict[str, Any]:
        event, message = job.authorization, job.message
        assertion = ReferencesAssertion(
            authorization=Authorization(
                position=message.position, entry=message.entry, proof=message.proof
            ),
            references=event.references,
            rendered=bounded(_rendered(unit) for unit in rendering.units),
        )
        return build_manifest(
            ManifestContent(
                generation=event.generation,
                title=f"{event.generation}.wav",
                media_type="audio/wav",
                generator=Generator(PRODUCT, self._identity.version, event.model),
                source_type=source_type.removeprefix(SOURCE_TYPE_PREFIX),  # type: ignore[arg-type]  # build_manifest checks it
                created_at=self._clock(),
                assertion=assertion,
            )
        )

    def _sign(self, job: Job, finished: dict[str, Any]) -> bytes:
        now = self._clock()
        command = FinishGeneration.read({"generation": job.authorization.generation, **finished})
        payload = {
            "actor": self._identity.party,
            "after": None,
            "command": "FinishGeneration",
            "data": command.data(),
            "expires_at": format_instant(now + STATEMENT_LIVES),
            "id": new_id("cmd"),
            "issued_at": format_instant(now),
            "ledger": self._ledger.origin,
            "mandate": None,
            "version": FinishGeneration.VERSION,
        }
        return sign_statement(
            payload, self._identity.key, issuer=self._identity.party, ledger=self._ledger.origin
        )


def _rendered(unit: Unit) -> Rendered:
    return Rendered(
        row=unit.row,
        source=FrameSpan(from_frame=unit.source_from_frame, until_frame=unit.source_until_frame),
        output=FrameSpan(from_frame=unit.output_from_frame, until_frame=unit.output_until_frame),
    )


def _unit_row(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in unit.__dataclass_fields__}
