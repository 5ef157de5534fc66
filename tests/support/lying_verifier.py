"""Stands where the process that verifies stands, and answers what is no answer: see `LIES`.

Run as a script with the name of a lie and a socket as standard input.
"""

import socket
import sys
import time
from collections.abc import Callable

from ledger.verifying import frames

LIES: dict[str, Callable[[int, int], bytes]] = {
    "short": lambda number, rows: frames.answer(number, [True] * (rows - 1)),
    "long": lambda number, rows: frames.answer(number, [True] * (rows + 1)),
    "another_list": lambda number, rows: frames.answer(number - 1, [True] * rows),
    "no_yes_and_no_no": lambda number, rows: frames.answer(number, [True] * rows)[:-1] + b"\2",
    "nothing": lambda _number, _rows: b"",
}
"""What is said instead of an answer to a list of so many rows, all of which would be accepted."""


def main(lie: str) -> None:
    """Say so of each list, and then nothing more."""
    with socket.socket(fileno=0) as control:
        control.sendall(frames.READY if lie != "no_beginning" else b"?")
        for number, signed in frames.lists(control.makefile("rb")):
            control.sendall(LIES[lie](number, len(signed)))
            if lie == "nothing":
                return
        time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1])
