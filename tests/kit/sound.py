"""Is a whole instance as it must be? Everything that can be recomputed from its log is."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from ledger.audit import StoreLog, audit
from ledger.audit.report import Report
from projections.digest import digest
from projections.engines.sqlite import SqliteConnection
from projections.runner import fold_all, make_tables
from projections.sql import statements
from projections.standard import standard
from projections.tables import Tables
from schemas.events.base import Event
from service.instance import Instance
from service.reading_models import ReadingModels
from service.workers.embedded import wait_for_end
from tests.support.patience import PATIENCE_S, until


def check_sound(instance: Instance) -> Report:
    """Audit the log, deciding every command again, and fold every projection anew to its digest."""
    report = audit(
        StoreLog(instance.store, origin=instance.facts.origin), instance.facts.checkpoint_vkey
    )
    assert report.sound, report.first
    assert report.not_open == 0
    wait_folded(instance)
    assert live_digests(instance) == fresh_digests(instance)
    return report


def live_digests(instance: Instance | ReadingModels) -> dict[str, str]:
    """Return the digest of every projection's tables as they are."""
    with instance.database.read() as connection:
        names = [row.name for row in instance.runner.status()]
        return {name: digest(Tables(connection, statements(name))) for name in names}


def fresh_digests(instance: Instance) -> dict[str, str]:
    """Fold the whole log into tables of their own; return the digests that a rebuild must give."""
    recorded = instance.feed.read_after(0, instance.feed.visible_head())
    found = {}
    for projection in standard(instance.feed):
        with closing(sqlite3.connect(":memory:")) as raw:
            connection = SqliteConnection(raw)
            named = statements(projection.NAME)
            make_tables(connection, named.schema)
            tables = Tables(connection, named)
            fold_all(projection, tables, recorded, [0])
            found[projection.NAME] = digest(tables)
    return found


def wait_folded(instance: Instance) -> None:
    """Wait until every projection has reached the visible head, and none has stopped."""
    head = instance.feed.visible_head()

    def are_there() -> bool:
        rows = instance.runner.status()
        assert [row.failure for row in rows if row.failure] == []
        instance.runner.woken.set()
        return all(row.position >= head for row in rows)

    until(are_there, f"projections reach {head}", told=lambda: str(instance.runner.status()))


def wait_ended(instance: Instance, generation: str) -> None:
    """Wait until a generation has ended, whatever way."""
    ended = wait_for_end(instance.feed, instance.store, generation, PATIENCE_S)
    assert ended, f"{generation} did not end"


def events(instance: Instance, tag: str = "") -> list[Event]:
    """Return the typed events that carry a tag, or all of them, in order."""
    until = instance.feed.visible_head()
    if tag:
        return [row.event for row in instance.feed.events_of(tag, until=until)]
    return [row.event for row in instance.feed.read_after(0, until)]


def topics(instance: Instance, tag: str = "") -> list[str]:
    """Return the names of events, in order."""
    return [event.TOPIC for event in events(instance, tag)]
