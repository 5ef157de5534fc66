"""How a process tells of itself: alive, ready, what it lacks; and who has a role."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg

from tests.kit.cluster import Process

PATIENCE_S = 60.0
"""Whoever asks would wait this long: an answer that needed it would never come by itself."""


_HOLDERS = """
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = %s::bigint
"""


def holders_of(connection: psycopg.Connection[Any], key: int) -> list[int]:
    """Return the server's processes that hold a lock."""
    return [pid for (pid,) in connection.execute(_HOLDERS, (key,)).fetchall()]


def is_alive(process: Process) -> bool:
    """Tell whether it answers that it lives."""
    try:
        return httpx.get(f"{process.url}/health", timeout=PATIENCE_S, trust_env=False).is_success
    except httpx.TransportError:
        return False


def lacks(process: Process) -> dict[str, Any]:
    """Return what it says that it lacks; nothing where it is ready."""
    answer = httpx.get(f"{process.url}/ready", timeout=PATIENCE_S, trust_env=False)
    if answer.is_success:
        return {}
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    found: dict[str, Any] = answer.json()["missing"]
    assert found, "it says what is missing"
    return found
