"""What a process of a ledger sets up before anything else, so that an operator sees it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from service.observing.listening import listening
from service.observing.logs import ObserveSettingError, configure
from service.observing.observer import Observing, observing_of

DOOR: Final = "LINERNOTES_OBSERVE"
"""Where a process that has no other door answers about itself: `host:port`; unset, nowhere."""

PORT_MAX: Final = 65_535
"""The largest port that there is (RFC 9293)."""


@contextmanager
def observed(role: str, env: Mapping[str, str] = os.environ) -> Iterator[Observing]:
    """Set up lines, traces and the small door of a process in one role.

    The API has `/health`, `/ready` and `/metrics` at its own door. What was not sent yet is sent at
    the end. Raises `ObserveSettingError`, and `OSError` where the port is taken.
    """
    configure(env, role=role)
    observing = observing_of(role, env)
    place = env.get(DOOR)
    try:
        if place and role != "api":
            host, port = _place(place)
            with listening(observing, role=role, host=host, port=port):
                yield observing
        else:
            yield observing
    finally:
        observing.close()


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > PORT_MAX:
        raise ObserveSettingError(f"{DOOR} is host:port, not {text[:80]!r}")
    return host.strip("[]"), int(port)
