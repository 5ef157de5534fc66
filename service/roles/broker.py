"""The broker that a role speaks by, and what this process is called there."""

from __future__ import annotations

import os
import socket

from generation.broker_settings import BrokerSettings
from service.observing.needs import the_broker
from service.observing.observer import Observing
from service.settings import SettingError, Settings


def broker_of(settings: Settings, observing: Observing) -> BrokerSettings:
    """Return the broker that the settings name, and need it to be ready.

    `SettingError` where they name none.
    """
    chosen = settings.broker
    if chosen is None:
        raise SettingError("this role speaks by way of a broker: set LEDGER_BROKER_URL")
    observing.readiness.need("broker", the_broker(chosen.bootstrap))
    return chosen


def process_name() -> str:
    """Return what this process is called in dead letters: host and number."""
    return f"{socket.gethostname()}:{os.getpid()}"
