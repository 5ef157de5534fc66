"""A process whose files may not grow: the disk is full, for real, in the middle of a commit.

python -m tests.support.storage_disk FOLDER ROOM_BYTES
"""

import resource
import signal
import sys
from pathlib import Path

from ledger.storage.errors import Fatal
from schemas.refusals import Conflict
from tests.support.storage_process import commands, say
from tests.support.storage_world import LogWorld


def main(folder: Path, room_bytes: int) -> None:
    """Append until there is no room; say each answer, and how it ended."""
    world = LogWorld(folder)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then write() fails with EFBIG
    with world.open() as log:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, resource.RLIM_INFINITY))
        for one in commands(world, 1, 1000):
            try:
                log.submit(one).result(60)
            except (Fatal, Conflict) as error:
                say(f"{type(error).__name__}: {error}")
                break
            say(one.command_id)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
