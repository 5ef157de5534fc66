"""What acts by itself and has ended is told of, whichever part it is: nothing stops silently."""

from __future__ import annotations

import pytest

from tests.kit.instance import Place

PARTS = ("witnessing", "scheduler", "indexer", "assurer", "counting", "queue")


@pytest.mark.parametrize("name", PARTS)
def test_an_instance_tells_when_one_part_has_ended(place: Place, name: str) -> None:
    with place.open(work=True) as instance:
        assert instance.is_acting()
        getattr(instance, name).close()
        assert not instance.is_acting()
