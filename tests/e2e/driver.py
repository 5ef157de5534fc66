"""A process that works on an instance until it is killed: for tests that kill it.

    python -m tests.e2e.driver

Takes one job (JSON) a line and gives each to a child of its own, a fork that has imported
everything already; answers with how the child ended. The child writes each acknowledged command to
the job's `answers` file before it does anything else, and dies where the job's `kill` says.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import generation.models.mosaic  # noqa: F401 - imported once, before the forks
from ledger.storage import killpoints
from schemas import canonical
from schemas.commitments import Opening
from service.beginning import begin
from service.instance import Instance
from tests.kit import bank
from tests.kit.instance import ORIGIN, POLICY, Place
from tests.kit.sound import wait_ended, wait_folded

WAIT_S = 60.0


def found(place: Place, _job: dict[str, Any]) -> None:
    """Found an instance."""
    begin(
        place.settings,
        origin=ORIGIN,
        operator_name="Operator",
        policy=POLICY,
    )


def work(place: Place, job: dict[str, Any]) -> None:
    """Say statements, one after another; then wait for a generation, or move payouts."""
    with Instance(place.settings, work=job["work"]) as instance:
        for row in job["said"]:
            openings = [
                Opening(one["pointer"], canonical.unb64u(one["salt"]), one["value"])
                for one in row["openings"]
            ]
            answer = instance.application.handle(canonical.unb64u(row["raw"]), openings)
            tell(job, {"command": answer.command, "positions": answer.positions})
        if job["wait"]:
            wait_ended(instance, job["wait"])
            tell(job, {"ended": job["wait"]})
        if job["pay"]:
            instance.payouts.tell()
            bank.settle_all(place.settings)
            instance.payouts.take()
            instance.payouts.take()  # moves away what is through
        wait_folded(instance)


def hold(place: Place, job: dict[str, Any]) -> None:
    """Hold the instance until somebody kills us."""
    with Instance(place.settings):
        tell(job, {"pid": os.getpid()})
        time.sleep(WAIT_S)


def tell(job: dict[str, Any], said: dict[str, Any]) -> None:
    """Write a line that is out before anything else happens."""
    file = os.open(job["answers"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(file, json.dumps(said).encode() + b"\n")
    os.close(file)


def child(job: dict[str, Any]) -> None:
    """Do one job in this process, which is nobody else's, and end it."""
    name, _, count = job["kill"].partition(":")
    killpoints._TARGET, killpoints._left = name, int(count or "1")  # type: ignore[misc]  # what the environment sets in a process that starts
    logging.disable()
    try:
        {"found": found, "work": work, "hold": hold}[job["do"]](Place(Path(job["folder"])), job)
    except BaseException:  # noqa: BLE001 - the process ends here, and says why
        tell(job, {"error": traceback.format_exc()})
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Take jobs until the input ends."""
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(job)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
