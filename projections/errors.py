"""How a question to a projection ends without an answer. Never stale, never silently empty.

`Behind`: ask again; the projection has not read so far yet, or has stopped.
`Busy`: ask again; the database is busy or away, and nothing was written.
`HistoryUnavailable`: no answer exists; the question lies outside the retained history.
`ProjectionBroken`: this process cannot go on with the projection; rebuild it.
"""

from __future__ import annotations


class Behind(Exception):  # noqa: N818 - a kind of answer, named as the contract names it
    """The projection has not reached the position asked for, within the time to wait.

    `asked` and `reached` are positions; `failure` says why the projection stopped, or None.
    """

    code = "behind"

    def __init__(self, name: str, *, asked: int, reached: int, failure: str | None) -> None:
        why = f"it stopped: {failure}" if failure else "it is still reading; ask again"
        super().__init__(f"{name} has read up to {reached}, not {asked}: {why}")
        self.asked = asked
        self.reached = reached
        self.failure = failure


class Busy(Exception):  # noqa: N818 - likewise
    """The database of the projections is busy, full or away; nothing was written."""

    code = "busy"


class Overtaken(Busy):
    """Another rebuild of the projection began meanwhile, and dropped the tables of this one."""


class HistoryUnavailable(Exception):  # noqa: N818 - likewise
    """The question lies before the retained history: an empty answer would be a lie."""

    code = "history_unavailable"

    def __init__(self, name: str, *, asked: int, retained_from: int) -> None:
        super().__init__(f"{name} keeps history from {retained_from} on, not {asked}")
        self.asked = asked
        self.retained_from = retained_from


class ProjectionBroken(Exception):  # noqa: N818 - likewise
    """What a projection's tables hold is not what its code makes: rebuild it."""
