"""A process that appends commands and says what was acknowledged: for tests that kill it.

python -m tests.support.storage_process FOLDER FIRST LAST
python -m tests.support.storage_process FOLDER hold URL
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from eventsourcing.dcb.api import DCBEvent

from ledger.storage.records import Prepared
from tests.support.storage_world import LogWorld, check_answer

TOGETHER = 3  # commands submitted at a time, so that batches hold more than one


def commands(world: LogWorld, first: int, last: int) -> list[Prepared]:
    """Return commands first .. last, each of one to three events."""
    return [
        world.command(str(n), tags=[[f"rights:rec_{n % 5}"], ["about:pty_1"], []][: n % 3 + 1])
        for n in range(first, last + 1)
    ]


def events_of(prepared: Sequence[Prepared]) -> dict[str, tuple[DCBEvent, ...]]:
    """Return the events of each command by its id."""
    return {one.command_id: tuple(one.events) for one in prepared}


def append(folder: Path, first: int, last: int) -> None:
    """Append commands; print `id first-position` for each answer, at once."""
    world = LogWorld(folder)
    with world.open() as log:
        waiting = commands(world, first, last)
        while waiting:
            group, waiting = waiting[:TOGETHER], waiting[TOGETHER:]
            for one, future in [(one, log.submit(one)) for one in group]:
                answer = check_answer(future.result(60), one.events)
                say(f"{one.command_id} {answer.positions[0]}")


def hold(folder: Path, url: str) -> None:
    """Hold the file until the standard input ends."""
    with LogWorld(folder).open() as log:
        log.lock.announce(url)
        say("held")
        sys.stdin.read()


def say(line: str) -> None:
    """Print a line that is out before anything else happens."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[2] == "hold":
        hold(Path(sys.argv[1]), sys.argv[3])
    else:
        append(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
