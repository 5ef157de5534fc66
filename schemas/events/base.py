"""The root of all events: what happened, in the past tense, and whom it concerns.

Tags are a pure function of an event's type and (opened) data; they are never signed, and an audit
recomputes them (contracts, sections 1 and 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from schemas.model import Commitment, Wire
from schemas.terms import Touched


def about(ids: Iterable[object]) -> tuple[str, ...]:
    """Return `about:` tags: they concern somebody, feed lists and the index, and guard nothing."""
    return tuple([f"about:{name}" for name in ids if isinstance(name, str)])


def rights(ids: Iterable[object]) -> tuple[str, ...]:
    """Return `rights:` scopes of recordings, works or parties."""
    return tuple([f"rights:{name}" for name in ids if isinstance(name, str)])


def touched_ids(touched: Iterable[Touched]) -> tuple[str, ...]:
    """Return everybody and everything that the recordings of an entry concern."""
    found: list[str] = []
    for row in touched:
        found.append(row.recording)
        found += row.works
        found += [held.party for held in row.controllers]
        found += row.performers
    return tuple(dict.fromkeys(found))


class Event(Wire):
    """An event. Its name on the wire is `TOPIC`, frozen by a test; never a module path.

    `COMMITTED`: top-level fields that the ledger commits when it makes the entry (who the creator
    is, who pays); rules see them opened, or as a `Commitment` once the opening was erased.
    `PRIVATE_ACTOR`: the entry's `actor` and `correlation` are commitments too.
    """

    TOPIC: ClassVar[str]
    VERSION: ClassVar[int] = 1
    COMMITTED: ClassVar[tuple[str, ...]] = ()
    PRIVATE_ACTOR: ClassVar[bool] = False

    def scopes(self) -> tuple[str, ...]:
        """Return the scopes that this event moves: what it decides something in."""
        raise NotImplementedError

    def concerns(self) -> tuple[object, ...]:
        """Return the ids that this event concerns, for `about:` tags; commitments are skipped."""
        return ()

    def tags(self) -> list[str]:
        """Return scope and `about:` tags, each once, in a fixed order."""
        return list(dict.fromkeys((*self.scopes(), *about(self.concerns()))))


def moved(event: Event) -> tuple[str, ...]:
    """Return the scopes that an event moves, each once, in their order."""
    return tuple(dict.fromkeys(event.scopes()))


def concerned(event: Event) -> tuple[str, ...]:
    """Return the subjects of an event's `about:` tags, each once, in their order."""
    return tuple(dict.fromkeys([name for name in event.concerns() if isinstance(name, str)]))


def opened(value: str | Commitment) -> str | None:
    """Return a committed value where it is open, else None."""
    return value if isinstance(value, str) else None
