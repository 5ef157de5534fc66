"""What the roles share: their broker, their name, and when one has ended by itself."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Final

from generation.broker_settings import BrokerSettings
from ledger.storage.roles import Role
from service.observing.needs import the_broker
from service.observing.observer import Observing
from service.settings import SettingError, Settings

LOOK_S: Final = 0.5
"""How often a role looks whether its parts are alive."""


class RoleEndedError(Exception):
    """A part of this process ended by itself; its own lines say why. Start the process anew."""

    code: Final = "role_ended"


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


def held_or_ended(role: Role) -> Callable[[], bool]:
    """Return what asks whether a role is still ours, and raises `RoleEndedError` once it is not.

    A role that was lost never comes back to who had it: the process is started anew, and stands by.
    """

    def is_held() -> bool:
        if not role.is_held():
            raise RoleEndedError(f"the role {role.name} was lost: start this process anew")
        return True

    return is_held


def wait_while_alive(stop: threading.Event, parts: Mapping[str, Callable[[], bool]]) -> None:
    """Wait until told to stop; raise `RoleEndedError` when a part has ended by itself."""
    while not stop.wait(LOOK_S):
        for name, is_alive in parts.items():
            if not is_alive():
                raise RoleEndedError(f"{name} ended by itself: start this process anew")
