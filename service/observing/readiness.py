"""Whether a process does what it is there for; if not, what is missing, in a sentence each.

A process that is not ready gets no requests and is left to mend itself. A dead one is started anew:
that is `/health`, and it says no more than that somebody answers.
"""

from __future__ import annotations

from collections.abc import Callable

Check = Callable[[], str | None]
"""Says what is missing, or None. It may ask a file or a database; an exception says it is missing.
"""


class Readiness:
    """What a process must have. Parts add their checks when they are opened."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def need(self, name: str, check: Check) -> None:
        """Add a check, or replace the one of this name."""
        self._checks[name] = check

    def missing(self) -> dict[str, str]:
        """Return what is missing by the name of its check; nothing if all is well."""
        found = {name: _asked(check) for name, check in tuple(self._checks.items())}
        return {name: said for name, said in found.items() if said}


def _asked(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - whatever cannot be asked is missing
        # The kind alone: an error's words may name places that are nobody's business.
        return f"it cannot be asked ({type(error).__name__})"
