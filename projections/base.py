"""What every projection is: a name, tables of its own, and a pure rule from events to changes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final, NamedTuple, Protocol

from ledger.rights.view import Recorded
from projections.database import Row
from projections.shown import shown
from schemas import canonical

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Return microseconds since 1970 (UTC): what tables hold, since they sort."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(moment_us: int) -> datetime:
    """Return the instant of so many microseconds since 1970."""
    return _EPOCH + moment_us * _MICROSECOND


def as_json(value: object) -> str:
    """Return a value as canonical JSON: what a column holds where a row has a list."""
    text = canonical.encode(list(value) if isinstance(value, tuple) else value).decode()
    return canonical.encode(shown(value)).decode() if "\\u0000" in text else text


def from_json(text: str) -> Any:
    """Read what `as_json` wrote."""
    return canonical.parse(text.encode(), bytes_max=len(text) * 4)


class Change(NamedTuple):
    """One change of a table: the name of a statement in `queries.sql`, and its values.

    Changes of a batch are written together, what is added first. So a statement that ends a row
    must end those alone that began before its position.
    """

    statement: str
    values: Mapping[str, Any]


class Added(NamedTuple):
    """Rows of one table that an event adds, each a line, the values as the statement names them.

    The quick way for what comes by the thousand. What may hold a tab or a backslash goes through
    `lines.written`; what people write comes as a `Change`, where each text is looked at.
    """

    statement: str
    lines: Sequence[str]


Key = str
"""The values of a row's key as they stand in a line, see `projections.lines`: texts all of them.

One text and not a tuple: its hash is made once, and it is the beginning of the row's own line."""

Known = dict[Key, tuple[Any, ...] | None]
"""The newest rows by their keys; nothing, or None, where there is none yet."""


class Grown(NamedTuple):
    """Rows that follow from the newest rows with the same keys, as balances do.

    `newest` is the statement that finds such a row, and selects what the next follows from; it
    takes the key. Each of `rows` begins with its key. `grow` is given what is known of all keys and
    the rows of a whole batch, puts what is the newest now in its place, and returns the lines that
    `statement` adds. Lines as in `Added`.
    """

    newest: str
    statement: str
    grow: Callable[[Known, Sequence[Any]], list[str]]
    rows: Sequence[tuple[Any, ...]]


Step = Change | Added | Grown
"""What a rule may ask of its tables."""


class Tables(Protocol):
    """A projection's tables inside a transaction; `projections.tables` are the real ones."""

    def rows(self, statement: str, /, **values: Any) -> list[Row]:
        """Return the rows that a named statement selects, all changes so far among them."""
        ...

    def apply(self, changes: Iterable[Step]) -> None:
        """Apply changes in their order."""
        ...


class Projection(ABC):
    """Folds events into its tables. It never asks a clock, a network or another projection.

    `VERSION` grows when the tables or the rules change: the runner then asks for a rebuild.
    """

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    TOPICS: ClassVar[frozenset[str] | None] = None
    """Topics of the events that change its tables: no other is given to it, or read. None: all."""

    @abstractmethod
    def fold(self, tables: Tables, recorded: Recorded) -> None:
        """Fold one event. Whatever it raises stops this projection alone, before the event."""

    def together(self, run: Sequence[Recorded]) -> Sequence[Step] | None:
        """Return all steps of some events of one topic that follow one another, as `fold` does.

        For what comes by the thousand. None, or whatever is raised: each is folded by itself.
        """
        del run
        return None

    def forget(self) -> None:  # noqa: B027 - a projection that remembers nothing forgets nothing
        """Drop what is remembered outside the tables: the transaction was rolled back."""
