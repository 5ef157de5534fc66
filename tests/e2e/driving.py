"""Handing jobs to the driver, and looking at what it acknowledged before it died."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas import canonical
from service.speaking import Said
from tests.kit.instance import Place

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Ended:
    """How a child ended, and the lines that it had written by then."""

    code: int
    lines: tuple[dict[str, Any], ...]

    @property
    def acknowledged(self) -> dict[str, tuple[int, ...]]:
        """Positions by command: what somebody was answered, and may rely on."""
        return {
            line["command"]: tuple(line["positions"]) for line in self.lines if "command" in line
        }

    def said(self, name: str) -> Any:
        """Return the last value that was told under a name, or None."""
        return next((line[name] for line in reversed(self.lines) if name in line), None)

    def check_killed(self) -> Ended:
        """Insist that it died at its point and not of anything else."""
        assert self.code == KILLED, self.lines
        return self

    def check_done(self) -> Ended:
        """Insist that it came to its end."""
        assert self.code == 0, self.said("error")
        return self


@dataclass
class Driver:
    """The process that forks a child for each job."""

    process: subprocess.Popen[str]

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Driver]:
        """Start it; it imports what it needs while the tests begin."""
        with subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.driver"],
            cwd=ROOT,
            # One thread each: a fork beside threads of a numerical library is no fair test of ours.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield cls(process)

    def begin(self, place: Place, do: str, **job: Any) -> Path:
        """Hand over a job and return the file of its answers."""
        answers = place.folder / "answers"
        answers.unlink(missing_ok=True)
        place.folder.mkdir(exist_ok=True)
        job = {"kill": "", "work": True, "said": [], "wait": "", "pay": False, **job}
        job |= {"do": do, "folder": str(place.folder), "answers": str(answers)}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return answers

    def end(self, answers: Path) -> Ended:
        """Wait for the end of the job."""
        assert self.process.stdout is not None
        code = int(self.process.stdout.readline())
        return Ended(code, lines(answers))

    def run(self, place: Place, do: str = "work", **job: Any) -> Ended:
        """Do a job to its end, whatever that is."""
        return self.end(self.begin(place, do, **job))


def lines(answers: Path) -> tuple[dict[str, Any], ...]:
    """Return what was written so far."""
    if not answers.exists():
        return ()
    return tuple(json.loads(line) for line in answers.read_text().splitlines())


def wait_for_line(answers: Path) -> dict[str, Any]:
    """Return the first line, as soon as it is there."""
    until = time.monotonic() + 60
    while not (found := lines(answers)):
        assert time.monotonic() < until, "nothing was answered"
        time.sleep(0.02)
    return found[0]


def rows(*said: Said) -> Sequence[dict[str, Any]]:
    """Write statements and openings as the driver reads them."""
    return [
        {
            "raw": canonical.b64u(one.raw),
            "openings": [
                {
                    "pointer": opening.pointer,
                    "salt": canonical.b64u(opening.salt),
                    "value": opening.value,
                }
                for opening in one.openings
            ],
        }
        for one in said
    ]
