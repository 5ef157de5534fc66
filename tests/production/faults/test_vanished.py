"""A host that is gone without a word: what it held is given away, and others go on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from ledger.storage.postgres.role import ServerRole
from tests.support.far_host import FarHost
from tests.support.patience import PATIENCE_S

HOLDING = """
import sys
from ledger.storage.postgres.role import ServerRole

role = ServerRole(sys.argv[1], "scheduler")
assert role.wait(lambda: False)
print("held", flush=True)
role._connection.execute("SELECT pg_sleep(3), 'an answer that never arrives'")
"""


@pytest.fixture
def far() -> Iterator[FarHost]:
    found = FarHost()
    yield found
    found.close()


def test_the_role_of_a_vanished_host_goes_to_another_though_an_answer_is_on_its_way_there(
    far: FarHost,
) -> None:
    """Left alone the server says its answer again and again, and keeps the role for its session:
    for a quarter of an hour. Nobody pays or publishes meanwhile."""
    holding = far.run(sys.executable, "-c", HOLDING, far.url)
    assert holding.stdout is not None
    with holding.stdout as told:
        assert told.readline() == "held\n"
    far.vanish()
    other, begun = ServerRole(far.server.url(), "scheduler"), time.monotonic()
    assert not other.wait(lambda: time.monotonic() > begun + 1.0), (
        "it is held, or this shows nothing"
    )
    assert other.wait(lambda: time.monotonic() > begun + PATIENCE_S)
    other.close()
    holding.kill()
    holding.wait()
