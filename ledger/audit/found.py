"""Finds entries that whoever looks by tag, command, id, type or time would miss, or get wrongly.

None of that is signed. It follows from the entries, and it is what decisions fold, what guards
compare and what a holder's feed is read from: who edits it leaves every leaf as it was.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Protocol

from ledger.audit.bound import Commands
from ledger.audit.log import AnyRow, Columns
from ledger.audit.lookups import Lookups


class _Entry(Protocol):
    """What is asked of what a look found in an entry."""

    @property
    def topic(self) -> str: ...

    @property
    def event_id(self) -> str: ...

    @property
    def command(self) -> str: ...

    @property
    def statement_sha256(self) -> str: ...


class Finder:
    """Takes in entries in order, and compares by which tags they are found with what must be."""

    def __init__(self, lookups: Lookups | None) -> None:
        self._lookups = lookups
        self._places: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))

    def take(self, position: int, tags: tuple[str, ...] | None) -> None:
        """Take in by which tags an entry must be found."""
        if self._lookups is not None:
            for tag in dict.fromkeys(tags or ()):
                self._places[tag].append(position)

    def lost(self, size: int, commands: Commands) -> Iterator[tuple[int, str]]:
        """Yield each tag by which not exactly its entries are found, and the first that differs.

        And each command that is said to be answered, and is not among those of the entries.
        """
        if self._lookups is None:
            return
        for tag, found, last in self._lookups.tagged(list(self._places), until=size):
            places = self._places[tag]
            if found != places.tolist():
                pairs = zip_longest(found, places, fillvalue=size + 1)
                at = next(min(one, other) for one, other in pairs if one != other)
                yield at, f"not exactly its entries are found by {tag}"
            elif last < places[-1]:
                yield places[-1], f"a decision on {tag} would be guarded by position {last}"
        for command, first in self._lookups.answered(until=size):
            if command not in commands:
                yield first, f"{command} is said to be answered here, and no entry is of it"
        if (wrong := self._lookups.goes_on_wrong()) is not None:
            yield wrong


def misfiled(rows: Sequence[AnyRow], entry: _Entry) -> str | None:
    """Return what is wrong with where one command's answer is looked up."""
    if rows[0].columns is None:
        return None
    found = rows[0].columns.answered
    due = (entry.command, bytes.fromhex(entry.statement_sha256))
    place = (rows[0].position, rows[-1].position)
    if (
        found is not None
        and (found.id, found.statement_sha256) == due
        and (found.first, found.last) == place
    ):
        return None
    return f"{entry.command} is not found where it was answered: a repetition would not be one"


def columns_differ(said: Columns | None, entry: _Entry, time: datetime) -> str | None:
    """Return what is wrong with what stands beside an entry. `time` is that of its position."""
    if said is None:
        return None
    due = (("type", entry.topic), ("event_id", entry.event_id), ("time", time))
    for name, value in due:
        if getattr(said, name) != value:
            return f"the stored {name} is {getattr(said, name)} and not {value}"
    return said.spoiled
