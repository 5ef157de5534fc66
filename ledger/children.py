"""Processes of our own beside this one: how one is started that knows nothing of us."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO, Final

_ROOT: Final = Path(__file__).resolve().parents[1]


def command_of(module: str) -> tuple[str, ...]:
    """Return the command by which a module of ours runs in a process of its own."""
    return (sys.executable, "-P", "-m", module)


def start(
    command: tuple[str, ...], control: socket.socket, errors: BinaryIO | None = None
) -> subprocess.Popen[bytes]:
    """Start such a command; `control` becomes its standard input, and it complains to `errors`.

    It gets no secret, no file of ours, and no part of what the terminal tells us: an interrupt is
    for us, and it ends when we have gone. Raises `OSError`.
    """
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=control.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env=_environment(),
        cwd="/",
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Give away where our code lies, and no secret: what it reads may take that process over."""
    found = {
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MB of the address space we count
        "OPENBLAS_NUM_THREADS": "1",  # likewise, each thread
        "RAYON_NUM_THREADS": "1",
    }
    libraries = os.environ.get("LD_LIBRARY_PATH")
    return found if libraries is None else {**found, "LD_LIBRARY_PATH": libraries}
