"""By which keys a process signs: those in force at that very size that it holds, or none at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from ledger.evidence.note import NoteKey, read_note
from ledger.rights.states.policy import LogKey, PolicyState
from ledger.signing import LogSigning
from ledger.storage.errors import Fatal
from schemas import canonical
from schemas.commands.log import InstanceKey
from schemas.envelope.keys import SigningKey
from schemas.events.log import KeysOfLogReplaced
from schemas.ids import new_id
from schemas.lists import KeyRole
from schemas.refusals import Malformed

ORIGIN = "ledger.example/2026"
ROOT = bytes(32)
OLD, NEW, OTHER = (SigningKey.generate(new_id("key")) for _ in range(3))
PARTY = new_id("pty")


def row(key: SigningKey, role: KeyRole) -> InstanceKey:
    public = canonical.b64u(key.public)
    return InstanceKey(key=key.kid, public_key=public, roles=(role,), party=PARTY)


def state(role: KeyRole, *keys: tuple[SigningKey, int, int | None]) -> PolicyState:
    held = tuple(LogKey(row(key, role), since, until) for key, since, until in keys)
    return PolicyState(log_keys=held)


@dataclass
class Committed:
    """A store that is committed up to `bound`, and counts who asks it."""

    bound: int
    questions: int = 0

    @contextmanager
    def snapshot(self, *, committed: bool) -> Iterator[Any]:
        assert committed
        self.questions += 1
        yield self


class Signing(LogSigning):
    """Signs checkpoints of a log that says this of its keys, at any size."""

    def __init__(self, *held: SigningKey, said: PolicyState, bound: int = 9) -> None:
        super().__init__(ORIGIN, entry=[OTHER], checkpoint=held)
        self.said = said
        self.store: Any = Committed(bound)

    def _state_at(self, reader: object, size: int) -> PolicyState:
        del reader, size
        return self.said


def signers(made: Signing, *, own: bool) -> list[bytes] | None:
    note = made.checkpoint(made.store, 9, ROOT, own)
    return None if note is None else [line.key_id for line in read_note(note).signatures]


def key_id(key: SigningKey) -> bytes:
    return NoteKey(ORIGIN, key).verifier.key_id


BOTH = state("checkpoint", (OLD, 1, None), (NEW, 5, None))
GONE = state("checkpoint", (OLD, 1, 7), (NEW, 5, None))


def test_an_own_batch_with_one_key_asks_nothing() -> None:
    made = Signing(OLD, said=GONE)
    assert signers(made, own=True) == [key_id(OLD)]
    assert made.store.questions == 0


def test_of_several_those_in_force_sign_the_oldest_first() -> None:
    assert signers(Signing(NEW, OLD, said=BOTH), own=True) == [key_id(OLD), key_id(NEW)]
    assert signers(Signing(OLD, NEW, said=GONE), own=True) == [key_id(NEW)]
    assert signers(Signing(OLD, OTHER, said=BOTH), own=True) == [key_id(OLD)]


def test_before_it_is_committed_nobody_knows_by_which() -> None:
    assert signers(Signing(OLD, NEW, said=BOTH, bound=8), own=True) is None
    assert signers(Signing(OLD, said=BOTH, bound=8), own=True) == [key_id(OLD)]


def test_what_another_has_committed_is_not_signed_by_a_key_that_was_replaced() -> None:
    told: list[Fatal] = []
    made = Signing(OLD, said=GONE)
    made.end = told.append
    with pytest.raises(Fatal, match="does not hold the new one") as caught:
        signers(made, own=False)
    assert told == [caught.value]
    assert signers(Signing(OLD, said=BOTH), own=False) == [key_id(OLD)]


def test_entries_are_signed_by_the_newest_that_is_held() -> None:
    made = LogSigning(ORIGIN, entry=[OLD, NEW])
    assert made.entry_key(PolicyState()) is OLD, "before the log is open"
    assert made.entry_key(state("entry", (OLD, 1, None))) is OLD
    assert made.entry_key(state("entry", (OLD, 1, None), (NEW, 5, None))) is NEW
    alone = LogSigning(ORIGIN, entry=[OLD])
    assert alone.entry_key(state("entry", (OLD, 1, None), (NEW, 5, None))) is OLD
    with pytest.raises(Fatal):
        alone.entry_key(state("entry", (OLD, 1, 7), (NEW, 5, None)))
    with pytest.raises(Fatal):
        LogSigning(ORIGIN, entry=[OLD], checkpoint=[OLD]).entry_key(GONE)


def test_what_is_left_must_be_held() -> None:
    left = KeysOfLogReplaced(keys=(row(NEW, "entry"),))
    LogSigning(ORIGIN, entry=[OLD, NEW]).check_goes_on([left])
    with pytest.raises(Malformed) as caught:
        LogSigning(ORIGIN, entry=[OLD]).check_goes_on([left])
    assert caught.value.code == "key_not_valid"
