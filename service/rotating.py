"""Replacing a key of the ledger: what the folder keeps of the one that comes and that goes.

A new key lies in the folder before the log says anything, so that every process holds it when it
comes into force; the old one is put aside after the log has said that it signs no more.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path

from ledger.evidence.vkeys import NoteKey, parse_vkey
from ledger.keys import key_files, read_key, successor_file, write_key
from ledger.storage.registers import open_register
from schemas import drafts
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from service.facts import InstanceFacts
from service.settings import Settings


def prepare(settings: Settings, role: str, *, known: Container[str] | None = None) -> SigningKey:
    """Return a key that is to sign; nothing is signed by it before the log says so.

    `known` are the keys that are, or were, in force. One that lies here beside them was prepared by
    somebody who then stopped, and is taken up; without `known` a key is made in any case.
    """
    paths = [] if known is None else key_files(settings.keys, role)
    left = [key for key in map(read_key, paths) if known is not None and key.kid not in known]
    key = left[-1] if left else SigningKey.generate(new_id("key"))
    if not left:
        write_key(successor_file(settings.keys, role, key.kid), key)
    # If we stop here, the key is held and known to nobody: whoever prepares one takes it up.
    facts = InstanceFacts.load(settings.instance)
    vkey = NoteKey(facts.origin, key).vkey
    if role == "checkpoint" and vkey not in facts.vkeys:
        replace(facts, more_vkeys=(*facts.more_vkeys, vkey)).write(settings.instance)
    return key


def held(settings: Settings, role: str) -> dict[str, Path]:
    """Return the files of a role's keys by their ids."""
    return {read_key(path).kid: path for path in key_files(settings.keys, role)}


def put_aside(settings: Settings, role: str, kid: str, signing: Sequence[str]) -> Path | None:
    """Let a key that was retired be read no more; return where it lies now.

    `signing` are the verifier keys that are left, the oldest first; none for another key.
    """
    path = held(settings, role).get(kid)
    aside = None if path is None else path.with_name(f"{role}.{kid}.old")
    if signing:
        facts = InstanceFacts.load(settings.instance)
        said = replace(facts, checkpoint_vkey=signing[0], more_vkeys=tuple(signing[1:]))
        said.write(settings.instance)
    if path is not None and aside is not None:
        # If we stop before this, the key is held and used no more; retiring it again ends it.
        drafts.rename(path, aside)
    return aside


def check_register(settings: Settings, vkeys: Sequence[str]) -> None:
    """Raise unless the register holds a checkpoint that one of these keys has signed.

    A register that does not know the key to go on with would refuse the very next checkpoint.
    `Fatal` says what it holds instead.
    """
    register = open_register(settings.register_place, [parse_vkey(one) for one in vkeys])
    try:
        register.held()
    finally:
        register.close()
