"""The process that is ready: forks one guarded process for each file, and reads none itself.

Run by `ledger.provenance.reading_nursery` as `python -m ledger.provenance.reading_server`, with a
socket as standard input; it ends when nobody holds the other end. Each message brings four
descriptors: the file, where to write what it says, where to complain, and a socket with the
request, which is told how it ended. Between us and the process that reads stands one that waits
for it, and ends it when its time is over.
"""

import contextlib
import json
import os
import signal
import socket
import sys
from types import FrameType
from typing import Any, Final, NoReturn

from ledger.provenance import reading_process

with contextlib.suppress(ImportError):  # a manifest is read also where sound cannot be decoded
    import ledger.provenance.frames  # noqa: F401 - so that no fork has to

_DESCRIPTORS: Final = 4
_FILE: Final = 3
"""The number under which a reading process has the file; nothing above it is open there."""

_SOON_S: Final = 0.001  # a timer of zero would never ring


def main() -> None:
    """Fork until nobody asks any more."""
    control = socket.socket(fileno=0)
    # Those who wait for the readers are nobody's business when they end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(b"r")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, _DESCRIPTORS)
        if not message:
            return
        if len(descriptors) == _DESCRIPTORS and os.fork() == 0:
            _wait_beside(control, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _wait_beside(control: socket.socket, descriptors: list[int]) -> NoReturn:
    """Fork the reader, wait for it, and say how it ended."""
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        file, output, errors, answer = descriptors
        with socket.socket(fileno=answer) as told:
            request = json.loads(told.makefile("rb").readline())
            child = os.fork()
            if child == 0:
                _read(request, file, output, errors)
            code, timed_out = _wait(child, request["clock_s"])
            told.sendall(json.dumps({"code": code, "timed_out": timed_out}).encode() + b"\n")
    finally:
        os._exit(0)


def _wait(child: int, timeout_s: float) -> tuple[int, bool]:
    rang = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal rang
        rang = True
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, max(timeout_s, _SOON_S))
    _, status = os.waitpid(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return os.waitstatus_to_exitcode(status), rang


def _read(request: dict[str, Any], file: int, output: int, errors: int) -> NoReturn:
    """Become the reading process of one file: it has that file, and no other door."""
    code = 1
    try:
        for source, target in ((output, 1), (errors, 2)):
            os.dup2(source, target)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(file, _FILE)
        os.closerange(_FILE + 1, os.sysconf("SC_OPEN_MAX"))
        reading_process.read(request | {"descriptor": _FILE})
        code = 0
    except BaseException:  # noqa: BLE001 - it ends here, and says why
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
