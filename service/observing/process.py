"""What a process of a ledger sets up before anything else, so that an operator sees it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from service.observing.logs import configure
from service.observing.observer import Observing, observing_of


@contextmanager
def observed(role: str, env: Mapping[str, str] = os.environ) -> Iterator[Observing]:
    """Set up lines and traces of a process in one role; what was not sent is sent at its end."""
    configure(env, role=role)
    observing = observing_of(role, env)
    try:
        yield observing
    finally:
        observing.close()
