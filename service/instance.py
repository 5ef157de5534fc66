"""One whole instance: everything that asks, answers and acts on one log.

What `core` opens, the reading models, and whatever acts by itself. In the embedded engine this is
the one process; in production it is the API, and `service.roles` starts the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol

from generation.worker import Worker
from ledger.storage.instants import utc_now
from projections.reports import keep_report, kept_report
from service.assurance import Assurer
from service.core import Core
from service.inspection import Inspector
from service.observing.observer import Observing
from service.observing.standing import assurance_numbers, witness_numbers
from service.outputs import ProjectedOutputs
from service.payouts.desk import PayoutDesk
from service.payouts.files import FilePayouts
from service.payouts.pain import Debtor
from service.payouts.waiting import Waiting
from service.reading_models import models_of
from service.rendering import make_worker, public_keys
from service.settings import Settings
from service.speaker import Speaker
from service.workers.counting import Counting
from service.workers.embedded import EmbeddedQueue, JobStatus
from service.workers.indexing import Indexer
from service.workers.scheduler import Scheduler
from service.workers.witnessing import Witnessing

__all__ = ["Instance", "Speaker"]

DEBTOR_CHARACTERS_MAX: Final = 70
"""Characters of a name in a payment message (ISO 20022, Max70Text of the SEPA rulebooks)."""


ASSURANCE: Final = "assurance"
"""The name under which the assurance report is kept."""


class Far(Protocol):
    """What hears how far generations are."""

    def status(self, generation: str) -> JobStatus | None:
        """Return how far a generation is, or None."""
        ...

    def run(self, stop: threading.Event) -> None:
        """Hear until told to stop."""
        ...


class Acting(Protocol):
    """What acts by itself, in a thread of its own, from its start to its close."""

    @property
    def is_alive(self) -> bool:
        """Whether it still acts."""
        ...

    def start(self) -> None:
        """Begin."""
        ...

    def tell(self) -> None:
        """Say that it is to stop; returns at once."""
        ...

    def close(self) -> None:
        """Stop, and return when it has."""
        ...


class Instance(Core):
    """An open instance. Use as a context.

    `folds`: this process keeps the reading models up with the log; without it another one does.
    `work`: it also does what must be done by itself: renders, finishes, expires, pays, publishes.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        create: bool = False,
        work: bool = False,
        folds: bool = True,
        clock: Callable[[], datetime] = utc_now,
        observing: Observing | None = None,
    ) -> None:
        super().__init__(settings, create=create, clock=clock, observing=observing)
        self.how_far: Callable[[str], JobStatus | None] = lambda _generation: None
        self._acting: list[Acting] = []
        self._tells: list[Callable[[], None]] = []
        with self.closing_on_error():
            self._open_models(folds=folds)
            self._open_parts()
            self._watch_parts()
            if work:
                self.start_acting()
                self.start_queue()

    def _open_models(self, *, folds: bool) -> None:
        models = self.stack.enter_context(
            models_of(
                self.settings,
                self.storage,
                self.feed,
                clock=self.clock,
                folds=folds,
                observing=self.observing,
            )
        )
        self._tells.append(models.tell)
        self.database, self.readings = models.database, models.readings
        self.runner, self.forgetting = models.runner, models.forgetting

    def _open_parts(self) -> None:
        """Make what answers and what can act; nothing acts by itself before it is started."""
        facts = self.facts
        self.finisher = self.make_finisher()
        self.payouts = PayoutDesk(
            FilePayouts(self.settings.payouts, self._debtor()),
            waiting=Waiting(self.store),
            say=self.say_by_process,
            observer=self.observing,
        )
        self.indexer = Indexer(self.process, self.readings)
        self.counting = Counting(self.process, self.store)
        self.scheduler = Scheduler(
            self.process, self.store, outcomes=self.payouts, forgetting=self.forgetting
        )
        self.assurer = Assurer(
            self.store,
            self.feed,
            self.readings,
            origin=facts.origin,
            vkey=facts.checkpoint_vkey,
            clock=self.clock,
            keep=lambda report: keep_report(self.database, ASSURANCE, report),
        )
        self.inspector = Inspector(
            self.store,
            ProjectedOutputs(self.readings),
            self.views,
            anchors_pem=self.anchors_pem,
        )
        self.witnessing = Witnessing(self.store, self.storage.visible, self.policy.current)

    def _watch_parts(self) -> None:
        """Let an operator see how far everything is."""
        metrics = self.observing.metrics
        metrics.watch("witnesses", lambda: witness_numbers(self.witnessing.standing))
        metrics.watch("assurance", lambda: assurance_numbers(lambda: self.assurer.latest))

    def _debtor(self) -> Debtor:
        """Return whose account pays: the operator's, by setting."""
        chosen = self.settings
        return Debtor(
            name=self.facts.operator_name[:DEBTOR_CHARACTERS_MAX],
            iban=chosen.debtor_iban,
            bic=chosen.debtor_bic,
        )

    def start_acting(self, *, witnesses: bool = True) -> None:
        """Start what must happen by itself and is no rendering; one process of a ledger does it.

        Without `witnesses` another process asks them.
        """
        asking = (self.witnessing,) if witnesses else ()
        for part in (*asking, self.scheduler, self.indexer, self.assurer):
            self._start(part)
        self.start_counting()

    def start_counting(self) -> None:
        """Start writing down which refusals this process has repeated: each counts its own."""
        self._start(self.counting)

    def assurance(self) -> dict[str, Any] | None:
        """Return the newest assurance report, whichever process has made it; None before one."""
        return kept_report(self.database, ASSURANCE)

    def is_acting(self) -> bool:
        """Tell whether all that was started still acts by itself."""
        return all(part.is_alive for part in self._acting)

    def _start(self, part: Acting) -> None:
        part.start()
        self.stack.callback(part.close)
        self._tells.append(part.tell)
        self._acting.append(part)

    def start_queue(self) -> None:
        """Start the embedded engine's queue: it renders and finishes in this process."""
        self.queue = EmbeddedQueue(
            self.store,
            self.feed,
            worker=self.worker(),
            finisher=self.finisher,
            origin=self.facts.origin,
            key=self.keys.process,
            proving=self.witnessing,
        )
        self._start(self.queue)
        self.how_far = self.queue.status

    def hear(self, far: Far) -> None:
        """Hear from other processes how far their generations are."""
        stop = threading.Event()
        thread = threading.Thread(target=far.run, args=(stop,), name="progress", daemon=True)
        thread.start()
        self.stack.callback(thread.join)
        self.stack.callback(stop.set)
        self._tells.append(stop.set)
        self.how_far = far.status

    def close(self) -> None:
        """Tell all that acts by itself to stop, then wait for each, and give everything back.

        Each may wait for a database that does not answer; told at once, they wait together.
        """
        for tell in reversed(self._tells):
            tell()
        super().close()

    def worker(self) -> Worker:
        """Return the embedded generation worker."""
        ledger = public_keys(self.facts.origin, self.keys, self.said_of_log())
        return make_worker(
            self.settings,
            self.facts,
            ledger,
            self.artifacts,
            clock=self.clock,
            observer=self.observing,
        )
