"""Is a whole instance as it must be? Everything that can be recomputed from its log is."""

from __future__ import annotations

import threading
from typing import Final

from ledger.audit import StoreLog, audit
from ledger.audit.report import Report
from projections.rebuild import rebuild
from projections.standard import standard
from schemas.events.base import Event
from service.instance import Instance

FOLD_S: Final = 30.0
"""How long projections may take to fold a few events on a busy machine."""


def check_sound(instance: Instance) -> Report:
    """Audit the log, deciding every command again, and rebuild every projection to its digest."""
    report = audit(
        StoreLog(instance.store, origin=instance.facts.origin), instance.facts.checkpoint_vkey
    )
    assert report.sound, report.first
    assert report.not_open == 0
    wait_folded(instance)
    for projection in standard(instance.feed):
        rebuilt = rebuild(instance.database, instance.feed, projection)
        assert rebuilt.equal, rebuilt
        assert rebuilt.position == report.size
    return report


def wait_folded(instance: Instance) -> None:
    """Wait until every projection has reached the visible head, and none has stopped."""
    head = instance.feed.visible_head()
    ticks = threading.Event()
    for _ in range(int(FOLD_S / 0.01)):
        rows = instance.runner.status()
        assert [row.failure for row in rows if row.failure] == []
        if all(row.position >= head for row in rows):
            return
        instance.runner.woken.set()
        ticks.wait(0.01)
    raise AssertionError(f"projections did not reach {head}: {rows}")


def events(instance: Instance, tag: str = "") -> list[Event]:
    """Return the typed events that carry a tag, or all of them, in order."""
    until = instance.feed.visible_head()
    if tag:
        return [row.event for row in instance.feed.events_of(tag, until=until)]
    return [row.event for row in instance.feed.read_after(0, until)]


def topics(instance: Instance, tag: str = "") -> list[str]:
    """Return the names of events, in order."""
    return [event.TOPIC for event in events(instance, tag)]
