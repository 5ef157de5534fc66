"""A generation worker, from what its folder holds: it never sees the log, nor the ledger's keys.

Its folder is that of an instance, or one made for it alone by `hand_over`: the instance's public
facts, the ledger's public keys, its own key, and the certificate by which it signs claims.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from generation.artifacts import Artifacts
from generation.embedding import ClaimSigner
from generation.synthesizer import Backend
from generation.worker import Identity, Worker
from ledger import whole_file
from ledger.keys import InstanceKeys, read_key
from ledger.rights.states import PolicyState
from ledger.storage.instants import utc_now
from ledger.storage.killpoints import reach
from schemas import canonical, drafts
from schemas.messages import LedgerKeys
from schemas.observing import UNOBSERVED, Observer
from service.authority import worker_credentials
from service.credentials import ClaimCredentials
from service.facts import InstanceFacts
from service.founding import WORKER_NAME
from service.settings import Settings


class WorkerFolderError(Exception):
    """A worker's folder cannot be made, or lacks something; the sentence says what."""

    code = "worker_folder_unfit"


def claim_credentials(settings: Settings) -> ClaimCredentials:
    """Return the claim signer's certificates: production ones by setting, else the local."""
    if settings.claim_anchors and settings.claim_chain and settings.claim_key:
        return ClaimCredentials(settings.claim_anchors, settings.claim_chain, settings.claim_key)
    return worker_credentials(settings.authority, worker=WORKER_NAME)


def public_keys(origin: str, keys: InstanceKeys, said: PolicyState | None = None) -> LedgerKeys:
    """Return what others must know to believe this ledger's entries and messages.

    `said`: what the log says of its keys. An authorization may have been signed by an entry key
    that was replaced since.
    """
    rows = [key.row for key in said.log_keys if "entry" in key.row.roles] if said else []
    return LedgerKeys(
        origin=origin,
        entry={
            **{row.key: canonical.unb64u(row.public_key) for row in rows},
            **{key.kid: key.public for key in keys.held("entry")},
        },
        process={key.kid: key.public for key in keys.held("process")},
    )


def make_worker(
    settings: Settings,
    facts: InstanceFacts,
    ledger: LedgerKeys,
    artifacts: Artifacts,
    *,
    clock: Callable[[], datetime] = utc_now,
    observer: Observer = UNOBSERVED,
    backends: Mapping[str, Backend] | None = None,
    keeps_units: bool = True,
) -> Worker:
    """Return the worker whose key and certificates the settings' folder holds.

    It renders with the mosaic, unless other backends are given by the ids of their models.
    `keeps_units`: on this machine pages are made, which read what was rendered from where.
    """
    credentials = claim_credentials(settings)
    return Worker(
        Identity(
            party=facts.worker_party,
            key=read_key(settings.keyring / f"{facts.worker_party}.key"),
            signer=ClaimSigner(credentials.chain.read_bytes(), credentials.key.read_bytes()),
            version=version("linernotes"),
        ),
        ledger=ledger,
        artifacts=artifacts,
        backends=_mosaic(facts) if backends is None else backends,
        folder=settings.workers,
        keeps_units=keeps_units,
        clock=clock,
        reach=reach,
        observer=observer,
    )


def _mosaic(facts: InstanceFacts) -> Mapping[str, Backend]:
    # Here, because it brings scipy: whoever only asks or signs should not wait for that.
    from generation.models.mosaic import Mosaic  # noqa: PLC0415 - see the line above

    return {facts.mosaic_model: Mosaic()}


def hand_over(settings: Settings, folder: Path) -> None:
    """Make a folder from which a worker runs on another machine; it must not exist.

    Production certificates are not copied: their paths are settings there as well.
    """
    if folder.exists():
        raise WorkerFolderError(f"{folder} is there already; a worker gets a folder of its own")
    facts = InstanceFacts.load(settings.instance)
    draft = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    there = Settings(home=draft, register=draft / "none")
    there.keyring.mkdir(parents=True, mode=0o700)
    draft.chmod(0o700)
    shutil.copyfile(settings.instance, there.instance)
    shutil.copyfile(settings.ledger_keys, there.ledger_keys)
    own = f"{facts.worker_party}.key"
    shutil.copy(settings.keyring / own, there.keyring / own)
    local = worker_credentials(settings.authority, worker=WORKER_NAME)
    if not settings.claim_chain:
        target = worker_credentials(there.authority, worker=WORKER_NAME)
        target.chain.parent.mkdir(parents=True, mode=0o700)
        shutil.copy(local.chain, target.chain)
        shutil.copy(local.key, target.key)
    # If we stop before this line there is a draft that nobody runs from; it is made anew.
    drafts.name_folder(draft, folder)


def write_public_keys(path: Path, keys: LedgerKeys) -> None:
    """Write the ledger's public keys beside its facts, if they are not there as they are."""
    rows = {
        name: {kid: canonical.b64u(public) for kid, public in sorted(named.items())}
        for name, named in (("entry", keys.entry), ("process", keys.process))
    }
    text = json.dumps({"origin": keys.origin, **rows}, indent=1) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    whole_file.replace(path, text.encode())


def read_public_keys(path: Path) -> LedgerKeys:
    """Read what `write_public_keys` wrote; `WorkerFolderError` if it is not there or not that."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        named = {
            name: {kid: canonical.unb64u(public) for kid, public in found[name].items()}
            for name in ("entry", "process")
        }
        return LedgerKeys(origin=found["origin"], **named)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise WorkerFolderError(f"{path} does not hold the ledger's public keys") from error
