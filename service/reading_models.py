"""The reading models of one instance: kept up with the log in a thread, and able to forget."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from ledger.storage.contract import Store
from ledger.storage.killpoints import reach
from ledger.storage.opening import LogReading
from ledger.storage.signal import VisibleHead
from projections.asking import Readings
from projections.engines import open_database
from projections.feed import Feed
from projections.runner import Runner
from projections.standard import standard
from schemas.observing import UNOBSERVED, Observer
from service.observing.observer import Observing
from service.observing.standing import projection_numbers
from service.settings import Settings
from service.workers.forgetting import Forgetting

CLOSE_S: Final = 10.0
"""How long closing waits for the thread before it goes on without it."""


class ReadingModels:
    """Every projection of a database. Made with `folds`: up to date, and stay so until closed."""

    def __init__(
        self,
        database: Path | str,
        store: Store,
        feed: Feed,
        visible: VisibleHead,
        *,
        clock: Callable[[], datetime],
        marker: Path,
        folds: bool = True,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.database = open_database(database)
        self.readings = Readings(self.database, feed, clock=clock)
        self.runner = Runner(self.database, feed, standard(feed), reach=reach, observer=observer)
        self.forgetting = Forgetting(
            store, feed, self.database, fresh=lambda: standard(feed), marker=marker
        )
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        try:
            if folds:
                self._fold(visible)
        except BaseException:
            self.database.close()
            raise

    def _fold(self, visible: VisibleHead) -> None:
        self.runner.prepare()
        self.runner.catch_up()
        self._thread = threading.Thread(
            target=self.runner.run, args=(self._stop,), name="projections", daemon=True
        )
        self._thread.start()
        visible.listen(self.runner.woken.set)

    @property
    def is_alive(self) -> bool:
        """Whether this process folds, and its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def tell(self) -> None:
        """Say that following the log is to stop; returns at once."""
        self._stop.set()
        self.runner.woken.set()

    def close(self) -> None:
        """Stop following the log, and close the file."""
        self.tell()
        if self._thread is not None:
            self._thread.join(CLOSE_S)
        self.database.close()


@contextmanager
def models_of(
    settings: Settings,
    log: LogReading,
    feed: Feed,
    *,
    clock: Callable[[], datetime],
    folds: bool,
    observing: Observing,
) -> Iterator[ReadingModels]:
    """Give the reading models of an open log, fed by `feed`; an operator sees how far they are."""
    models = ReadingModels(
        settings.log_database,
        log.store,
        feed,
        log.visible,
        clock=clock,
        marker=settings.home / "forgotten",
        folds=folds,
        observer=observing,
    )
    with closing(models):
        store, status = log.store, models.runner.status
        observing.metrics.watch(
            "projections", lambda: projection_numbers(store, status, clock=clock)
        )
        yield models
