"""A process whose clock is an hour off, beside one that is right: it says so, spoils nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.commands.consents import GrantConsent
from schemas.ids import new_id
from schemas.terms import Consent
from tests.kit import words
from tests.kit.aftermath import liner
from tests.kit.cluster import Cluster, Process, cluster
from tests.kit.creating import Creating
from tests.production.faults.standing import lacks
from tests.support.postgres_server import PostgresServer

HOUR_S = 3600


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    """Give APIs that need no broker to take statements: nobody relays here."""
    server = PostgresServer(durable=True)
    nobody: dict[str, Any] = {
        "LEDGER_BROKER_URL": "kafka://127.0.0.1:1",
        "LEDGER_BROKER_PREFIX": "x.",
    }
    try:
        with cluster(tmp_path / "place", database_url=server.url(), **nobody) as found:
            yield found
    finally:
        server.close()


def grant(creating: Creating, process: Process) -> tuple[int, str, list[datetime]]:
    """Grant a consent at a door; return status, code and when its entries say it was."""
    piece = creating.place.pieces[0]
    said = words.consent(new_id("cns"), piece.holder, {"recordings": [piece.recording]})
    answer = creating.post(process.url, piece.holder, GrantConsent(consent=Consent.read(said)))
    found = answer.json()
    times = [datetime.fromisoformat(row["recorded_at"]) for row in found.get("entries", ())]
    return answer.status_code, found.get("code", ""), times


def lacks_its_clock_alone(process: Process, sign: str) -> bool:
    """Tell whether a process that has opened lacks nothing but the hour."""
    said = lacks(process)
    return set(said) == {"database"} and said["database"].startswith(f"the clock here is {sign}36")


def test_of_three_clocks_one_decides_when_it_was(running: Cluster) -> None:
    right = running.add_api("right")
    ahead = running.add_api("ahead", clock_off_s=HOUR_S)
    behind = running.add_api("behind", clock_off_s=-HOUR_S)
    running.wait_ready(right)
    for process, sign in ((ahead, "+"), (behind, "-")):
        running.wait_of(
            process,
            lambda one=process, off=sign: lacks_its_clock_alone(one, off),  # type: ignore[misc]  # defaults
            f"opened, and says {sign}36 hundred seconds and nothing else",
        )
    with closing(Creating(running.place)) as creating:
        times: list[datetime] = []
        for _ in range(3):
            status, _code, entries = grant(creating, right)
            assert status == 201
            times += entries
            # One hour ahead it has come too late; an hour ago is never before what the log has
            # seen, so what is decided there is dated by the log.
            assert grant(creating, ahead)[:2] == (400, "expired")
            status, code, entries = grant(creating, behind)
            assert (status, code) in {(201, ""), (503, "busy")}
            times += entries
        assert times == sorted(times)
        assert (times[-1] - times[0]).total_seconds() < HOUR_S
    assert liner(running, "audit").endswith(", 0 differ\n")
