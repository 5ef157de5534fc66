"""Settings of all tests, and the fixtures that several folders share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.places import ENGINES, Place, empty_place

# No example has a deadline: the machine may be busy, and no test asserts on time.
settings.register_profile("linernotes", deadline=None)
settings.load_profile("linernotes")


@pytest.fixture(params=ENGINES)
def tables_at(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Give an empty place for the tables of projections, on each engine in turn."""
    with empty_place(request.param) as found:
        yield found
