"""What was found out is not found out again: answers, kept with all that they rest on.

A rule that is asked through `View.answer` sees three things and no others: its question, the scopes
for which it asks the view, and some values that it compares, such as an instant. So its answer
holds wherever the question is the same, those scopes are the very same states, and those values
compare alike. All of that is written down while the answer is found. Nobody lists by hand what an
answer rests on, as nobody lists guards (contracts, section 4).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final, Generic, TypeVar

from ledger.recent import Recent

V = TypeVar("V", datetime, Fraction)

ANSWERS_MAX: Final = 20_000
"""Answers kept: a bound on memory, some tens of megabytes, not on what can be decided."""

Key = tuple[Callable[..., Any], Hashable]
"""A rule and the question that it was asked."""


@dataclass(slots=True, eq=False)
class Watched(Generic[V]):
    """A value that notes what it is compared with, in place of a plain one.

    All intervals are half-open (contracts, section 2), so two comparisons are enough: whether an
    instant is reached, and whether it is not yet. Any other use of it is a `TypeError`. What came
    out holds for every value in [since, until); None is no bound.
    """

    value: V
    since: V | None = None
    until: V | None = None

    def __ge__(self, other: V) -> bool:
        """Tell whether `other` is reached."""
        if self.value >= other:
            if self.since is None or self.since < other:
                self.since = other
            return True
        if self.until is None or other < self.until:
            self.until = other
        return False

    def __lt__(self, other: V) -> bool:
        """Tell whether `other` is not reached yet."""
        return not self >= other

    def __hash__(self) -> int:
        raise TypeError("a value that is watched is only compared")

    def __eq__(self, other: object) -> bool:
        raise TypeError("a value that is watched is compared by its order")


Moment = datetime | Watched[datetime]
"""An instant at which something is asked."""

Weight = Fraction | Watched[Fraction]
"""A weight for which something is asked."""

Interval = tuple[Any, Any]
"""From where, and until where an answer holds; None is no bound."""


Read = tuple[str, Any, str, Any]
"""A scope that was read: its tag, the scope and its key, and its state."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and what it rests on: what was `read`, in the order in which it was asked for.

    `between` has an interval for each value that the rule was given to compare.
    """

    answer: Any
    between: tuple[Interval, ...]
    read: tuple[Read, ...]

    def compares(self, given: Sequence[Any]) -> bool:
        """Tell whether these values compare with everything as those did for which it was found."""
        for value, (since, until) in zip(given, self.between, strict=True):
            if since is not None and value < since:
                return False
            if until is not None and value >= until:
                return False
        return True


Kept = Recent[Key, Answered]
"""The answers of one memo, since it last forgot.

Threads share it without a lock: at worst an answer is found twice.
"""


class Memo:
    """Where a source keeps answers. It may forget at any time; nothing depends on it.

    Whoever began to read before it forgot goes on with the answers of before, and what it finds is
    kept there: so nothing that was seen before an erasure comes back after it.
    """

    def __init__(self, limit: int = ANSWERS_MAX) -> None:
        self._limit = limit
        self.kept: Kept = Recent(limit)

    def forget(self) -> None:
        """Forget every answer."""
        self.kept = Recent(self._limit)
