"""Run a witness as a process: `python -m service.witness FOLDER [--host H] [--port P]`.

What it says on its first line is where it answers. `liner witness run` does the same.
"""

import argparse
import sys
from pathlib import Path

from service.listening import HOST_DEFAULT
from service.witness.serving import PORT_DEFAULT, serve


def main() -> None:
    """Serve until told to stop."""
    reading = argparse.ArgumentParser(prog="python -m service.witness", description=__doc__)
    reading.add_argument("folder", type=Path)
    reading.add_argument("--host", default=HOST_DEFAULT)
    reading.add_argument("--port", type=int, default=PORT_DEFAULT)
    given = reading.parse_args()
    serve(given.folder, host=given.host, port=given.port, ready=_tell)


def _tell(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
