"""Verifying in a process of its own, on another core, while this thread decides the same list.

What can become of that process costs time and decides nothing: a list that it did not answer is
verified here. A process that has ended, says something that is no answer, or is silent for long is
ended and counted as lost, and another is started some time later.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from ledger import children
from ledger.verifying import frames
from ledger.verifying.port import Here, T
from schemas.envelope.keys import Signed
from schemas.observing import UNOBSERVED, Observer

log: Final = logging.getLogger(__name__)

FEW: Final = 4
"""Fewer are verified here: with two or three clients nothing is gained by asking."""

LATE_S: Final = 1.0
"""How long an answer may take: a hundred times what a long list of usual statements takes."""

AGAIN_S: Final = 60.0
"""How soon after one was started another may be: where each hangs, a second a minute is lost."""

_MODULE: Final = "ledger.verifying.process"


class VerifierProcess:
    """Verifies in a process of its own, which it starts, and ends when it is closed.

    From any thread; while one asks, the others verify for themselves.
    """

    def __init__(
        self,
        observer: Observer = UNOBSERVED,
        *,
        late_s: float = LATE_S,
        again_s: float = AGAIN_S,
    ) -> None:
        self._observer = observer
        self._here = Here(observer)
        self._late_s = late_s
        self._again_s = again_s
        self._turn = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = self._is_closed = False
        self.losses = self.sent = 0
        """How often the process was lost, and how many lists it was sent."""
        self._start()

    def verify(
        self, signed: Sequence[Signed], meanwhile: Callable[[], T]
    ) -> tuple[Sequence[bool], T]:
        """Have the signatures verified beside; here, where they are few or nobody answers."""
        if len(signed) < FEW or not self._turn.acquire(blocking=False):
            return self._here.verify(signed, meanwhile)
        try:
            self._ask(signed)
            try:
                done = meanwhile()
            finally:
                # Taken also where nobody wants it any more: the next one belongs to the next list.
                with self._observer.step("verify"):
                    found = self._answer(len(signed))
        finally:
            self._turn.release()
        if found is not None:
            return found, done
        return self._here.verify(signed, lambda: done)

    @property
    def is_running(self) -> bool:
        """Whether there is a process that has said it can be asked."""
        return self._control is not None and self._is_ready

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """End the process, when the list in hand is through; from then on all is verified here."""
        with self._turn:
            self._is_closed = True
            self._end()

    def _ask(self, signed: Sequence[Signed]) -> None:
        """Send a list to the process, if there is one that is ready."""
        if self._control is None and self._may_start():
            self._start()
        if self._control is None or not self._hears(self._control):
            return
        self.sent += 1
        try:
            self._control.sendall(frames.asked(self.sent, signed))
        except OSError as error:
            self._lose(f"it takes no list: {error}")

    def _answer(self, rows: int) -> Sequence[bool] | None:
        """Return what the process says of the list that was sent; None where nobody answers."""
        if self._control is None or not self._is_ready:
            return None
        try:
            said = self._control.recv(frames.answer_bytes(rows) + 1)
        except OSError as error:
            self._lose(f"it does not answer: {error}")
            return None
        found = frames.read_answer(said, self.sent, rows)
        if found is None:
            self._lose("it has ended" if not said else "what it says is no answer to what was sent")
        return found

    def _hears(self, control: socket.socket) -> bool:
        """Tell whether the process has said that it is ready, which nobody waits for."""
        if self._is_ready:
            return True
        try:
            said = control.recv(len(frames.READY))
        except BlockingIOError:
            return False
        except OSError as error:
            self._lose(f"it could not begin: {error}")
            return False
        if said != frames.READY:
            self._lose("it could not begin")
            return False
        control.settimeout(self._late_s)
        self._is_ready = True
        return True

    def _may_start(self) -> bool:
        return not self._is_closed and time.monotonic() - self._began_s >= self._again_s

    def _start(self) -> None:
        self._began_s = time.monotonic()
        try:
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = children.start(children.command_of(_MODULE), theirs)
            self._control.setblocking(False)
        except OSError as error:
            self._lose(f"it could not be started: {error}")

    def _lose(self, why: str) -> None:
        self.losses += 1
        log.warning(
            "the process that verifies signatures was lost [%s]: they are verified here, and in"
            " %g s another may be started",
            why,
            self._again_s,
        )
        self._end()

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None
        self._is_ready = False
