"""A log in memory: it decides and appends as the real one does, without signatures or storage.

`Log` is a `Source` for views. `say` decides a command at the log's clock and appends its events;
every event goes through JSON on its way, as it would through an entry.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked, Decision
from ledger.rights.memo import Memo
from ledger.rights.scopes import scope_for
from ledger.rights.view import Recorded, Scope, View
from schemas import canonical
from schemas.commands.base import Command
from schemas.envelope.keys import SigningKey
from schemas.events.base import Event
from schemas.ids import id_of
from schemas.lists import KeyRole
from schemas.period import parse_instant
from schemas.refusals import Malformed
from schemas.registry import read_command, read_event

S = TypeVar("S")

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When these logs begin, unless a test says otherwise."""


def name_id(prefix: str, name: str) -> str:
    """Make the id that always belongs to a name: `name_id("pty", "Anna")`."""
    digest = bytearray(hashlib.sha256(f"{prefix}/{name}".encode()).digest()[:16])
    digest[6] = 0x70 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return id_of(prefix, uuid.UUID(bytes=bytes(digest)))


@dataclass(frozen=True, slots=True)
class Key:
    """A party's key in these tests: its id, whose it is, and its public half."""

    key: str
    party: str
    public_key: str


def key_of(name: str, party: str) -> Key:
    """Make the key that always belongs to a name."""
    signing = SigningKey(name_id("key", name), hashlib.sha256(name.encode()).digest())
    return Key(signing.kid, party, canonical.b64u(signing.public))


@dataclass(frozen=True, slots=True)
class Said:
    """What a command led to: the decision, what was appended, and which scopes guarded it."""

    decision: Decision
    recorded: tuple[Recorded, ...]
    asked: dict[str, int]

    @property
    def events(self) -> tuple[Event, ...]:
        """The events, in order."""
        return tuple(row.event for row in self.recorded)

    @property
    def event(self) -> Any:
        """The first event; a decision without one is a mistake of the test."""
        return self.recorded[0].event

    @property
    def position(self) -> int:
        """The position of the first event."""
        return self.recorded[0].position

    @property
    def refused(self) -> bool:
        """Whether the events say no."""
        return isinstance(self.decision, Accepted) and self.decision.refused


@dataclass
class Log:
    """Events in order, by tag; a clock that stands still until it is told to move."""

    now: datetime = START
    recorded: list[Recorded] = field(default_factory=list)
    by_tag: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    folded: dict[str, tuple[Any, int]] = field(default_factory=dict)
    said: int = 0
    memo: Memo = field(default_factory=Memo)

    # What a view reads from -------------------------------------------------------------------

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        """Fold a scope, on from where it was folded last; the position is its newest event's."""
        tag = scope.tag(key)
        events = self.by_tag.get(tag, [])
        state, known = self.folded.get(tag, (scope.empty(key), 0))
        for row in events[known:]:
            state = scope.evolve(state, row)
        self.folded[tag] = (state, len(events))
        return state, events[-1].position if events else 0

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        """Return the events about a subject with after < position <= until."""
        events = self.by_tag.get(f"about:{subject}", [])
        return [row for row in events if after < row.position <= until]

    def head(self) -> int:
        """Return the newest position."""
        return len(self.recorded)

    # What tests do ----------------------------------------------------------------------------

    def at(self, instant: str | datetime) -> Log:
        """Move the clock forward to an instant."""
        moment = parse_instant(instant) if isinstance(instant, str) else instant
        assert moment >= self.now, "a log's clock never goes back"
        self.now = moment
        return self

    def decide(
        self,
        command: Command,
        *,
        by: Key,
        actor: str | None = None,
        mandate: str | None = None,
        roles: Sequence[KeyRole] | None = None,
    ) -> tuple[Decision, View]:
        """Decide a command and append nothing. `roles`: as an intake key attests them."""
        self.said += 1
        asked = Asked(
            command=_through_json(command),
            command_id=name_id("cmd", str(self.said)),
            actor=actor or by.party,
            key=by.key,
            at=self.now,
            mandate=mandate,
            attested_roles=frozenset(roles) if roles is not None else None,
        )
        view = View(self)
        return decide(view, asked), view

    def say(self, command: Command, **how: Any) -> Said:
        """Decide a command and append its events. Raises `Malformed`."""
        decision, view = self.decide(command, **how)
        actor = how.get("actor") or how["by"].party
        events = decision.events if isinstance(decision, Accepted) else ()
        return Said(decision, tuple(self.append(event, actor) for event in events), view.asked)

    def append(self, event: Event, actor: str) -> Recorded:
        """Append an event as it is, without deciding anything."""
        data = json.loads(canonical.encode(event.data()))
        read = read_event(event.TOPIC, event.VERSION, data, recorded=True)
        assert read == event, "an event reads back as it was written"
        row = Recorded(len(self.recorded) + 1, self.now, actor, event)
        self.recorded.append(row)
        for tag in event.tags():
            self.by_tag[tag].append(row)
            if not tag.startswith("about:"):
                scope_for(tag)  # every scope tag is known
        return row

    def refuses(self, code: str, command: Command, **how: Any) -> Malformed:
        """Assert that a command is malformed with this code, and return the exception."""
        with pytest.raises(Malformed) as caught:
            self.decide(command, **how)
        assert caught.value.code == code, str(caught.value)
        return caught.value

    def ask(self, scope: Scope[S], key: str) -> S:
        """Return the state of a scope now."""
        return self.state(scope, key)[0]


def _through_json(command: Command) -> Command:
    data = json.loads(canonical.encode(command.data()))
    return read_command(type(command).__name__, command.VERSION, data)
