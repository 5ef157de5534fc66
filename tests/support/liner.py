"""The command line as tests use it: run a command, look at its exit code and what it printed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(sys.executable).with_name("liner")
"""The installed program. It imports what stands in `THIS_CHECKOUT`, wherever it was installed."""

END_S = 120.0
"""How long a process may take to end on a busy machine."""

THIS_CHECKOUT: Mapping[str, str] = {"PYTHONPATH": str(ROOT)}
"""What a process of a test needs so that it runs the code that the tests stand beside."""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    args: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What `--json` printed as one document."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """What `--json` printed as a list."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def rows(self) -> list[list[str]]:
        """What was printed in plain lines."""
        return [line.split("\t") for line in self.out.splitlines()]


@dataclass
class Liner:
    """Runs `liner` in a folder, with a home."""

    socket: str
    folder: Path
    home: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *args: str, stdin: str | bytes = b"", **env: str) -> Done:
        """Run a command in a process of its own, whatever becomes of it."""
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        with tempfile.TemporaryFile() as given, _file() as out, _file() as err:
            given.write(raw)
            given.seek(0)
            job = {"args": args, "cwd": str(self.folder), "env": self.environment(**env)}
            with socket.socket(socket.AF_UNIX) as asked:
                asked.connect(self.socket)
                streams = [given.fileno(), out.fileno(), err.fileno()]
                socket.send_fds(asked, [json.dumps(job).encode()], streams)
                code = int(asked.recv(64) or b"99")
            return Done(args, code, _text(out), _text(err))

    def ok(self, *args: str, **how: Any) -> Done:
        """Run a command that must succeed."""
        done = self(*args, **how)
        assert done.code == 0, (args, done.code, done.out, done.err)
        return done

    def data(self, *args: str, **how: Any) -> Any:
        """Run a command that must succeed, and return its one JSON document."""
        return self.ok(*args, "--json", **how).document

    def fails(self, code: int, name: str, *args: str, **how: Any) -> Done:
        """Run a command that must end with an exit code and one sentence that ends in a code."""
        done = self(*args, **how)
        assert done.code == code, (args, done.code, done.out, done.err)
        last = done.err.splitlines()[-1]
        assert last.startswith("liner: "), done.err
        assert last.endswith(f"[{name}]"), done.err
        assert "Traceback" not in done.err
        return done

    def environment(self, **more: str) -> dict[str, str]:
        """Return what a command's environment holds: nothing of the tester's own settings."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return {**kept, **THIS_CHECKOUT, "LINERNOTES_HOME": str(self.home), **self.env, **more}

    def at(self, home: Path, **env: str) -> Liner:
        """Return the same for another home."""
        return Liner(self.socket, self.folder, home, env)

    def script(self, *args: str, **env: str) -> Done:
        """Run the installed program itself, with all that it imports."""
        done = subprocess.run(  # noqa: S603 - our own program
            [str(SCRIPT), *args],
            cwd=self.folder,
            env=self.environment(**env),
            capture_output=True,
            check=False,
            text=True,
        )
        return Done(args, done.returncode, done.stdout, done.stderr)

    def start(self, *args: str, **env: str) -> subprocess.Popen[str]:
        """Start the installed program and leave it running; its output is a pipe."""
        return subprocess.Popen(  # noqa: S603 - our own program
            [str(SCRIPT), *args],
            cwd=self.folder,
            env=self.environment(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Tests that run in the background may ignore it, and children inherit that.
            preexec_fn=_hear_interruptions,  # noqa: PLW1509 - one call of the system
        )


def _hear_interruptions() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def serving(liner: Liner, *args: str) -> Iterator[str]:
    """Serve the home until the block ends; gives the URL."""
    process = liner.start("serve", "--port", "0", *args)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert " at http" in line, (line, process.poll())
        yield line.split(" at ")[1].strip()
    finally:
        process.terminate()
        out, err = process.communicate(timeout=END_S)
        assert process.returncode == 0, (out, err)


@contextmanager
def forks(folder: Path) -> Iterator[str]:
    """Start the process from which commands are forked; gives its socket."""
    path = str(folder / "forks")
    process = subprocess.Popen(  # noqa: S603 - our own module
        # Later versions of Python warn of a fork where a library has started threads.
        [sys.executable, "-W", "ignore", str(Path(__file__).with_name("liner_forks.py")), path],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield path
    finally:
        process.communicate(timeout=END_S)


def _file() -> Any:
    return tempfile.TemporaryFile()


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode())
