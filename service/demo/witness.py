"""The demo's witness: a process of its own with its own key, which knows only the log's key."""

from __future__ import annotations

import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

from ledger.answer import Answer
from schemas.commands.log import ReplaceWitnessPolicy
from service.instance import Instance
from service.witness.setting import init, read_witness_key, watch

NAME: Final = "witness.linernotes.example/demo"
"""The name of the demo's witness, as its signature lines say it."""

START_S: Final = 120.0
"""How long the process may take to say where it answers: Python starts, on a machine that is busy.
One that ends is not waited for."""

STOP_S: Final = 10.0
"""How long it may take to stop before it is killed; what it has answered for is on disk."""


class RunningWitness(NamedTuple):
    """Where a witness answers, and the key that it signs with (a verifier key as text)."""

    url: str
    vkey: str

    def line(self, name: str) -> str:
        """Return its line in a policy file, under a name that groups and quorum refer to."""
        return f"witness {name} {self.vkey} {self.url}"


class WitnessNotRunningError(Exception):
    """The witness's process ended, or did not say where it answers."""


@contextmanager
def witness_process(
    folder: Path, origin: str, vkey: str, *, name: str = NAME, port: int = 0
) -> Iterator[RunningWitness]:
    """Run a witness of the log (`origin`, `vkey`) in `folder` until the block ends.

    A folder that holds a witness already goes on with its key and its memory. Port 0 takes a free
    one. Raises `WitnessNotRunningError`.
    """
    key = read_witness_key(folder) if (folder / "name").exists() else init(folder, name=name)
    if watch(folder, vkey).name != origin:
        raise ValueError(f"this is not the verifier key of {origin}")
    process = subprocess.Popen(  # noqa: S603 - our own module, by this very Python
        [sys.executable, "-m", "service.witness", str(folder), "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None, "asked for"
        yield RunningWitness(_first_line(process.stdout), key.vkey)
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def ask_witness(instance: Instance, witness: RunningWitness, name: str = "demo") -> Answer:
    """Say to the log that it asks this witness from now on, and that its word is the quorum."""
    command = ReplaceWitnessPolicy(witnesses=(witness.line(name), f"quorum {name}"))
    return instance.operator().say(command)


def _first_line(stream: IO[str]) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        line = stream.readline().strip() if selector.select(START_S) else ""
    if not line:
        raise WitnessNotRunningError("the witness did not say where it answers; see above")
    return line
