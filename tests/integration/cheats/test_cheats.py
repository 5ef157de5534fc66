"""Who could cheat, and what catches it: each row of the evidence page's table, performed.

The operator of these tests holds every key of the instance and every row of its database.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.audit import Report, StoreLog, audit
from ledger.evidence.errors import EvidenceError
from ledger.evidence.index import Touches, verify_between, verify_lookup
from ledger.evidence.merkle import verify_consistency
from ledger.evidence.note import open_checkpoint
from ledger.evidence.policy import parse_policy
from ledger.evidence.prove import prove
from ledger.storage.errors import OlderCopy, RegisterRefused
from ledger.storage.records import StoredEntry
from projections.index.queries import touched
from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.generations import VerifyGeneration
from schemas.commands.parties import RevokeKey
from schemas.envelope.entry import read_entry
from schemas.envelope.keys import SigningKey
from schemas.envelope.statement import read_statement
from schemas.events.consents import ConsentGranted
from schemas.events.generations import GenerationAuthorized
from schemas.events.verifications import VerificationCleared
from schemas.ids import new_id
from schemas.period import format_instant
from schemas.refusals import Malformed
from service.demo.cheating import append_forged
from service.instance import Instance, Speaker
from service.speaking import say
from tests.kit.cheats import edit, new_register, pried_open, rewrite_tree
from tests.kit.instance import Place, signed


def audited(place: Place) -> Report:
    with place.open() as instance:
        return report_of(instance)


def report_of(instance: Instance) -> Report:
    log = StoreLog(instance.store, origin=instance.facts.origin)
    return audit(log, instance.facts.checkpoint_vkey)


def found_at(report: Report) -> tuple[int, str]:
    first = report.first
    assert first is not None, "the cheat was not found"
    return first.position, first.step


def entry_of(place: Place, topic: str) -> StoredEntry:
    with place.open() as instance, instance.store.snapshot() as reader:
        rows = reader.read_after(0, 10_000)
        return [row for row in rows if row.type == topic][-1]


def test_an_honest_log_is_sound(place: Place) -> None:
    report = audited(place)
    assert (report.findings, report.differ, report.not_open) == ([], 0, 0)
    assert report.index_roots == 1


def test_an_edited_row_is_found_at_its_position(place: Place) -> None:
    at = entry_of(place, "FeeAgreed").position
    edit(place, at, b'"0.070000"', b'"0.070009"')
    assert found_at(audited(place)) == (at, "(3) entry key")


def test_a_rewritten_history_is_refused_by_the_register(place: Place) -> None:
    edit(place, entry_of(place, "FeeAgreed").position, b'"0.070000"', b'"0.070009"')
    rewrite_tree(place)
    with pytest.raises(RegisterRefused):
        place.open()


def test_a_rewritten_history_with_a_new_register_does_not_continue_what_a_reader_kept(
    place: Place,
) -> None:
    with place.open() as instance, instance.store.snapshot() as reader:
        kept = reader.last_checkpoint()
        entry = reader.entry(1)
        assert kept is not None
        assert kept.note is not None
        assert entry is not None
    stored = entry_of(place, "FeeAgreed")
    edit(place, stored.position, b'"0.070000"', b'"0.070009"')
    rewrite_tree(place)
    new_register(place)
    with place.open() as instance, instance.store.snapshot() as reader:
        shown = reader.last_checkpoint()
        assert shown is not None
        assert shown.note is not None
        vkey = instance.facts.checkpoint_vkey
        older, newer = open_checkpoint(kept.note, vkey), open_checkpoint(shown.note, vkey)
        assert older.size == newer.size
        with pytest.raises(EvidenceError):
            verify_consistency(older.size, newer.size, [], older.root, newer.root)


def test_a_rewritten_entry_is_refused_by_the_receipt_that_its_holder_kept(place: Place) -> None:
    with place.open() as instance:
        one = place.pieces[0]
        consent = one.master_consent
        holder = instance.speaker(one.holder)
        answer = holder.say(RevokeConsent(party=one.holder, consent=consent))
        vkey = instance.facts.checkpoint_vkey
    policy = parse_policy(f"log {vkey}\nquorum none\n")
    kept = answer.entries[0]
    assert prove(kept.entry, kept.proof, policy).position == kept.position
    other = bytearray(kept.entry)
    other[-1] ^= 1
    with pytest.raises(EvidenceError):
        prove(bytes(other), kept.proof, policy)


def test_a_restored_backup_does_not_start(place: Place, tmp_path: Path) -> None:
    old = place.copy(tmp_path / "backup")
    with place.open() as instance:
        one = place.pieces[0]
        instance.speaker(one.holder).say(RevokeConsent(party=one.holder, everything=True))
    place.settings.database.unlink()
    for name in ("-wal", "-shm"):
        place.settings.database.with_name(place.settings.database.name + name).unlink(
            missing_ok=True
        )
    place.settings.database.write_bytes(old.settings.database.read_bytes())
    with pytest.raises(OlderCopy, match="older copy"):
        place.open()


def test_a_deleted_tail_does_not_start(place: Place) -> None:
    with pried_open(place) as database:
        size, root = database.execute(
            "SELECT size, root FROM checkpoints ORDER BY size DESC LIMIT 1 OFFSET 2"
        ).fetchone()
        for table in ("events", "event_tags", "statements"):
            database.execute(f"DELETE FROM {table} WHERE position > ?", (size,))  # noqa: S608 - named above
        database.execute("DELETE FROM commands WHERE last > ?", (size,))
        database.execute("DELETE FROM checkpoints WHERE size > ?", (size,))
        database.execute("UPDATE state SET size = ?, root = ?, visible = ?", (size, root, size))
    with pytest.raises(OlderCopy):
        place.open()


def test_an_entry_left_out_of_a_feed_is_missed_by_its_holder(place: Place) -> None:
    with place.open() as instance:
        subject = place.pieces[0].recording
        found = touched(instance.readings, subject)
        root = bytes.fromhex(found.after.root.root)
        value = verify_lookup(root, subject, found.after.lookup)
        newer = found.after.root.through
        verify_between(Touches(), value, found.positions, older=0, newer=newer)
        for left_out in found.positions:
            shown = [at for at in found.positions if at != left_out]
            with pytest.raises(EvidenceError):
                verify_between(Touches(), value, shown, older=0, newer=newer)


def test_a_false_index_root_is_found_by_the_audit(place: Place) -> None:
    at = entry_of(place, "IndexRootPublished").position
    with place.open() as instance:
        (root,) = [
            one.event.root
            for one in instance.feed.events_of("index:log", until=at)
            if hasattr(one.event, "root")
        ]
    other = hashlib.sha256(b"another").hexdigest()
    edit(place, at, root.encode(), other.encode())
    report = audited(place)
    assert (at, "(8) index") in {(found.position, found.step) for found in report.findings}


def test_an_invented_grant_has_no_statement_that_its_holder_signed(place: Place) -> None:
    with place.open() as instance:
        one = place.pieces[0]
        earlier = next(
            row.event
            for row in instance.feed.events_of(f"about:{one.recording}", until=2**62)
            if isinstance(row.event, ConsentGranted)
        )
        words = earlier.consent.model_copy(
            update={"consent": new_id("cns"), "tiers": ("commercial",)}
        )
        # The operator has every key of the instance, and not the holder's.
        false_key = SigningKey.generate(instance.speaker(one.holder).key.kid)
        said = say(
            GrantConsent(consent=words),
            actor=one.holder,
            key=false_key,
            ledger=instance.facts.origin,
            now=instance.clock(),
        )
        forged = earlier.model_copy(update={"consent": words})
        at = append_forged(instance, said.raw, [forged])
        assert found_at(report_of(instance)) == (at, "(4) statement")


def test_a_denied_grant_is_shown_by_its_signature(place: Place) -> None:
    with place.open() as instance:
        one = place.pieces[0]
        holder = instance.speaker(one.holder)
        answer = holder.say(RevokeConsent(party=one.holder, consent=one.master_consent))
        with instance.store.snapshot() as reader:
            stored = reader.entry(answer.positions[0])
            assert stored is not None
            sha256 = bytes.fromhex(read_entry(stored.data).statement_sha256)
            raw = reader.statement(sha256, stored.position)
        assert raw is not None
        statement = read_statement(raw)
        statement.verify(holder.key.public)
        with pytest.raises(Malformed):
            statement.verify(SigningKey.generate(holder.key.kid).public)


def test_an_old_consent_that_is_replayed_changes_nothing(place: Place) -> None:
    with place.open() as instance:
        one = place.pieces[0]
        with instance.store.snapshot() as reader:
            granted = next(
                row
                for row in reader.events(f"rights:{one.recording}")
                if row.type == "ConsentGranted"
            )
            sha256 = bytes.fromhex(read_entry(granted.data).statement_sha256)
            raw = reader.statement(sha256, granted.position)
        assert raw is not None
        instance.speaker(one.holder).say(RevokeConsent(party=one.holder, everything=True))
        before = instance.feed.visible_head()
        answer = instance.application.handle(raw)
        assert (answer.replayed, answer.positions) == (True, (granted.position,))
        assert instance.feed.visible_head() == before


def test_a_statement_to_another_ledger_is_refused(place: Place) -> None:
    with place.open() as instance:
        holder = instance.speaker(place.pieces[0].holder)
        command = RevokeConsent(party=holder.party, everything=True)
        said = say(
            command,
            actor=holder.party,
            key=holder.key,
            ledger="other.example/1",
            now=holder.clock(),
        )
        with pytest.raises(Malformed, match="wrong_ledger"):
            instance.application.handle(said.raw)


def test_a_broken_rule_is_found_though_everything_is_signed(place: Place) -> None:
    with place.open() as instance:
        creator = instance.speaker(place.creator)
        one = place.pieces[0]
        request = place.request(instance)
        answer = creator.say(VerifyGeneration(verification=new_id("ver"), request=request))
        cleared = next(
            row.event
            for row in instance.feed.events_of(f"about:{one.recording}", until=2**62)
            if isinstance(row.event, VerificationCleared)
        )
        assert not answer.refused
        instance.speaker(one.holder).say(RevokeConsent(party=one.holder, everything=True))
        again = place.request(instance)
        command = VerifyGeneration(verification=new_id("ver"), request=again)
        changes = {"verification": command.verification, "request": again}
        forged = cleared.model_copy(update=changes)
        at = append_forged(instance, signed(creator, command).raw, [forged])
        report = report_of(instance)
        assert found_at(report) == (at, "(7) decided again")
        assert report.differ == 1


def test_a_backdated_revocation_acts_from_its_position(place: Place) -> None:
    with place.open() as instance:
        one = place.pieces[0]
        generation = place.authorize(instance)
        holder = instance.speaker(one.holder)
        yesterday = Speaker(
            holder.application,
            holder.party,
            holder.key,
            lambda: datetime.now(UTC) - timedelta(days=1),
        )
        command = RevokeConsent(party=one.holder, everything=True)
        with pytest.raises(Malformed, match="expired"):
            yesterday.say(command)
        answer = holder.say(command)
        assert answer.entries[0].data["acts_from"] >= answer.entries[0].recorded_at
        authorized = instance.feed.events_of(f"job:{generation}", until=2**62)[0]
        assert isinstance(authorized.event, GenerationAuthorized)
        assert authorized.position < answer.positions[0]


def test_a_clock_that_was_set_back_never_goes_before_what_the_log_has_seen(place: Place) -> None:
    with place.open(clock=lambda: datetime.now(UTC) - timedelta(seconds=30)) as instance:
        with instance.store.snapshot() as reader:
            seen = reader.time()
        answer = instance.speaker(place.creator).say(
            VerifyGeneration(verification=new_id("ver"), request=place.request(instance))
        )
        assert datetime.fromisoformat(answer.entries[0].recorded_at) >= seen
    assert audited(place).sound


def test_a_stolen_key_is_revoked_from_a_position_and_contests_what_it_signed(place: Place) -> None:
    with place.open() as instance:
        one = place.pieces[0]
        holder = instance.speaker(one.holder)
        since = format_instant(datetime.now(UTC) - timedelta(days=2))
        instance.operator().say(
            RevokeKey(key=holder.key.kid, reason="stolen", compromised_since=since)
        )
        with pytest.raises(Malformed, match="key_not_valid"):
            holder.say(RevokeConsent(party=one.holder, everything=True))
        answer = instance.speaker(place.creator).say(
            VerifyGeneration(verification=new_id("ver"), request=place.request(instance))
        )
        assert answer.refused
        codes = {reason["code"] for reason in answer.entries[0].data["reasons"]}
        assert "consent_contested" in codes
