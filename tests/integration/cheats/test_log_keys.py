"""Keys that sign the log are replaced on a real ledger, and what the old ones sign is found."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ledger.audit import Report, StoreLog, audit
from ledger.evidence.errors import EvidenceError
from ledger.evidence.note import NoteKey, parse_checkpoint, read_note, sign_checkpoint
from ledger.evidence.policy import parse_policy
from ledger.evidence.prove import prove
from ledger.keys import key_files, read_instance_keys
from ledger.storage.errors import Fatal, RegisterLost
from schemas.commands.catalog import RegisterWork
from schemas.commands.parties import RevokeKey
from schemas.envelope.entry import read_entry
from schemas.events.catalog import WorkRegistered
from schemas.ids import new_id
from schemas.lists import KeyRole
from schemas.refusals import Malformed
from service.demo.cheating import append_forged
from service.instance import Instance
from service.notes import generation_page
from service.notes.proving import prove_notes
from service.speaking import Attested
from tests.kit.cheats import pried_open
from tests.kit.instance import ORIGIN, Place, signed
from tests.kit.log_keys import announce, retire, vkeys_of
from tests.kit.sound import wait_ended

ROLES: tuple[KeyRole, ...] = ("entry", "checkpoint")


def report_of(instance: Instance, vkey: str, **how: Any) -> Report:
    return audit(StoreLog(instance.store, origin=instance.facts.origin), vkey, **how)


def audited(place: Place, vkey: str) -> Report:
    with place.open() as instance:
        return report_of(instance, vkey)


def work(instance: Instance) -> RegisterWork:
    return RegisterWork(work=new_id("wrk"), title="A song")


def lines_of(note: str) -> set[bytes]:
    return {line.key_id for line in read_note(note).signatures}


def newest(instance: Instance) -> str:
    with instance.store.snapshot() as reader:
        found = reader.last_checkpoint()
    assert found is not None
    assert found.note is not None
    return found.note


@pytest.mark.parametrize("decide", [True, False])
def test_both_keys_are_replaced_and_the_log_is_sound(place: Place, *, decide: bool) -> None:
    with place.open() as instance:
        (first,) = vkeys_of(instance)
    for role in ROLES:
        announce(place, role)
        with place.open() as instance:
            instance.operator().say(work(instance))
        retire(place, role)
    with place.open() as instance:
        answer = instance.operator().say(work(instance))
        (last,) = vkeys_of(instance)
        assert last != first
        assert answer.entries[0].position == instance.feed.visible_head()
        for vkey in (first, last):
            report = report_of(instance, vkey, decide=decide)
            assert report.sound, report.first
            assert report.checkpoints > 0


def test_while_one_replaces_the_other_both_sign(place: Place) -> None:
    with place.open() as instance:
        old = NoteKey(ORIGIN, instance.keys.checkpoint).verifier
    new = NoteKey(ORIGIN, announce(place, "checkpoint")).verifier
    with place.open() as instance:
        instance.operator().say(work(instance))
        assert lines_of(newest(instance)) == {old.key_id, new.key_id}
    retire(place, "checkpoint")
    with place.open() as instance:
        # The very checkpoint that covers the end of the old one is signed by the new one alone.
        assert lines_of(newest(instance)) == {new.key_id}


def signed_again(place: Place, *keys: NoteKey) -> int:
    """Sign the newest checkpoint anew by these keys; return its size."""
    with place.open() as instance:
        checkpoint = parse_checkpoint(read_note(newest(instance)).body)
    note = sign_checkpoint(checkpoint, *keys)
    with pried_open(place) as database:
        where = (note, checkpoint.size)
        database.execute("UPDATE checkpoints SET note = ? WHERE size = ?", where)
    return checkpoint.size


@pytest.mark.parametrize("beside_the_new", [False, True])
def test_a_checkpoint_signed_by_a_retired_key_is_found(
    place: Place, *, beside_the_new: bool
) -> None:
    with place.open() as instance:
        old = NoteKey(ORIGIN, instance.keys.checkpoint)
    new = NoteKey(ORIGIN, announce(place, "checkpoint"))
    retire(place, "checkpoint")
    keys = (new, old) if beside_the_new else (old,)
    size = signed_again(place, *keys)
    for vkey in (old.vkey, new.vkey):
        found = audited(place, vkey).findings
        assert [(one.position, one.step) for one in found] == [(size, "(6) tree")]
        assert "replaced at position" in found[0].message


def test_a_checkpoint_signed_by_a_key_before_the_log_says_so_is_found(place: Place) -> None:
    with place.open() as instance:
        old = NoteKey(ORIGIN, instance.keys.checkpoint)
        before = instance.feed.visible_head()
        checkpoint = parse_checkpoint(read_note(newest(instance)).body)
    new = NoteKey(ORIGIN, announce(place, "checkpoint"))
    with pried_open(place) as database:
        where = (sign_checkpoint(checkpoint, new), before)
        database.execute("UPDATE checkpoints SET note = ? WHERE size = ?", where)
    first = audited(place, old.vkey).first
    assert first is not None
    assert (first.position, first.step) == (before, "(6) tree")


def test_an_entry_signed_by_a_retired_key_is_found(place: Place) -> None:
    announce(place, "entry")
    old = retire(place, "entry", aside=False)
    with place.open() as instance:
        assert instance.keys.entry.kid == old
        command = work(instance)
        said = signed(instance.operator(), command)
        data = {**command.data(), "registrant": instance.facts.operator_party}
        at = append_forged(instance, said.raw, [WorkRegistered.read(data)])
        report = report_of(instance, instance.facts.checkpoint_vkey)
    first = report.first
    assert first is not None
    assert (first.position, first.step) == (at, "(3) entry key")


def test_by_a_key_that_never_signed_the_log_no_checkpoint_is_believed(place: Place) -> None:
    announce(place, "checkpoint")
    retire(place, "checkpoint")
    stranger = NoteKey(ORIGIN, read_instance_keys(place.settings.keys).intake)
    report = audited(place, stranger.vkey)
    assert not report.sound
    assert {one.step for one in report.findings} == {"(6) tree"}
    assert len(report.findings) == report.checkpoints


def test_a_key_vouches_only_by_what_it_has_signed_itself(place: Place) -> None:
    """Anybody can make a log that names a key as its first, and announces another one."""
    with place.open() as instance:
        old = NoteKey(ORIGIN, instance.keys.checkpoint)
    new = NoteKey(ORIGIN, announce(place, "checkpoint"))
    retire(place, "checkpoint")
    with pried_open(place) as database:
        last = database.execute("SELECT max(size) FROM checkpoints").fetchone()
        database.execute("UPDATE checkpoints SET note = NULL WHERE size < ?", last)
    assert audited(place, new.vkey).sound
    found = audited(place, old.vkey).findings
    assert ["vouches for" in one.message for one in found] == [True]


def test_what_was_proven_before_stays_proven_and_nothing_behind_the_end(place: Place) -> None:
    with place.open() as instance:
        old = NoteKey(ORIGIN, instance.keys.checkpoint)
        kept = instance.operator().say(work(instance)).entries[0]
        plain = parse_policy(instance.policy.text())
    announce(place, "checkpoint")
    retire(place, "checkpoint")
    with place.open() as instance:
        fresh = instance.operator().say(work(instance)).entries[0]
        policy = parse_policy(instance.policy.text())
        checkpoint = parse_checkpoint(read_note(newest(instance)).body)
    assert prove(kept.entry, kept.proof, policy).position == kept.position
    assert prove(fresh.entry, fresh.proof, policy).position == fresh.position
    with pytest.raises(EvidenceError):
        prove(fresh.entry, fresh.proof, plain)
    forged = sign_checkpoint(checkpoint, old)
    assert plain.accept(forged).log == old.verifier
    with pytest.raises(EvidenceError, match="retired at"):
        policy.accept(forged)


@pytest.mark.parametrize("role", ROLES)
def test_a_process_that_does_not_hold_the_new_key_retires_nothing(
    place: Place, role: KeyRole
) -> None:
    key = announce(place, role)
    missing = next(path for path in key_files(place.settings.keys, role) if key.kid in path.name)
    kept = missing.rename(missing.with_suffix(".elsewhere"))
    with place.open() as instance:
        instance.operator().say(work(instance))  # the old one is in force, and signs on
        old = instance.said_of_log().in_force(role)[0]
        with pytest.raises(Malformed) as caught:
            instance.operator().say(RevokeKey(key=old.key, reason="rotated"))
        assert caught.value.code == "key_not_valid"
    if role == "checkpoint":
        with pytest.raises(RegisterLost):  # nor is there anything yet that the new one has signed
            retire(place, role)
    kept.rename(missing)
    with place.open() as instance:
        instance.operator().say(work(instance))
    retire(place, role, aside=False)
    missing.unlink()
    with pytest.raises(Fatal, match="does not hold the new one"):
        place.open()


def test_an_output_authorized_before_and_one_after_are_made_and_proven(place: Place) -> None:
    """The worker takes the word of both entry keys; each page is proven by the policy of now."""
    with place.open() as instance:
        before = place.authorize(instance)
    for role in ROLES:
        announce(place, role)
        retire(place, role)
    with place.open(work=True) as instance:
        after = place.authorize(instance)
        for generation in (before, after):
            wait_ended(instance, generation)
            page = generation_page(instance, generation)
            policy = parse_policy(instance.policy.text())
            assert prove_notes(page.encode(), policy).positions
        report = report_of(instance, instance.facts.checkpoint_vkey)
    assert report.sound, report.first


@pytest.mark.parametrize("role", ["intake", "process"])
def test_a_new_key_attests_and_a_new_one_speaks_for_the_ledger(place: Place, role: KeyRole) -> None:
    with place.open() as instance:
        old = getattr(instance.keys, role).kid
    key = announce(place, role)
    with place.open() as instance:
        # At a start the newest that the log has enrolled is taken; the old one may rest then.
        assert getattr(instance.keys, role).kid == key.kid
        instance.operator().say(RevokeKey(key=old, reason="stolen"))
        assert instance.indexer.publish() is not None
        attested = Attested("token", "token/x", frozenset({"registrar"}))
        actor = instance.facts.operator_party
        answer = asyncio.run(instance.attest(work(instance), actor, attested))
        assert read_entry(answer.entries[0].entry).type == "WorkRegistered"
        report = report_of(instance, instance.facts.checkpoint_vkey)
    assert report.sound, report.first
