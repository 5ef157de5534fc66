"""How a process tells of itself: alive, ready, what it lacks; and who has a role."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg

from ledger.storage.postgres.role import key_of
from tests.kit.cluster import Cluster, Process

PATIENCE_S = 60.0
"""Whoever asks would wait this long: an answer that needed it would never come by itself."""

SILENT = "answer"
"""What a process lacks that does not answer: it does not listen yet, or not any more."""

_HOLDERS = """
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = %s::bigint
"""


def holders_of(connection: psycopg.Connection[Any], role: str) -> list[int]:
    """Return the server's processes that hold a role's lock."""
    return [pid for (pid,) in connection.execute(_HOLDERS, (key_of(role),)).fetchall()]


def is_alive(process: Process) -> bool:
    """Tell whether it answers that it lives."""
    try:
        return httpx.get(f"{process.url}/health", timeout=PATIENCE_S, trust_env=False).is_success
    except httpx.TransportError:
        return False


def lacks(process: Process) -> dict[str, Any]:
    """Return what it says that it lacks; nothing where it is ready."""
    try:
        answer = httpx.get(f"{process.url}/ready", timeout=PATIENCE_S, trust_env=False)
    except httpx.TransportError as error:
        return {SILENT: repr(error)}
    if answer.is_success:
        return {}
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    found: dict[str, Any] = answer.json()["missing"]
    assert found, "it says what is missing"
    return found


def wait_lacking(running: Cluster, process: Process, *names: str) -> None:
    """Wait until a process lacks just these.

    What a process lacks it takes back, and adds, one after the other: a look between two of them
    finds what neither is meant.
    """
    wanted = set(names)
    running.wait_of(process, lambda: set(lacks(process)) == wanted, f"lacks {wanted} alone")


def wait_waiting(running: Cluster, process: Process, name: str) -> None:
    """Wait until a process lacks this, whatever else it lacks."""
    running.wait_of(process, lambda: name in lacks(process), f"lacks {name}")
