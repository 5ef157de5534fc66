"""Cheats in which every event follows from the rules, and the statement was never due here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.audit import AuditedEntry, Report, Statements, StoreLog, audit
from ledger.audit.bound import PRIVATE_TYPES
from ledger.audit.export import export
from ledger.audit.exported import ExportLog
from ledger.storage import batch
from ledger.storage.records import StoredEntry
from schemas.commands.catalog import RegisterWork
from schemas.commands.consents import RevokeConsent
from schemas.envelope.entry import Entry, read_entry
from schemas.envelope.statement import read_statement
from schemas.events.base import Event
from schemas.registry import COMMANDS, read_event
from service.demo.cheating import append_forged
from service.instance import Instance
from service.speaking import Said, say
from tests.kit.instance import Place, signed


def report_of(instance: Instance) -> Report:
    log = StoreLog(instance.store, origin=instance.facts.origin)
    return audit(log, instance.facts.checkpoint_vkey)


def found(report: Report) -> list[tuple[int, str, str]]:
    return [(row.position, row.step, row.message) for row in report.findings]


def newest(instance: Instance, topic: str) -> tuple[StoredEntry, Event, bytes]:
    """Return the newest entry of a type, what it says, and its statement."""
    with instance.store.snapshot() as reader:
        stored = [row for row in reader.read_after(0, 10_000) if row.type == topic][-1]
        entry = read_entry(stored.data)
        raw = reader.statement(bytes.fromhex(entry.statement_sha256), stored.position)
    assert raw is not None
    return stored, read_event(entry.type, entry.version, entry.data, recorded=True), raw


def revoked(instance: Instance, place: Place, **how: object) -> tuple[Said, Sequence[Event]]:
    """Return a revocation that nobody handed in, and what the rules make of it elsewhere."""
    one = place.pieces[0]
    holder = instance.speaker(one.holder)
    answer = holder.say(RevokeConsent(party=one.holder, consent=one.master_consent))
    with instance.store.snapshot() as reader:
        rows = [reader.entry(position) for position in answer.positions]
    entries = [read_entry(row.data) for row in rows if row is not None]
    command = RevokeConsent(party=one.holder, consent=one.master_consent)
    given = {"ledger": instance.facts.origin, "now": instance.clock(), **how}
    said = say(command, actor=one.holder, key=holder.key, **given)  # type: ignore[arg-type]  # two kinds
    return said, [read_event(e.type, e.version, e.data, recorded=True) for e in entries]


def test_a_statement_that_is_answered_twice_is_a_replay(place: Place) -> None:
    with place.open() as instance:
        stored, event, raw = newest(instance, "ConsentGranted")
        with instance.store.snapshot() as reader:
            size = reader.bound
        _forget(instance, read_entry(stored.data))
        at = append_forged(instance, raw, [event])
        assert at == size + 1
        told = found(report_of(instance))
        assert any(row[0] == at and "answered before" in row[2] for row in told), told


def _forget(instance: Instance, entry: Entry) -> None:
    """Do what an operator can do: let the tables forget that the command was answered."""
    with closing(sqlite3.connect(instance.settings.database)) as database, database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in rows:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("DELETE FROM commands WHERE id = ?", (entry.command,))
        digest = bytes.fromhex(entry.statement_sha256)
        database.execute("DELETE FROM statements WHERE sha256 = ?", (digest,))


def test_a_statement_to_another_ledger_is_found_in_the_log(place: Place) -> None:
    with place.open() as instance:
        said, events = revoked(instance, place, ledger="other.example/1")
        at = append_forged(instance, said.raw, events)
        told = found(report_of(instance))
        assert any(row[0] == at and "another ledger" in row[2] for row in told), told


def test_a_statement_that_had_expired_is_found_in_the_log(place: Place) -> None:
    with place.open() as instance:
        long_ago = datetime.now(UTC) - timedelta(days=3)
        said, events = revoked(instance, place, now=long_ago)
        at = append_forged(instance, said.raw, events)
        told = found(report_of(instance))
        assert any(row[0] == at and "had expired" in row[2] for row in told), told


def test_an_entry_that_names_another_actor_than_its_statement_is_found(place: Place) -> None:
    with place.open() as instance:
        one, other = place.pieces
        command = RegisterWork.read({"work": "wrk_01m8149t01e009901c3qje1b2z", "title": "Mine"})
        said = signed(instance.speaker(one.holder), command)
        position = instance.application.handle(said.raw).positions[0]
        log = _Altered(StoreLog(instance.store, origin=instance.facts.origin), position)
        log.replace = (one.holder.encode(), other.holder.encode())
        told = found(audit(log, instance.facts.checkpoint_vkey))
        assert any(row[0] == position and "who acted" in row[2] for row in told), told


class _Altered:
    """A log with one entry changed on the way to the auditor."""

    statements: Statements = "public"
    lookups = None

    def __init__(self, log: StoreLog, position: int) -> None:
        self.origin, self.size, self._log, self._position = log.origin, log.size, log, position
        self.replace = (b"", b"")

    def entries(self) -> Iterator[AuditedEntry]:
        for row in self._log.entries():
            raw = row.raw.replace(*self.replace) if row.position == self._position else row.raw
            yield AuditedEntry(row.position, raw, row.tags, row.statement, row.openings, row.note)

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        return self._log.tile(level, index, width)


def test_a_clock_that_was_set_back_by_hours_is_found(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The writer refuses such an entry; this operator runs a program of his own.
    monkeypatch.setattr(batch, "CLOCKS_APART_MAX", timedelta(days=1))
    with place.open() as instance:
        hours_ago = datetime.now(UTC) - timedelta(hours=5)
        said, events = revoked(instance, place, now=hours_ago)
        honest = instance.clock
        instance.clock = lambda: hours_ago
        try:
            at = append_forged(instance, said.raw, events)
        finally:
            instance.clock = honest
        told = found(report_of(instance))
        assert any(row[0] == at and "set back" in row[2] for row in told), told


def test_exports_that_lack_a_statement_or_have_too_much_are_found(
    place: Place, tmp_path: Path
) -> None:
    with place.open() as instance:
        vkey = instance.facts.checkpoint_vkey
        stored, _, _ = newest(instance, "ConsentGranted")
        log = StoreLog(instance.store, origin=instance.facts.origin)
        export(log, tmp_path / "export", vkey=vkey)
    beside = tmp_path / "export" / "beside.jsonl"
    rows = [json.loads(line) for line in beside.read_text().splitlines()]
    assert audit(ExportLog(tmp_path / "export"), vkey).sound

    def altered(change: str) -> list[tuple[int, str, str]]:
        changed = [dict(row) for row in rows]
        for row in changed:
            if row["position"] == stored.position:
                if change == "missing":
                    row["statement"] = None
                else:
                    salt = "AAAAAAAAAAAAAAAAAAAAAA"
                    row["openings"] = [{"pointer": "/data/none", "salt": salt, "value": 1}]
        beside.write_text("".join(json.dumps(row) + "\n" for row in changed))
        return found(audit(ExportLog(tmp_path / "export"), vkey))

    missing = (stored.position, "(4) statement", "a statement is not there")
    assert missing in altered("missing")
    assert altered("extra")[0][:2] == (stored.position, "(1) entry")


def test_what_is_said_to_be_private_is_what_private_commands_lead_to(place: Place) -> None:
    with place.open() as instance:
        log = StoreLog(instance.store, origin=instance.facts.origin)
        for row in log.entries():
            assert row.statement is not None
            said, entry = read_statement(row.statement), read_entry(row.raw)
            is_public = COMMANDS[said.command, said.version].PUBLIC
            assert is_public == (entry.type not in PRIVATE_TYPES), entry.type
