"""Whoever verifies the signatures of a list of statements, while the list is decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from schemas.envelope.keys import Signed
from schemas.observing import UNOBSERVED, Observer
from schemas.refusals import Malformed

T = TypeVar("T")


class Verifying(Protocol):
    """Verifies signatures. Never wrong, and never silent: what is not heard is verified here."""

    def verify(
        self, signed: Sequence[Signed], meanwhile: Callable[[], T]
    ) -> tuple[Sequence[bool], T]:
        """Return of each whether its signature verifies, and what `meanwhile` returned.

        Whoever has the one has the other too: nothing that was done meanwhile comes out before
        it is known. Raises nothing but what `meanwhile` raises.
        """
        ...


class Here:
    """Verifies in the thread that asks."""

    def __init__(self, observer: Observer = UNOBSERVED) -> None:
        self._observer = observer

    def verify(
        self, signed: Sequence[Signed], meanwhile: Callable[[], T]
    ) -> tuple[Sequence[bool], T]:
        """Verify each, then do what is to be done."""
        return [self._verifies(one) for one in signed], meanwhile()

    def _verifies(self, signed: Signed) -> bool:
        with self._observer.step("verify"):
            return verifies(signed)


def verifies(signed: Signed) -> bool:
    """Tell whether a signature verifies: the one function, in whichever process."""
    try:
        signed.verify()
    except Malformed:
        return False
    return True
