"""The role that keeps the reading models up with the log."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import projections.feed
from ledger.feed import Feed
from ledger.storage.instants import utc_now
from ledger.storage.opening import LogReading
from ledger.storage.vault import read_master_key
from service.observing.needs import projections_that_keep_up, the_database
from service.observing.observer import Observing
from service.reading_models import ReadingModels, models_of
from service.roles.holding import wait_while_alive
from service.roles.patience import patiently
from service.settings import Settings
from service.stopping import ending


def fold(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Fold until told to stop. A projection that fails stops alone; the process goes on."""
    key = read_master_key(settings.master_key)
    found = patiently(lambda: _opened(settings, key, observing), stop, observing)
    if found is None:
        return
    opened, models = found
    with opened, ending(stop):
        wait_while_alive(stop, {"folding": lambda: models.is_alive})


def _opened(
    settings: Settings, master_key: bytes, observing: Observing
) -> tuple[ExitStack, ReadingModels]:
    """Open the log and its reading models as one thing: until all of it is, nothing is ready."""
    with ExitStack() as stack:
        reading = stack.enter_context(LogReading(settings.log_database, master_key=master_key))
        feed = stack.enter_context(_feed(settings, reading))
        models = stack.enter_context(
            models_of(settings, reading, feed, clock=utc_now, folds=True, observing=observing)
        )
        store, needs = reading.store, observing.readiness
        needs.need("database", the_database(store))
        status = models.runner.status
        needs.need("projections", projections_that_keep_up(store, status, clock=utc_now))
        return stack.pop_all(), models


@contextmanager
def _feed(settings: Settings, reading: LogReading) -> Iterator[projections.feed.Feed]:
    """Give the log as projections read it: from the database, or by setting from the broker."""
    own, chosen = Feed(reading.store, reading.visible), settings.broker
    if chosen is None or not chosen.feeds_projections:
        yield own
        return
    # Only who is fed by it waits for the broker's client.
    from generation.broker import Broker  # noqa: PLC0415 - see the line above
    from service.transport.feed import TopicFeed  # noqa: PLC0415 - likewise

    feed = TopicFeed(reading.store, own, Broker(chosen), topic=chosen.topics.entries)
    with closing(feed):
        yield feed
