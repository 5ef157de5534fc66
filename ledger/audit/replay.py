"""Deciding again: a world folded from the log alone, one position after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from ledger.audit.look import Told
from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked
from ledger.rights.memo import Memo
from ledger.rights.scopes import scope_for
from ledger.rights.view import Recorded, Scope, View
from ledger.storage.records import ABOUT
from schemas.events.base import Event
from schemas.refusals import Malformed
from schemas.registry import COMMANDS, read_command

S = TypeVar("S")


class World:
    """A `Source` that was folded up to a position. Feed it entries in order."""

    def __init__(self) -> None:
        self._states: dict[str, tuple[Any, int]] = {}
        self._about: defaultdict[str, list[Recorded]] = defaultdict(list)
        self._head = 0
        self.memo = Memo()

    def head(self) -> int:
        """Return the newest position that was taken in."""
        return self._head

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Return a folded scope."""
        found = self._states.get(scope.tag(key))
        return cast("tuple[S, int]", found) if found else (scope.empty(key), 0)

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events about a subject with after < position ≤ until."""
        return [row for row in self._about[subject] if after < row.position <= until]

    def take(self, recorded: Recorded, tags: Iterable[str]) -> None:
        """Take in the next event with its tags: move every scope that it decides something in."""
        for tag in tags:
            if tag.startswith(ABOUT):
                self._about[tag[len(ABOUT) :]].append(recorded)
                continue
            scope, key = scope_for(tag)
            state, _ = self._states.get(tag) or (scope.empty(key), 0)
            self._states[tag] = (scope.evolve(state, recorded), recorded.position)
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


def words_in(told: Told) -> int:
    """Return how many signed words of others a statement carries, which its rule verified."""
    command = COMMANDS[told.payload["command"], told.payload["version"]]
    return sum(told.payload["data"].get(name) is not None for name in command.WORDS)


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
