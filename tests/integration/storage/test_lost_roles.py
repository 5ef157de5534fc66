"""A role that was lost ends who had it: nobody waits for what never comes back."""

from contextlib import closing

import psycopg
import pytest

from ledger.storage.opening import LogReading
from ledger.storage.vault import KEY_BYTES
from service.roles.holding import RoleEndedError, held_or_ended

OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_whoever_loses_its_role_ends(log_database: str) -> None:
    with (
        LogReading(log_database, master_key=bytes(KEY_BYTES)) as reading,
        closing(reading.role("relay")) as role,
    ):
        assert role.wait(lambda: False)
        is_held = held_or_ended(role)
        assert is_held()
        with psycopg.connect(log_database) as connection:
            connection.execute(OTHERS)
        with pytest.raises(RoleEndedError):
            is_held()
