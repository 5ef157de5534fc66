"""The role that reads finished files back."""

from __future__ import annotations

import threading

from generation.broker import Broker
from service.core import Core
from service.observing.observer import Observing
from service.roles.broker import broker_of, process_name
from service.roles.patience import patiently
from service.settings import Settings
from service.stopping import ending
from service.transport.finishing import FinishedConsumer


def finish(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Report what was read until told to stop."""
    chosen = broker_of(settings, observing)
    opened = patiently(lambda: Core(settings, observing=observing), stop, observing)
    if opened is None:
        return
    with opened as core, ending(stop):
        FinishedConsumer(
            core.make_finisher(),
            Broker(chosen),
            topics=chosen.topics,
            name=process_name(),
            observer=observing,
        ).run(stop)
