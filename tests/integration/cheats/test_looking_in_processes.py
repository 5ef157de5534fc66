"""However many processes look at the entries, the audit finds the same, word for word."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import ledger.audit.run
import ledger.audit.whole
from ledger.audit import (
    AuditedEntry,
    Processes,
    Statements,
    StoreLog,
    audit,
    pool,
    processes,
    processes_for,
)
from ledger.audit.export import export
from ledger.audit.exported import ExportLog
from ledger.audit.in_steps import look, look_at
from ledger.audit.one_row import Look, keys_told_by
from ledger.audit.replay import World
from schemas.commands.parties import RevokeKey
from schemas.envelope.entry import Entry, leaf_hash, read_entry, sign_entry
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from service.demo import cast
from tests.kit.instance import Place


@dataclass
class Held:
    """A log in memory: what its bearer chooses to show."""

    origin: str
    rows: list[AuditedEntry]
    size: int
    statements: Statements = "public"
    lookups: None = None

    def entries(self) -> Iterator[AuditedEntry]:
        return iter(self.rows)

    def tile(self, level: int, index: int, width: int) -> bytes | None:  # noqa: ARG002 - the protocol asks for it
        return None


Cheat = Callable[[list[AuditedEntry]], list[AuditedEntry]]


def _at(rows: list[AuditedEntry], place: int, **changes: Any) -> list[AuditedEntry]:
    changed = list(rows)
    changed[place] = rows[place]._replace(**changes)
    return changed


def _flipped(raw: bytes, place: int) -> bytes:
    other = bytearray(raw)
    other[place] ^= 1
    return bytes(other)


CHEATS: dict[str, Cheat] = {
    "honest": lambda rows: rows,
    "a signature": lambda rows: _at(rows, 7, raw=_flipped(rows[7].raw, -1)),
    "a payload": lambda rows: _at(rows, -1, raw=_flipped(rows[-1].raw, -90)),
    "no entry": lambda rows: _at(rows, 12, raw=b"nothing"),
    "another's statement": lambda rows: _at(rows, 0, statement=rows[20].statement),
    "a statement's signature": lambda rows: [
        row._replace(statement=_flipped(row.statement, -1)) if row.statement else row
        for row in rows
    ],
    "no statements": lambda rows: [row._replace(statement=None) for row in rows],
    "other tags": lambda rows: _at(rows, 15, tags=("about:nobody",)),
    "no openings": lambda rows: [row._replace(openings=()) for row in rows],
    "false openings": lambda rows: [
        row._replace(openings=tuple(one._replace(value="x") for one in row.openings))
        for row in rows
    ],
    "an entry left out": lambda rows: rows[:9] + rows[10:],
    "two exchanged": lambda rows: [*rows[:9], rows[10], rows[9], *rows[11:]],
    "said twice": lambda rows: [*rows, rows[-1]._replace(position=len(rows) + 1)],
    "the end cut off": lambda rows: rows[:-3],
    "a false note": lambda rows: _at(rows, 30, note="nobody's note\n"),
    "the opening replaced": lambda rows: _at(rows, 0, raw=rows[1].raw),
}

EXPORTED = sorted(CHEATS.keys() - {"other tags", "said twice", "the end cut off"})
"""Those that an export can hold: it has no tags, and knows no other size than its own."""


@pytest.fixture(scope="module")
def two() -> Iterator[Processes]:
    """Two processes, to which so few entries go at once that keys are told while others wait."""
    with processes(2, chunk=5) as beside:
        yield beside


@pytest.fixture(scope="module")
def held(template: Place, tmp_path_factory: pytest.TempPathFactory) -> tuple[Held, str]:
    """A log in which keys are enrolled, used and revoked to the end."""
    place = template.copy(tmp_path_factory.mktemp("long") / "place")
    with place.open() as instance:
        for name in ("Ada Late", "Bo Later", "Cy Last"):
            speaker, _ = cast.enroll(instance, name, kind="person", roles=("creator",))
            speaker.say(RevokeKey(key=speaker.key.kid, reason="left"))
        log = StoreLog(instance.store, origin=instance.facts.origin)
        return Held(log.origin, list(log.entries()), log.size), instance.facts.checkpoint_vkey


@pytest.mark.parametrize("decide", [True, False], ids=["deciding", "not deciding"])
@pytest.mark.parametrize("cheat", CHEATS)
def test_two_processes_find_what_one_finds(
    held: tuple[Held, str],
    two: Processes,
    cheat: str,
    decide: bool,  # noqa: FBT001 - pytest names it
) -> None:
    honest, vkey = held
    log = replace(honest, rows=CHEATS[cheat](honest.rows))
    alone = audit(log, vkey, decide=decide)
    assert audit(log, vkey, decide=decide, beside=two).data() == alone.data()
    assert alone.sound == (cheat in {"honest", "no openings"})


@pytest.mark.parametrize("decide", [True, False], ids=["deciding", "not deciding"])
@pytest.mark.parametrize("cheat", CHEATS)
def test_what_is_taken_whole_is_found_entry_by_entry(
    held: tuple[Held, str],
    cheat: str,
    monkeypatch: pytest.MonkeyPatch,
    decide: bool,  # noqa: FBT001 - pytest names it
) -> None:
    honest, vkey = held
    log = replace(honest, rows=CHEATS[cheat](honest.rows))
    quick = audit(log, vkey, decide=decide)
    walked: list[int] = []
    step = ledger.audit.run.Run.entry

    def entry(run: ledger.audit.run.Run, row: AuditedEntry, seen: Look) -> None:
        walked.append(row.position)
        step(run, row, seen)

    monkeypatch.setattr(ledger.audit.whole, "_whole", lambda _group, _asked: None)
    monkeypatch.setattr(ledger.audit.run.Run, "entry", entry)
    assert audit(log, vkey, decide=decide).data() == quick.data()
    assert walked == [row.position for row in log.rows]


@pytest.mark.parametrize("cheat", CHEATS)
def test_rows_are_seen_together_as_one_by_one(held: tuple[Held, str], cheat: str) -> None:
    honest, _ = held
    rows, keys = CHEATS[cheat](honest.rows), keys_told_by(honest.rows)
    together = look_at(rows, keys, honest.origin)
    assert together == [look(row, keys, honest.origin) for row in rows]
    assert [seen.leaf for seen in together] == [leaf_hash(row.raw) for row in rows]


def test_of_an_honest_log_little_is_walked_entry_by_entry(
    held: tuple[Held, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, vkey = held
    taken: list[bool] = []
    take = ledger.audit.run.Run.whole

    def whole(run: ledger.audit.run.Run, *seen: Any) -> bool:
        taken.append(take(run, *seen))
        return taken[-1]

    monkeypatch.setattr(ledger.audit.run.Run, "whole", whole)
    assert audit(honest, vkey).sound
    assert all(taken)
    assert len(taken) * 2 > len({read_entry(row.raw).command for row in honest.rows})


@pytest.mark.parametrize("cheat", CHEATS)
def test_with_hardly_any_memory_the_same_is_found(
    held: tuple[Held, str], cheat: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, vkey = held
    log = replace(honest, rows=CHEATS[cheat](honest.rows))
    much = audit(log, vkey)
    little = World(scopes=3, events=3)
    monkeypatch.setattr(ledger.audit.run, "World", lambda: little)
    assert audit(log, vkey).data() == much.data()
    assert little.in_file > 0


@pytest.mark.parametrize("decide", [True, False], ids=["deciding", "not deciding"])
@pytest.mark.parametrize("cheat", EXPORTED)
def test_processes_that_read_an_export_find_what_one_finds(
    held: tuple[Held, str],
    two: Processes,
    tmp_path: Path,
    cheat: str,
    decide: bool,  # noqa: FBT001 - pytest names it
) -> None:
    honest, vkey = held
    rows = [row._replace(position=at) for at, row in enumerate(CHEATS[cheat](honest.rows), 1)]
    export(replace(honest, rows=rows, size=len(rows)), tmp_path / "export", vkey=vkey)
    log = ExportLog(tmp_path / "export")
    alone = audit(log, vkey, decide=decide)
    assert audit(log, vkey, decide=decide, beside=two).data() == alone.data()
    assert alone.sound == (cheat in {"honest", "no openings"})


def test_keys_are_known_to_those_who_read_an_export(
    held: tuple[Held, str], two: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, vkey = held
    export(honest, tmp_path / "export", vkey=vkey)

    def verified(entry: Entry, _public: bytes) -> None:
        pytest.fail(f"{entry.id} is verified here again")

    monkeypatch.setattr(Entry, "verify", verified)
    for keys_max in (pool.KEYS_MAX, 1):
        monkeypatch.setattr(pool, "KEYS_MAX", keys_max)
        assert audit(ExportLog(tmp_path / "export"), vkey, beside=two).sound


def test_only_a_long_log_is_worth_the_start_of_processes() -> None:
    with processes_for(pool.WORTHWHILE - 1) as beside:
        assert beside is None
    with processes_for(pool.WORTHWHILE) as beside:
        assert (beside is None) == (os.cpu_count() == 1)


def test_what_the_processes_verified_is_not_verified_here_again(
    held: tuple[Held, str], two: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Chunks are under way before anything of them was taken in, and need the keys of each other.
    honest, vkey = held
    again: list[bytes] = []

    def verified(entry: Entry, public: bytes) -> None:
        again.append(entry.raw)
        entry.envelope.verify(public)

    monkeypatch.setattr(Entry, "verify", verified)
    assert audit(honest, vkey, beside=two).sound
    assert again == []


def test_the_statement_of_an_unknown_key_is_told_in_the_same_words(
    held: tuple[Held, str], two: Processes
) -> None:
    honest, vkey = held
    stranger = SigningKey.generate(new_id("key"))
    rows = [
        row._replace(raw=sign_entry(read_entry(row.raw).payload, stranger, ledger=honest.origin))
        for row in honest.rows
    ]
    log = replace(honest, rows=rows)
    alone = audit(log, vkey)
    assert alone.first is not None
    assert (alone.first.position, alone.first.step) == (1, "(3) entry key")
    assert audit(log, vkey, beside=two).data() == alone.data()
