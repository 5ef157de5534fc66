"""Whether a process does what it is there for; if not, what is missing, in a sentence each.

A process that is not ready gets no requests and is left to mend itself. A dead one is started anew:
that is `/health`, and it says no more than that somebody answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from service.observing.asking import Asking, SilentError

Check = Callable[[], str | None]
"""Says what is missing, or None. It may ask a file or a database; an exception says it is missing.
"""

ANSWER_S: Final = 2.5
"""How long all checks together may take: less than any prober waits, so that it hears what is."""


class Readiness:
    """What a process must have. Parts add their checks when they are opened."""

    def __init__(self) -> None:
        self._checks: dict[str, Asking[str | None]] = {}

    def need(self, name: str, check: Check) -> None:
        """Add a check, or replace the one of this name."""
        self._checks[name] = Asking(name, check)

    def forgo(self, name: str) -> None:
        """Take back a check: nobody needs that any more."""
        self._checks.pop(name, None)

    def missing(self) -> dict[str, str]:
        """Return what is missing by the name of its check; nothing if all is well.

        All are asked at once. One that does not answer in time is missing, and holds up nobody.
        """
        until = time.monotonic() + ANSWER_S
        asked = {name: check.begin() for name, check in tuple(self._checks.items())}
        found = {}
        for name, one in asked.items():
            try:
                said = one.answer(until - time.monotonic())
            except SilentError:
                said = f"it has not answered in {ANSWER_S:g} seconds"
            except Exception as error:  # noqa: BLE001 - whatever cannot be asked is missing
                # The kind alone: an error's words may name places that are nobody's business.
                said = f"it cannot be asked ({type(error).__name__})"
            if said:
                found[name] = said
        return found
