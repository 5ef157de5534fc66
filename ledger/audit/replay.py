"""Deciding again: a world folded from the log alone, one position after the other."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar, cast

import msgspec

from ledger.audit.one_row import EPOCH, Told
from ledger.audit.shelf import Shelf
from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked
from ledger.rights.memo import Memo
from ledger.rights.scopes import scope_for
from ledger.rights.view import Recorded, Scope, View
from schemas import canonical
from schemas.commands.base import Command
from schemas.events.base import Event
from schemas.model import Commitment
from schemas.refusals import Malformed
from schemas.registry import read_command_bytes, read_event

S = TypeVar("S")


class Said(NamedTuple):
    """What an entry says, to be compared with what the rules give.

    `data` are canonical, opened as far as rules see them; `actor` is a name, or the
    commitment to one; `scopes` are the tags that the event moves.
    """

    topic: str
    version: int
    data: bytes
    actor: Any
    scopes: tuple[str, ...]


SCOPES_MAX: Final = 4_000
"""Folded scopes in memory: of verifications and generations some twenty kilobytes each."""

EVENTS_MAX: Final = 4_000
"""Events in memory that settled history may be asked for: a statement's month, a refusal."""


_write: Final = msgspec.json.Encoder(order="sorted", enc_hook=vars).encode
"""Writes an event's data as the log signs it, but for what is rare (`canonical.encode_json`).

Where that makes a difference the events are compared themselves.
"""


class _Waiting(NamedTuple):
    """A recorded event as it waits to be asked for: its data are JSON, opened as rules see them.

    Written as bytes it takes a tenth of the memory, and a file takes it as it is.
    """

    time: datetime
    actor: str | Commitment
    topic: str
    version: int
    data: bytes

    def at(self, position: int) -> Recorded:
        """Return it as it was taken in."""
        event = read_event(self.topic, self.version, canonical.reread(self.data), recorded=True)
        return Recorded(position, self.time, self.actor, event)


class World:
    """A `Source` that was folded up to a position. Feed it entries in order.

    What it needs of a log in memory is bounded but for a number for each name that an entry tells.
    """

    def __init__(self, *, scopes: int = SCOPES_MAX, events: int = EVENTS_MAX) -> None:
        self._states: Shelf[str, tuple[Any, int]] = Shelf(scopes)
        self._events: Shelf[int, _Waiting] = Shelf(events)
        self._about: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))
        self._head = 0
        self.memo = Memo()

    def head(self) -> int:
        """Return the newest position that was taken in."""
        return self._head

    @property
    def in_file(self) -> int:
        """How many bytes were written into files so far, to keep memory free."""
        return self._states.filed_bytes() + self._events.filed_bytes()

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return a folded scope."""
        found = self._states.get(scope.tag(key))
        return cast("tuple[S, int]", found) if found else (scope.empty(key), 0)

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events about a subject with after < position ≤ until."""
        places = self._about.get(subject, ())
        chosen = places[bisect_right(places, after) : bisect_right(places, until)]
        found = [(position, self._events.get(position)) for position in chosen]
        return [row.at(position) for position, row in found if row is not None]

    def take(
        self,
        recorded: Recorded,
        scopes: Iterable[str],
        names: Iterable[str],
        *,
        data: bytes | None = None,
    ) -> None:
        """Take in the next event: move each of its scopes; `names` are the subjects it is about.

        `data` are the canonical bytes of its data, where they are at hand.
        """
        for name in names:
            self._about[name].append(recorded.position)
        for tag in scopes:
            scope, key = scope_for(tag)
            state, _ = self._states.get(tag) or (scope.empty(key), 0)
            self._states.put(tag, (scope.evolve(state, recorded), recorded.position))
        event = recorded.event
        written = canonical.encode_json(event) if data is None else data
        waiting = _Waiting(recorded.time, recorded.actor, event.TOPIC, event.VERSION, written)
        self._events.put(recorded.position, waiting)
        self._head = recorded.position


def differing_from(
    world: World, told: Told, recorded_at: datetime, events: tuple[Event, ...]
) -> tuple[int, str] | None:
    """Return which is the first of these events that the rules do not give, and what they give.

    None: they give exactly these for this statement, in this world, at this instant.
    """
    try:
        found = _events(world, _asked(told, recorded_at))
        if found == events:
            return None
        again = [(event.TOPIC, event.data()) for event in found]
    except Malformed as error:
        again = [("malformed", {"code": error.code})]
    except OSError:
        raise  # rules know no machine: what waits in a file could not be had
    except Exception as error:  # noqa: BLE001 - rules that fail on a log differ from it
        again = [("failed", {"error": repr(error)})]
    said = [(event.TOPIC, event.data()) for event in events]
    if again == said:
        return None
    names = ", ".join(topic for topic, _ in again) or "nothing"
    place = next((at for at, one in enumerate(said) if again[at : at + 1] != [one]), 0)
    return place, f"the rules give {names}, and not what this says"


class Again(NamedTuple):
    """What the rules give, and how many signed words of others they verified for it."""

    events: tuple[Event, ...]
    words: int


def decided_again(
    world: World, told: Told, recorded_at: datetime, said: Sequence[Said]
) -> Again | None:
    """Return what the rules give, where the events are exactly the ones that were said.

    None where they differ, or where there are none: `differing_from` tells how. Names, versions and
    data are compared, so what was said need not be read to its types here.
    """
    try:
        asked = _asked(told, recorded_at)
        found = _events(world, asked)
        again = [(each.TOPIC, each.VERSION, _write(each)) for each in found]
    except OSError:
        raise
    except Exception:  # noqa: BLE001 - rules that fail on a log differ from it
        return None
    if again != [each[:3] for each in said]:
        return None
    return Again(found, _words_in(asked.command))


def words_in(told: Told) -> int:
    """Return how many signed words of others a statement carries, which its rule verified."""
    return _words_in(_asked(told, EPOCH).command)


def _words_in(command: Command) -> int:
    return sum([getattr(command, name) is not None for name in command.WORDS])


def _asked(told: Told, recorded_at: datetime) -> Asked:
    head = told.head
    command = read_command_bytes(head.command, head.version, bytes(head.data))
    return Asked.of(head, command, key=told.kid, at=recorded_at)


def _events(world: World, asked: Asked) -> tuple[Event, ...]:
    decision = decide(View(world), asked)
    return decision.events if isinstance(decision, Accepted) else ()
