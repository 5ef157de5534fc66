"""A process in which several threads make every reader there is, and read with it, all at once.

python -m tests.support.readers_at_once FILE THREADS   FILE: a line `[class, canonical JSON]` each

What a reader is made of is made once in a process, so each trial needs one that made nothing yet.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

from schemas.readers import reader_of
from schemas.registry import EVENTS

AT_ONCE_S = 1e-6
"""How long a thread runs before another one may: so they meet wherever they can meet."""


def main(path: Path, threads: int) -> None:
    """Read every line in every thread; what one raises ends the process."""
    classes = {cls.__name__: cls for cls in EVENTS.values()}
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    faults: list[Exception] = []
    together = threading.Barrier(threads)

    def read() -> None:
        try:
            together.wait()
            for name, text in lines:
                reader: Any = reader_of(classes[name], recorded=True)
                reader.read(text.encode())
        except Exception as error:  # noqa: BLE001 - raised by the main thread
            faults.append(error)

    sys.setswitchinterval(AT_ONCE_S)
    running = [threading.Thread(target=read) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    for fault in faults:
        raise fault


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
