"""A role that was lost ends who had it: nobody waits for what never comes back."""

from contextlib import closing

import pytest

from ledger.storage.opening import LogReading
from ledger.storage.vault import KEY_BYTES
from service.roles.holding import RoleEndedError, held_or_ended
from tests.support.postgres_behind import end_connections


def test_whoever_loses_its_role_ends(log_database: str) -> None:
    with (
        LogReading(log_database, master_key=bytes(KEY_BYTES)) as reading,
        closing(reading.role("relay")) as role,
    ):
        assert role.wait(lambda: False)
        is_held = held_or_ended(role)
        assert is_held()
        end_connections(log_database)
        with pytest.raises(RoleEndedError):
            is_held()
