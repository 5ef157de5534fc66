"""A key of the log is replaced while others write to it on a server, and were not restarted."""

from __future__ import annotations

import pytest

from ledger.audit import StoreLog, audit
from ledger.evidence.note import read_note
from ledger.storage.errors import Fatal
from schemas import canonical
from schemas.commands.catalog import RegisterWork
from schemas.commands.parties import ConfirmKey, EnrollKey, RevokeKey
from schemas.ids import new_id
from schemas.lists import KeyRole
from service.instance import Instance
from service.rotating import prepare
from service.settings import Settings
from service.speaker import Speaker
from tests.kit.instance import Place
from tests.support.moved import move_log


def work(instance: Instance) -> int:
    command = RegisterWork(work=new_id("wrk"), title="A song")
    return instance.operator().say(command).entries[0].position


def signers(instance: Instance, size: int) -> int:
    """Return how many keys have signed the checkpoint of a size."""
    with instance.store.snapshot() as reader:
        found = reader.checkpoint(size)
    assert found is not None
    assert found.note is not None
    return len(read_note(found.note).signatures)


@pytest.mark.parametrize("role", ["entry", "checkpoint"])
def test_who_was_not_started_again_appends_nothing_behind_the_end(
    place: Place, log_database: str, role: KeyRole
) -> None:
    move_log(place.settings.database, log_database)
    home = {
        "LEDGER_DATABASE_URL": log_database,
        "LINERNOTES_REGISTER": str(place.settings.register),
    }
    settings = Settings.of(place.settings.home, home)
    with Instance(settings) as stale:
        key = prepare(settings, role)
        with Instance(settings) as fresh:
            party, public = fresh.facts.ledger_party, canonical.b64u(key.public)
            command = EnrollKey(key=key.kid, party=party, public_key=public, roles=(role,))
            Speaker(fresh.application, party, key, fresh.clock).say(command)
            work(stale)
            fresh.operator().say(ConfirmKey(key=key.kid))
            both = 2 if role == "checkpoint" else 1
            # Each signs by what it holds of what is in force, and shows what the other has made.
            assert {signers(fresh, work(one)) for one in (stale, fresh)} <= {1, both}
            old = fresh.said_of_log().in_force(role)[0]
            fresh.operator().say(RevokeKey(key=old.key, reason="rotated"))
            assert signers(fresh, work(fresh)) == 1
            with pytest.raises(Fatal, match="does not hold the new one"):
                work(stale)
            with pytest.raises(Fatal):
                stale.storage.writer.check_alive()
            assert signers(fresh, work(fresh)) == 1
            for vkey in fresh.facts.vkeys:
                report = audit(StoreLog(fresh.store, origin=fresh.facts.origin), vkey)
                assert report.sound, report.first
        with pytest.raises(Fatal):
            work(stale)
