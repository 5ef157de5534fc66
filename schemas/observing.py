"""How the packages say what they are doing, without knowing who listens: metrics, traces, nobody.

Who is told never decides anything, and nothing that is told is private: names of steps, codes of
refusals, counts. What travels to another process is a W3C `traceparent`: a random number that says
which steps belong together, and nothing about whom they concern.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Literal, Protocol

Step = Literal[
    "command",
    "read",
    "verify",
    "decide",
    "append",
    "batch",
    "project",
    "publish",
    "work",
    "render",
    "embed",
    "put",
    "finish",
    "read_back",
    "report",
]
"""What is timed. `command` is all of a command, `verify` its signature (of a list that another
process verifies, the wait for it), `decide` its rule (on the log itself with `verify` inside),
`append` its wait for the log, and for its turn to be decided where no thread waits; `batch` is one
transaction of the writer; `publish` one message of the relay; `work` a whole job of a worker, with
`render`, `embed` and `put` inside; `finish` what the ledger does with a finished file, with
`read_back` and `report` inside.
"""

Kind = Literal["command", "job", "finish", "payout"]
"""What ends, one way or another, and is counted by its outcome."""

TRACEPARENT: Final = "traceparent"
"""The header of a message that carries it (W3C Trace Context, section 3.2)."""


class Observer(Protocol):
    """Told what is being done. Nothing here raises, and nothing here waits."""

    def step(
        self, name: Step, *, carried: str | None = None, links: Iterable[str | None] = ()
    ) -> AbstractContextManager[None]:
        """Time a step: a part of what `carried` names, else of the step around it.

        `links` are others that it serves too: a batch, the commands in it.
        """
        ...

    def carried(self) -> str | None:
        """Return the traceparent of the step under way, to be carried on elsewhere."""
        ...

    def ended(self, kind: Kind, outcome: str, *, code: str = "") -> None:
        """Count an end. `code` is one of a closed list, never what somebody sent."""
        ...

    def batch(self, *, commands: int, events: int) -> None:
        """Take the size of one transaction of the writer."""
        ...


class Unobserved:
    """Nobody listens."""

    def step(
        self,
        name: Step,  # noqa: ARG002 - the protocol's arguments, here and below
        *,
        carried: str | None = None,  # noqa: ARG002 - likewise
        links: Iterable[str | None] = (),  # noqa: ARG002 - likewise
    ) -> AbstractContextManager[None]:
        """Time nothing."""
        return _NOTHING

    def carried(self) -> str | None:
        """Carry nothing on."""
        return None

    def ended(self, kind: Kind, outcome: str, *, code: str = "") -> None:
        """Count nothing."""

    def batch(self, *, commands: int, events: int) -> None:
        """Take nothing."""


_NOTHING: Final = nullcontext()
UNOBSERVED: Final[Observer] = Unobserved()
"""What a part is given when nobody listens."""


def inject(carried: str | None) -> dict[str, bytes]:
    """Return the headers that carry a traceparent along with a message."""
    return {} if carried is None else {TRACEPARENT: carried.encode("ascii")}


def extract(headers: Mapping[str, bytes]) -> str | None:
    """Return the traceparent of a message, or None: whoever sent it, it decides nothing.

    Its form is checked by who uses it; bytes that are no ASCII are none.
    """
    found = headers.get(TRACEPARENT)
    return found.decode("ascii") if found is not None and found.isascii() else None
