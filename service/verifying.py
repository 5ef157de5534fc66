"""A process that serves has another verify signatures, and shows how that one fares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from ledger.application import Application
from ledger.verifying.beside import Beside
from service.observing.observer import Observing
from service.observing.standing import verifier_numbers


@contextmanager
def verified_beside(
    application: Application, observing: Observing, *, wanted: bool = True
) -> Iterator[Beside | None]:
    """Have a process of its own verify the signatures of lists until the block ends.

    Where that is not `wanted`, the application verifies them itself, as ever.
    """
    if not wanted:
        yield None
        return
    with closing(Beside(observing)) as verifying:
        application.verify_by(verifying)
        observing.metrics.watch("verifier", lambda: verifier_numbers(verifying))
        yield verifying
