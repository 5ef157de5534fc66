"""Deciding again: a world folded from the log alone, one position after the other."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar, cast

from ledger.audit.look import Told
from ledger.audit.shelf import Shelf
from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked
from ledger.rights.memo import Memo
from ledger.rights.scopes import scope_for
from ledger.rights.view import Recorded, Scope, View
from schemas import canonical
from schemas.events.base import Event
from schemas.refusals import Malformed
from schemas.registry import COMMANDS, read_command

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


class World:
    """A `Source` that was folded up to a position. Feed it entries in order.

    What it needs of a log in memory is bounded but for a number for each name that an entry tells.
    """

    def __init__(self, *, scopes: int = SCOPES_MAX, events: int = EVENTS_MAX) -> None:
        self._states: Shelf[str, tuple[Any, int]] = Shelf(scopes)
        self._events: Shelf[int, Recorded] = Shelf(events)
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
        found = [self._events.get(position) for position in chosen]
        return [row for row in found if row is not None]

    def take(self, recorded: Recorded, scopes: Iterable[str], names: Iterable[str]) -> None:
        """Take in the next event: move each of its scopes; `names` are the subjects it is about."""
        for name in names:
            self._about[name].append(recorded.position)
        for tag in scopes:
            scope, key = scope_for(tag)
            state, _ = self._states.get(tag) or (scope.empty(key), 0)
            self._states.put(tag, (scope.evolve(state, recorded), recorded.position))
        self._events.put(recorded.position, recorded)
        self._head = recorded.position


def differing_from(
    world: World, told: Told, recorded_at: datetime, events: tuple[Event, ...]
) -> tuple[int, str] | None:
    """Return which is the first of these events that the rules do not give, and what they give.

    None: they give exactly these for this statement, in this world, at this instant.
    """
    try:
        found = _decide_again(world, told, recorded_at)
        if found == events:
            return None
        again = [(event.TOPIC, event.data()) for event in found]
    except Malformed as error:
        again = [("malformed", {"code": error.code})]
    except Exception as error:  # noqa: BLE001 - rules that fail on a log differ from it
        again = [("failed", {"error": repr(error)})]
    said = [(event.TOPIC, event.data()) for event in events]
    if again == said:
        return None
    names = ", ".join(topic for topic, _ in again) or "nothing"
    place = next((at for at, one in enumerate(said) if again[at : at + 1] != [one]), 0)
    return place, f"the rules give {names}, and not what this says"


def events_again(
    world: World, told: Told, recorded_at: datetime, said: Sequence[Said]
) -> tuple[Event, ...] | None:
    """Return the events that the rules give, where these are exactly the ones that were said.

    None where they differ, or where there are none: `differing_from` tells how. Names, versions and
    data are compared, so what was said need not be read to its types here.
    """
    try:
        found = _decide_again(world, told, recorded_at)
        again = [(each.TOPIC, each.VERSION, canonical.encode_json(each)) for each in found]
    except Exception:  # noqa: BLE001 - rules that fail on a log differ from it
        return None
    return found if again == [each[:3] for each in said] else None


def words_in(told: Told) -> int:
    """Return how many signed words of others a statement carries, which its rule verified."""
    payload = told.payload
    command = COMMANDS[payload["command"], payload["version"]]
    return sum(payload["data"].get(name) is not None for name in command.WORDS)


def _decide_again(world: World, told: Told, recorded_at: datetime) -> tuple[Event, ...]:
    payload = told.payload
    attested = payload.get("attested")
    decision = decide(
        View(world),
        Asked(
            command=read_command(payload["command"], payload["version"], payload["data"]),
            command_id=told.id,
            actor=payload["actor"],
            key=told.kid,
            at=recorded_at,
            mandate=payload["mandate"],
            attested_roles=frozenset(attested["roles"]) if attested else None,
        ),
    )
    return decision.events if isinstance(decision, Accepted) else ()
