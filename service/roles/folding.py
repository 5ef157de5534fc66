"""The role that keeps the reading models up with the log."""

from __future__ import annotations

import threading
from contextlib import closing

from ledger.feed import Feed
from ledger.storage.instants import utc_now
from ledger.storage.opening import LogReading
from ledger.storage.vault import read_master_key
from service.observing.needs import projections_that_keep_up, the_database
from service.observing.observer import Observing
from service.observing.standing import projection_numbers
from service.reading_models import ReadingModels
from service.roles.parts import wait_while_alive
from service.settings import Settings


def fold(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Fold until told to stop. A projection that fails stops alone; the process goes on."""
    with LogReading(
        settings.log_database, master_key=read_master_key(settings.master_key)
    ) as reading:
        models = ReadingModels(
            settings.log_database,
            reading.store,
            Feed(reading.store, reading.visible),
            reading.visible,
            clock=utc_now,
            marker=settings.home / "forgotten",
            observer=observing,
        )
        with closing(models):
            status = models.runner.status
            observing.metrics.watch(
                "projections", lambda: projection_numbers(reading.store, status, clock=utc_now)
            )
            needs = observing.readiness
            needs.need("database", the_database(reading.store))
            needs.need(
                "projections", projections_that_keep_up(reading.store, status, clock=utc_now)
            )
            wait_while_alive(stop, {"folding": lambda: models.is_alive})
