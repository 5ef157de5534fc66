"""Making a lost register again from what witnesses have signed (evidence, "The log").

Dangerous, and so an explicit command: what the log said beyond the checkpoint that it begins with
is forgotten by the register, and by nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from ledger.evidence.errors import EvidenceError
from ledger.evidence.note import (
    Checkpoint,
    NoteSignature,
    VerifierKey,
    parse_checkpoint,
    parse_vkey,
    read_note,
    verify_note,
)
from ledger.evidence.policy import NONE, Policy, parse_policy
from ledger.evidence.submission import monitoring_path
from ledger.storage.errors import RegisterRefused
from ledger.storage.register import FileRegister
from ledger.storage.registers import open_register
from service.facts import InstanceFacts
from service.settings import Settings

TIMEOUT_S: Final = 10.0
"""How long a witness may take to say what it has seen."""


def seed_register(settings: Settings, note: str, policy: Policy) -> int:
    """Make the register of an instance from a cosigned checkpoint; return its size.

    `policy` says whose signatures count; take it from where no backup is restored. Raises
    `RegisterRefused`: there is a register, or no quorum has signed.
    """
    keys = list(map(parse_vkey, InstanceFacts.load(settings.instance).vkeys))
    return FileRegister.seed_again(settings.register, keys, note, policy).size()


def gather(policy: Policy, origin: str) -> str:
    """Ask all witnesses of a policy for their newest checkpoint; return the greatest, cosigned.

    Raises `RegisterRefused` where no quorum has signed one and the same greatest checkpoint: a
    register begun with a smaller one would take an older copy of the log for the newest.
    """
    if policy.quorum == NONE:
        raise RegisterRefused("this policy asks for no witness, so nobody remembers the log for it")
    seen = {name: _newest(policy, key, origin) for name, key in policy.witnesses.items()}
    told = {name: note for name, note in seen.items() if note is not None}
    if not told:
        raise RegisterRefused("no witness of this policy has seen the log, or none answers")
    greatest = max(_checkpoint(note).size for note in told.values())
    note = _merged([note for note in told.values() if _checkpoint(note).size == greatest])
    if not policy.accept(note, require_witnesses=False).is_witnessed:
        raise RegisterRefused(
            f"the newest checkpoint has {greatest} entries and no quorum: {_told(seen)}"
        )
    return note


def compare(settings: Settings) -> tuple[str, bool]:
    """Say what each witness of the instance's policy has seen, and whether that can be.

    It cannot if some witness has seen more than the register holds: then this is an older copy of
    the log, with an older copy of the register; or the log's key signs a second history.
    """
    facts = InstanceFacts.load(settings.instance)
    policy = parse_policy(settings.policy.read_bytes()) if settings.policy.exists() else None
    if policy is None or not policy.witnesses:
        return "none: the log guards against crashes and mistakes, not against its operator", True
    keys = list(map(parse_vkey, facts.vkeys))
    held = open_register(settings.register_place, keys).held().size
    told, is_well = [f"the register holds {held}"], True
    for name, key in policy.witnesses.items():
        try:
            note = _newest(policy, key, facts.origin)
        except EvidenceError as error:
            told.append(f"{name}: {error}")
            is_well = False
            continue
        size = None if note is None else _checkpoint(note).size
        told.append(f"{name} {'does not say' if size is None else f'has seen {size}'}")
        is_well &= size is None or size <= held
    return "; ".join(told), is_well


def _newest(policy: Policy, key: VerifierKey, origin: str) -> str | None:
    """Return a witness's newest checkpoint, verified; None where it does not answer or has none."""
    url = policy.urls.get(key.name)
    if url is None:
        return None
    try:
        path = f"{url.rstrip('/')}/{monitoring_path(origin)}"
        response = httpx.get(path, timeout=TIMEOUT_S, trust_env=False)
    except httpx.HTTPError:
        return None
    if not response.is_success:
        return None
    note = read_note(response.text)
    if _checkpoint(response.text).origin != origin or not verify_note(note, policy.log_keys):
        raise EvidenceError(f"what this witness serves, the log did not sign [{key.name}]")
    if not verify_note(note, (key,)):
        raise EvidenceError(f"what this witness serves, it did not sign itself [{key.name}]")
    return response.text


def _merged(notes: list[str]) -> str:
    """Return one note with the lines of all; raises where they speak of different trees."""
    read = [read_note(note) for note in notes]
    bodies = {note.body for note in read}
    if len(bodies) != 1:
        raise EvidenceError("the log has shown two histories: its witnesses hold different roots")
    lines: dict[NoteSignature, None] = {line: None for note in read for line in note.signatures}
    return "".join([bodies.pop(), "\n", *(f"{line}\n" for line in lines)])


def _checkpoint(note: str) -> Checkpoint:
    return parse_checkpoint(read_note(note).body)


def _told(seen: Mapping[str, str | None]) -> str:
    return ", ".join(
        f"{name} has seen {'nothing' if note is None else _checkpoint(note).size}"
        for name, note in seen.items()
    )
