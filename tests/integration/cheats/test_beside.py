"""Cheats that leave every leaf as it was: rows beside the entries, by which they are found again.

Decisions fold what is found by a tag, guards compare the last position of a scope, a feed is read
by tag and type, a repetition is known by its command, outside readers follow the stored tiles.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.audit import Report, StoreLog, audit
from ledger.evidence.errors import EvidenceError
from ledger.evidence.nodes import TileHashes
from ledger.evidence.tiles import TILE_HASHES
from schemas.commands.catalog import RegisterWork
from schemas.ids import new_id
from service.instance import Instance
from tests.kit.cheats import pried_open
from tests.kit.instance import Place

PLACES = {
    "grant": "SELECT max(position) FROM events WHERE type = 'ConsentGranted'",
    "other": "SELECT min(position) FROM events WHERE type = 'ConsentGranted'",
    "license": "SELECT max(position) FROM events WHERE type = 'GenerationAuthorized'",
    "cleared": "SELECT max(position) FROM events WHERE type = 'VerificationCleared'",
    "last": "SELECT max(position) FROM events",
    "covered": "SELECT size FROM checkpoints WHERE note IS NOT NULL ORDER BY size LIMIT 1 OFFSET 5",
}
"""Where the cheats happen."""

CHEATS = {
    "an answer to what nobody has said yet": (
        """INSERT INTO commands (id, digest, first, last, statement_sha256)
        SELECT 'cmd_01m8149t01e009901c3qje1b2z', digest, first, last, statement_sha256
        FROM commands WHERE first = :grant""",
        "grant",
        "(9) found again",
    ),
    "a grant that no decision and no feed finds": (
        "DELETE FROM event_tags WHERE position = :grant",
        "grant",
        "(9) found again",
    ),
    "a grant that is found for another's song": (
        """INSERT INTO event_tags (tag, position)
        SELECT tag, :grant FROM event_tags WHERE position = :other AND tag LIKE 'rights:rec_%'""",
        "grant",
        "(9) found again",
    ),
    "tags that do not follow": (
        """UPDATE events SET tags = '["about:nobody"]' WHERE position = :grant""",
        "grant",
        "(5) tags",
    ),
    "tags that are no tags": (
        "UPDATE events SET tags = 'nonsense' WHERE position = :grant",
        "grant",
        "(1) entry",
    ),
    "tags that are no texts": (
        "UPDATE events SET tags = '[1]' WHERE position = :grant",
        "grant",
        "(1) entry",
    ),
    "a license that is listed as something else": (
        "UPDATE events SET type = 'GenerationRefused' WHERE position = :license",
        "license",
        "(5) tags",
    ),
    "a grant that is looked up by another id": (
        "UPDATE events SET event = 'evt_01m8149t01e009901c3qje1b2z' WHERE position = :grant",
        "grant",
        "(5) tags",
    ),
    "a license of another instant, for whoever asks as of then": (
        "UPDATE events SET time_us = time_us - 1 WHERE position = :license",
        "license",
        "(5) tags",
    ),
    "a time that dates what comes next": (
        "UPDATE state SET time_us = time_us + 86400000000",
        "last",
        "(9) found again",
    ),
    "a time before the last entry's": (
        "UPDATE state SET time_us = time_us - 1",
        "last",
        "(9) found again",
    ),
    "a command that may be answered once more": (
        "DELETE FROM commands WHERE last = :grant",
        "grant",
        "(9) found again",
    ),
    "a command that gets another's answer": (
        "UPDATE commands SET first = first - 1, last = last - 1 WHERE last = :grant",
        "grant",
        "(9) found again",
    ),
    "a private statement that is gone": (
        """DELETE FROM statements WHERE sha256 =
        (SELECT statement_sha256 FROM commands WHERE :license BETWEEN first AND last)""",
        "cleared",
        "(4) statement",
    ),
    "an entry cut out of the middle": (
        "DELETE FROM events WHERE position = :grant",
        "grant",
        "(2) positions",
    ),
    "a root that no note names": (
        "UPDATE checkpoints SET root = zeroblob(32) WHERE size = :covered",
        "covered",
        "(5) tags",
    ),
    "a note that is another's": (
        """UPDATE checkpoints SET note =
        (SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1) WHERE size = :covered""",
        "covered",
        "(5) tags",
    ),
    "a witness who never signed": (
        "INSERT INTO cosignatures (size, witness, time_s, line) VALUES (:covered, 'w', 1, 'x')",
        "covered",
        "(5) tags",
    ),
    "an opening that is gone": (
        """DELETE FROM openings WHERE pointer = '/data/creator' AND event =
        (SELECT event FROM events WHERE position = :license)""",
        "license",
        "(1) entry",
    ),
    "a creator whom nobody can name any more": (
        """DELETE FROM openings WHERE pointer = '/actor' AND event =
        (SELECT event FROM events WHERE position = :license)""",
        "license",
        "(1) entry",
    ),
    "an opening that says nothing any more": (
        """UPDATE openings SET sealed = x'00'
        WHERE event = (SELECT event FROM events WHERE position = :license)""",
        "license",
        "(1) entry",
    ),
}


def report_of(instance: Instance) -> Report:
    log = StoreLog(instance.store, origin=instance.facts.origin)
    return audit(log, instance.facts.checkpoint_vkey)


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_row_beside_the_entries_is_found_at_its_position(place: Place, cheat: str) -> None:
    statement, where, step = CHEATS[cheat]
    with pried_open(place) as database:
        places = {name: database.execute(query).fetchone()[0] for name, query in PLACES.items()}
        assert database.execute(statement, places).rowcount > 0
    with place.open() as instance:
        first = report_of(instance).first
    assert first is not None, "the cheat was not found"
    assert (first.position, first.step) == (places[where], step), first


def test_a_guard_that_was_set_back_is_found_at_what_it_forgot(place: Place) -> None:
    scope = f"rights:{place.pieces[0].recording}"
    with pried_open(place) as database:
        query = "SELECT last_position FROM scopes WHERE tag = ?"
        (last,) = database.execute(query, (scope,)).fetchone()
        database.execute("UPDATE scopes SET last_position = 1 WHERE tag = ?", (scope,))
    with place.open() as instance:
        (found,) = report_of(instance).findings
    assert (found.position, found.step) == (last, "(9) found again")
    assert scope in found.message


def test_a_state_that_goes_on_from_another_root_is_found_beside_a_service(place: Place) -> None:
    """It would not start again; an audit beside a process that runs says so before."""
    with place.open() as instance:
        with pried_open(place) as database:
            database.execute("UPDATE state SET root = zeroblob(32)")
        (found,) = report_of(instance).findings
    assert found.step == "(9) found again"
    assert "another root" in found.message


def test_a_tile_that_no_root_is_computed_from_is_compared_too(place: Place) -> None:
    with place.open() as instance:
        holder = instance.speaker(place.pieces[0].holder)
        while instance.feed.visible_head() <= TILE_HASHES:
            holder.say(RegisterWork.read({"work": new_id("wrk"), "title": "One of many"}))
        assert report_of(instance).sound
    with pried_open(place) as database:
        (hashes,) = database.execute(
            "SELECT hashes FROM tiles WHERE level = 0 AND number = 0"
        ).fetchone()
        spoiled = bytearray(hashes)
        spoiled[41 * 32] ^= 1
        database.execute(
            "UPDATE tiles SET hashes = ? WHERE level = 0 AND number = 0", (bytes(spoiled),)
        )
    with place.open() as instance:
        # The log starts, and its root is still right: it is computed from the level above.
        with instance.store.snapshot() as reader:
            checkpoint = reader.last_checkpoint()
            assert checkpoint is not None
            assert TileHashes(reader, reader.bound).root() == checkpoint.root
        (found,) = report_of(instance).findings
    assert (found.position, found.step) == (42, "(6) tree")
    assert "tile/0/000" in found.message


def test_a_bundle_that_was_cut_is_named(place: Place, tmp_path: Path) -> None:
    from ledger.audit.export import export  # noqa: PLC0415 - one test needs it
    from ledger.audit.exported import ExportLog  # noqa: PLC0415 - one test needs it

    with place.open() as instance:
        vkey = instance.facts.checkpoint_vkey
        export(StoreLog(instance.store, origin=instance.facts.origin), tmp_path / "e", vkey=vkey)
    bundle = next((tmp_path / "e" / "tile" / "entries").rglob("*.p/*"))
    bundle.write_bytes(bundle.read_bytes()[:-1])
    with pytest.raises(EvidenceError, match="ends early"):
        audit(ExportLog(tmp_path / "e"), vkey)
