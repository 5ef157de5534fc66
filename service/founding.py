"""Founding an instance: its keys, its certificate authority, its register, and position 1.

The facts are named last, so that a crash half-way leaves no instance that looks whole: it is begun
again.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from hashlib import sha256
from typing import Final

from ledger.evidence.vkeys import NoteKey, VerifierKey
from ledger.keys import InstanceKeys, make_instance_keys, read_key, write_key
from ledger.storage.killpoints import reach
from ledger.storage.register import FileRegister
from ledger.storage.vault import make_master_key
from schemas import canonical
from schemas.commands.log import InstanceKey, OpenLog, Policy
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from service.authority import issue_worker, make_authority, worker_credentials
from service.facts import InstanceFacts
from service.policy import read_witness_lines
from service.settings import Settings

OPERATOR_ROLES: Final = ("finance", "operator", "platform", "registrar")
"""What the operator's first key may do; other officers are enrolled by it."""

WORKER_NAME: Final = "embedded"
"""The name of the worker that runs in the embedded engine's process."""


class AlreadyFoundedError(Exception):
    """There is an instance here already; it is never replaced."""


def found(
    settings: Settings, *, origin: str, operator_name: str, now: datetime
) -> tuple[InstanceFacts, InstanceKeys]:
    """Make an instance's folder and register; the log itself is opened by `opening_command`."""
    if settings.instance.exists():
        raise AlreadyFoundedError(f"there is an instance in {settings.home}")
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = _keys(settings)
    reach("founding_after_keys")
    facts = _facts(settings, keys, origin, operator_name)
    _certify(settings, operator_name, now)
    note_key = VerifierKey(origin, keys.checkpoint.public)
    if settings.register_url is None:
        FileRegister.create(settings.register, [note_key])
    # Last: where these facts are, all that they name is there too.
    facts.write(settings.instance)
    return facts, keys


def _keys(settings: Settings) -> InstanceKeys:
    if settings.keys.exists():
        # A founding that stopped half-way: nothing was signed with these keys that anybody saw.
        shutil.rmtree(settings.keys)
    keys = make_instance_keys(settings.keys)
    make_master_key(settings.master_key)
    shutil.rmtree(settings.keyring, ignore_errors=True)
    settings.keyring.mkdir(mode=0o700)
    return keys


def _certify(settings: Settings, operator_name: str, now: datetime) -> None:
    """Make what a founding that stopped half-way did not make yet."""
    if not settings.authority.exists():
        make_authority(settings.authority, name=operator_name, at=now)
        reach("founding_after_authority")
    if not worker_credentials(settings.authority, worker=WORKER_NAME).chain.exists():
        issue_worker(settings.authority, worker=WORKER_NAME, at=now)


def _facts(
    settings: Settings, keys: InstanceKeys, origin: str, operator_name: str
) -> InstanceFacts:
    operator, worker = new_id("pty"), new_id("pty")
    operator_key = SigningKey.generate(new_id("key"))
    worker_key = SigningKey.generate(new_id("key"))
    for party, key in ((operator, operator_key), (worker, worker_key)):
        write_key(settings.keyring / f"{party}.key", key)
    return InstanceFacts(
        origin=origin,
        operator_name=operator_name,
        ledger_party=new_id("pty"),
        operator_party=operator,
        operator_key=operator_key.kid,
        worker_party=worker,
        worker_key=worker_key.kid,
        mosaic_model=new_id("mod"),
        checkpoint_vkey=NoteKey(origin, keys.checkpoint).vkey,
    )


def opening_command(
    settings: Settings, facts: InstanceFacts, keys: InstanceKeys, policy: Policy
) -> OpenLog:
    """Return the command of position 1."""
    operator = read_key(settings.keyring / f"{facts.operator_party}.key")
    anchors = (settings.authority / "root.pem").read_bytes()
    own = [
        ("checkpoint", keys.checkpoint),
        ("entry", keys.entry),
        ("intake", keys.intake),
        ("process", keys.process),
    ]
    return OpenLog(
        origin=facts.origin,
        ledger_party=facts.ledger_party,
        operator_party=facts.operator_party,
        operator_name=facts.operator_name,
        root_public_key=canonical.b64u(keys.root.public),
        checkpoint_vkey=facts.checkpoint_vkey,
        keys=(
            *(
                InstanceKey(
                    key=key.kid,
                    public_key=canonical.b64u(key.public),
                    roles=(role,),  # type: ignore[arg-type]  # a closed list, checked by pydantic
                    party=facts.ledger_party,
                )
                for role, key in own
            ),
            InstanceKey(
                key=facts.operator_key,
                public_key=canonical.b64u(operator.public),
                roles=OPERATOR_ROLES,
                party=facts.operator_party,
            ),
        ),
        policy=policy,
        witnesses=read_witness_lines(settings.witnesses) if settings.witnesses else (),
        trust_anchors_sha256=(sha256(anchors).hexdigest(),),
    )
