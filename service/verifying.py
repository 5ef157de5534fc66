"""A process that serves has another verify signatures, and shows how that one fares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from ledger.deciding import Decider
from ledger.verifying.beside import VerifierProcess
from service.observing.observer import Observing
from service.observing.standing import verifier_numbers


@contextmanager
def verified_beside(
    decider: Decider, observing: Observing, *, wanted: bool = True
) -> Iterator[VerifierProcess | None]:
    """Have a process of its own verify the signatures of lists until the block ends.

    Where that is not `wanted`, it verifies them itself, as ever.
    """
    if not wanted:
        yield None
        return
    with closing(VerifierProcess(observing)) as verifying:
        decider.verify_by(verifying)
        observing.metrics.watch("verifier", lambda: verifier_numbers(verifying))
        yield verifying
