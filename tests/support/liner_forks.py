"""Serves command lines: each in a process of its own, forked from one that has imported already.

A process of the installed `liner` spends most of its time importing. Here a warm process forks for
each command: its own arguments, environment, folder, standard streams and exit code, in a tenth of
the time. Run as a script with the path of a Unix socket; it ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from importlib import import_module

from service.cli.program import VERBS, main

WARM = (
    "generation.models.mosaic",
    *(f"service.cli.verbs_{name}" for name in VERBS),
    "service.cli.audited",
    "service.cli.bank",
    "service.cli.health",
    "service.cli.names",
    "service.cli.opening",
    "service.beginning",
    "service.inprocess",
    "service.identity",
)


def serve(path: str) -> None:
    """Answer until standard input is closed."""
    for name in WARM:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(8)
    print("ready", flush=True)  # noqa: T201 - who started us waits for it
    awaited: list[int | socket.socket] = [0, listening]
    while 0 not in (ready := select.select(awaited, [], [])[0]):
        assert ready
        asked, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _answer(asked)
        asked.close()


def _answer(asked: socket.socket) -> None:
    """Fork once more for the command, wait for it, and send its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    raw, streams, _, _ = socket.recv_fds(asked, 1 << 20, 3)
    job = json.loads(raw)
    pid = os.fork()
    if pid == 0:
        _become(job, streams)
    _, status = os.waitpid(pid, 0)
    asked.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(job: dict[str, object], streams: list[int]) -> None:
    """Be the command: nothing of the server's is left but what it has imported."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(str(job["cwd"]))
    os.environ.clear()
    os.environ.update(job["env"])  # type: ignore[call-overload]  # a JSON object of texts
    code: object = 70
    try:
        main(job["args"])  # type: ignore[arg-type]  # a JSON list of texts
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    serve(sys.argv[1])
