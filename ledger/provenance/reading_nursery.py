"""Where guarded reading processes come from: one that is ready forks a fresh one for each file.

It is started once, has read no file and never reads one itself; so each file still has a process of
its own which knows no other, for a hundredth of what starting one anew costs. It is started again
where it has gone.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from ledger import children

_SERVER: Final = "ledger.provenance.reading_server"
_TAIL_BYTES: Final = 500
_ANSWER_BYTES_MAX: Final = 100


class NurseryError(Exception):
    """No reading process can be had; the sentence says what the last one said."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a reading process ended: its exit code, negative for a signal; or by its timeout."""

    code: int
    timed_out: bool


class Nursery:
    """The process that forks; one for each of ours, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._command: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._errors: BinaryIO | None = None

    def read(
        self, request: Mapping[str, Any], file: int, output: BinaryIO, errors: BinaryIO
    ) -> Ended | None:
        """Have a file read by a process of its own; None where that process was never heard of.

        `file` is its open descriptor; what is said goes to `output`. Raises `NurseryError`.
        """
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                descriptors = [file, output.fileno(), errors.fileno(), theirs.fileno()]
                process = self._hand_over(descriptors)
            try:
                ours.sendall(json.dumps(request).encode() + b"\n")
                said = ours.makefile("rb").readline(_ANSWER_BYTES_MAX)
            except OSError:
                said = b""
        if said.endswith(b"\n"):
            return Ended(**json.loads(said))
        self._replace(process)
        return None

    def close(self) -> None:
        """End it; what it has forked reads on to its end."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """Let go of one that is another process's, whose child we are."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for
        self.__init__()  # type: ignore[misc]  # as new, the lock too

    def _hand_over(self, descriptors: list[int]) -> subprocess.Popen[bytes]:
        with self._lock:
            for is_last in (False, True):
                if self._control is None or self._command != children.command_of(_SERVER):
                    self._start()
                assert self._control is not None, "started"
                assert self._process is not None, "likewise"
                try:
                    socket.send_fds(self._control, [b"r"], descriptors)
                except OSError as error:
                    if is_last:
                        raise NurseryError(self._said()) from error
                    self._end()
                else:
                    return self._process
        raise AssertionError("the second time returns or raises")

    def _replace(self, process: subprocess.Popen[bytes]) -> None:
        """End one that was not heard of, unless another stands in its place already.

        What it has forked reads on; what it has not is asked for again by who waits for it.
        """
        with self._lock:
            if self._process is process:
                self._end()

    def _start(self) -> None:
        self._end()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._command = children.command_of(_SERVER)
        with theirs:
            self._process = children.start(self._command, theirs, self._errors)
        self._control = ours
        if ours.recv(1) != b"r":
            said = self._said()
            self._end()
            raise NurseryError(said)

    def _said(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - _TAIL_BYTES))
        return self._errors.read().decode(errors="replace").strip()

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._errors is not None:
            self._errors.close()
        self._process = self._control = self._errors = None


NURSERY: Final = Nursery()
"""The one of this process."""

atexit.register(NURSERY.close)
os.register_at_fork(after_in_child=NURSERY.forget)
