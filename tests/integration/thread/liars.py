"""Workers that lie in one way each, and what a test needs to give them work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from generation.embedding import ClaimSigner
from generation.job import Job
from generation.models.mosaic import Mosaic
from generation.synthesizer import (
    Backend,
    Canceled,
    Capabilities,
    Progress,
    Rendering,
    RenderingCanceled,
    RenderRequest,
)
from generation.worker import Identity, Worker
from ledger.folding import FoldCache
from ledger.keys import read_key
from schemas.envelope.keys import SigningKey
from schemas.messages import LedgerKeys
from service.credentials import ClaimCredentials
from service.instance import Instance
from service.workers.dispatch import compose
from tests.kit.remembering import Remembering

Change = Callable[[Any], Any]


def same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Lies:
    """What a worker does differently from an honest one.

    `job` changes what it believes to work on, `manifest` the definition before it is signed,
    `finished` the fields of its statement before they are signed.
    """

    job: Change = same
    manifest: Change = same
    finished: Change = same


class Liar(Worker):
    """A worker that renders, embeds and signs like any other, but for its lies."""

    lies: Lies = Lies()

    def _manifest(self, job: Job, rendering: Rendering, source_type: str) -> dict[str, Any]:
        found = super()._manifest(self.lies.job(job), rendering, source_type)
        return dict(self.lies.manifest(found))

    def _sign(self, job: Job, finished: dict[str, Any]) -> bytes:
        return super()._sign(job, self.lies.finished(finished))


def liar(
    instance: Instance,
    lies: Lies = Lies(),
    *,
    key: SigningKey | None = None,
    credentials: ClaimCredentials | None = None,
    backend: Backend | None = None,
) -> Liar:
    """Return a worker with the instance's own identity, but for what is named."""
    facts, chosen = instance.facts, credentials or instance.credentials()
    identity = Identity(
        party=facts.worker_party,
        key=key or read_key(instance.settings.keyring / f"{facts.worker_party}.key"),
        signer=ClaimSigner(chosen.chain.read_bytes(), chosen.key.read_bytes()),
        version=version("linernotes"),
    )
    worker = Liar(
        identity,
        ledger=ledger_keys(instance),
        artifacts=instance.artifacts,
        backends={facts.mosaic_model: backend or MOSAIC},
        folder=instance.settings.workers,
        clock=instance.clock,
    )
    worker.lies = lies
    return worker


def ledger_keys(instance: Instance) -> LedgerKeys:
    """Return what a worker knows of the ledger."""
    keys = instance.keys
    return LedgerKeys(
        origin=instance.facts.origin,
        entry={keys.entry.kid: keys.entry.public},
        process={keys.process.kid: keys.process.public},
    )


def message(instance: Instance, generation: str) -> bytes:
    """Return the signed `generation.authorized` message."""
    with instance.store.snapshot() as reader:
        position = next(
            stored.position
            for stored in reader.events(f"job:{generation}")
            if stored.type == "GenerationAuthorized"
        )
        return compose(
            reader,
            position,
            ledger=instance.facts.origin,
            key=instance.keys.process,
            policy=instance.policy.current(),
            cache=FoldCache(),
        )


def work(worker: Worker, raw: bytes) -> bytes:
    """Have a message worked on; return the finished statement."""
    return worker.work(raw, progress=lambda _done, _stage: None, canceled=lambda: False)


def rows_changed(change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Change:
    """Return a lie about the rows of the authorization."""

    def lie(job: Job) -> Job:
        event = job.authorization
        return replace(
            job, authorization=event.model_copy(update={"references": change(event.references)})
        )

    return lie


def message_changed(**fields: Any) -> Change:
    """Return a lie about what the message carried: position, entry, proof."""
    return lambda job: replace(job, message=job.message.model_copy(update=fields))


def finished_changed(**fields: Any) -> Change:
    """Return a lie in the finished statement."""
    return lambda finished: {**finished, **fields}


MOSAIC = Remembering()


@dataclass(frozen=True)
class Patient:
    """A backend that has begun and waits until it is told to stop."""

    begun: threading.Event

    def capabilities(self) -> Capabilities:
        """Say the mosaic's."""
        return Mosaic().capabilities()

    def validate(self, request: RenderRequest) -> None:
        """Take everything."""

    def generate(self, request: RenderRequest, progress: Progress, canceled: Canceled) -> Rendering:
        """Wait."""
        del request
        progress(0.1, "waiting")
        self.begun.set()
        ticks = threading.Event()
        while not canceled():
            ticks.wait(0.01)
        raise RenderingCanceled


def assertion_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of our assertion in a definition."""
    row = next(one for one in manifest["assertions"] if one["label"].startswith("org."))
    data: dict[str, Any] = row["data"]
    return data
