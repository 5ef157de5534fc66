"""The process that verifies: told keys, signatures and messages, it answers yes or no to each.

Run by `ledger.verifying.beside` as `python -m ledger.verifying.process`, with a socket as standard
input. It knows no secret, no database and no rule, and keeps nothing. It ends when nobody holds the
other end, and by no word before: whoever stops all processes at once must find it until the last
statement is answered.
"""

from __future__ import annotations

import contextlib
import signal
import socket

from ledger.verifying import frames
from ledger.verifying.port import verifies


def main() -> None:
    """Answer until nobody asks any more."""
    for word in (signal.SIGINT, signal.SIGTERM):
        signal.signal(word, signal.SIG_IGN)
    with socket.socket(fileno=0) as control, contextlib.suppress(OSError):
        control.sendall(frames.READY)
        for number, signed in frames.lists(control.makefile("rb")):
            control.sendall(frames.answer(number, map(verifies, signed)))


if __name__ == "__main__":
    main()
