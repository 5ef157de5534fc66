"""The role that keeps the reading models up with the log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

import projections.feed
from ledger.feed import Feed
from ledger.storage.contract import Store
from ledger.storage.instants import utc_now
from ledger.storage.opening import LogReading
from ledger.storage.vault import read_master_key
from projections.database import Progress
from service.observing.needs import projections_that_keep_up, the_database
from service.observing.observer import Observing
from service.observing.standing import projection_numbers
from service.reading_models import ReadingModels
from service.roles.holding import wait_while_alive
from service.roles.patience import patiently
from service.settings import Settings


def fold(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Fold until told to stop. A projection that fails stops alone; the process goes on."""
    key = read_master_key(settings.master_key)
    opened = patiently(lambda: _Opened(settings, key, observing), stop, observing)
    if opened is None:
        return
    with closing(opened):
        wait_while_alive(stop, {"folding": lambda: opened.models.is_alive})


class _Opened:
    """The log and its reading models, opened as one thing: until all of it is, nothing is ready."""

    def __init__(self, settings: Settings, master_key: bytes, observing: Observing) -> None:
        with ExitStack() as stack:
            reading = stack.enter_context(LogReading(settings.log_database, master_key=master_key))
            feed = stack.enter_context(_feed(settings, reading))
            self.models = ReadingModels(
                settings.log_database,
                reading.store,
                feed,
                reading.visible,
                clock=utc_now,
                marker=settings.home / "forgotten",
                observer=observing,
            )
            stack.callback(self.models.close)
            _watch(reading.store, self.models.runner.status, observing)
            self.close = stack.pop_all().close


def _watch(store: Store, status: Callable[[], Sequence[Progress]], observing: Observing) -> None:
    """Let an operator see how far they are, and whether they keep up."""
    observing.metrics.watch("projections", lambda: projection_numbers(store, status, clock=utc_now))
    needs = observing.readiness
    needs.need("database", the_database(store))
    needs.need("projections", projections_that_keep_up(store, status, clock=utc_now))


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
