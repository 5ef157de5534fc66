"""What acts by itself and has ended is told of, whichever part it is: nothing stops silently."""

from __future__ import annotations

import threading

import pytest

from tests.kit.instance import Place
from tests.support.patience import PATIENCE_S

PARTS = ("witnessing", "scheduler", "indexer", "assurer", "counting", "queue")


@pytest.mark.parametrize("name", PARTS)
def test_an_instance_tells_when_one_part_has_ended(place: Place, name: str) -> None:
    with place.open(work=True) as instance:
        assert instance.is_acting()
        getattr(instance, name).close()
        assert not instance.is_acting()


class Waiting:
    """Acts until it is told to stop; its close waits until the other has been told as well."""

    def __init__(self, other: threading.Event) -> None:
        self.told = threading.Event()
        self.is_alive = True
        self._other = other

    def start(self) -> None:
        """Nothing has to begin."""

    def tell(self) -> None:
        self.told.set()

    def close(self) -> None:
        assert self._other.wait(PATIENCE_S), "who is closed first waits for who is told last"


def test_all_are_told_to_stop_before_the_first_is_waited_for(place: Place) -> None:
    with place.open() as instance:
        first = Waiting(threading.Event())
        second = Waiting(first.told)
        first._other = second.told
        instance._start(first)
        instance._start(second)
