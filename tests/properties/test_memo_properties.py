"""What decisions remember of each other is invisible: in events, refusals and guards alike.

A story of rights is told step by step. After each step the same requests are asked again, at
instants before, at and after: once by eyes that remember, once by eyes that never do. The guard
must be the same too, or something could move unseen.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked, Decision
from ledger.rights.memo import Answered, Kept, Key, Memo
from ledger.rights.view import Recorded, Scope, View
from schemas import canonical
from schemas.commands.base import Command
from schemas.commands.catalog import DeclareMoralRestriction
from schemas.commands.consents import GrantConsent, RevokeConsent
from schemas.commands.generations import AuthorizeGeneration, VerifyGeneration
from schemas.commands.parties import DeclareDeath
from schemas.events.verifications import VerificationCleared
from schemas.refusals import Malformed
from schemas.registry import read_event
from schemas.terms import Request
from tests.kit.demand import request, row
from tests.kit.log import Log, name_id
from tests.kit.money import Till
from tests.kit.random_rights import RIGHTS
from tests.kit.random_world import ASSETS, PARTIES, Random, Step
from tests.kit.words import sha, when
from tests.kit.world import World
from tests.scenarios.fixtures import copy_of

S = TypeVar("S")


class NeverKept(Kept):
    """Keeps nothing: every question is new."""

    def get(self, key: Key) -> Answered | None:
        del key
        return None


class NoMemo(Memo):
    """A memo that never remembers."""

    def __init__(self) -> None:
        self.kept = NeverKept(1)


@dataclass
class Forgetting:
    """A log as it is seen by who remembers nothing."""

    log: Log
    memo: Memo = field(default_factory=NoMemo)

    def state(self, scope: Scope[S], key: str) -> tuple[S, int]:
        return self.log.state(scope, key)

    def history(self, subject: str, *, after: int, until: int) -> Sequence[Recorded]:
        return self.log.history(subject, after=after, until=until)

    def head(self) -> int:
        return self.log.head()


@functools.cache
def _begun() -> World:
    """Return a world in which two songs of one work are cleared, and a singer may be asked."""
    world = Till.opened(*PARTIES, "C").world
    world.party("V", kind="person")
    world.recording("S1", "S2", stems=["voice", "guitar"]).work("W1").link("S1", "W1")
    world.link("S2", "W1")
    world.vocals("S1", {"V": ["voice"]}).vocals("S2", "none")
    for asset, party in (("S1", "L"), ("S2", "Q"), ("W1", "P")):
        world.share(asset, party, "1", name=f"first {asset}")
        world.consent(f"first {asset}", party, [asset])
    world.consent("first V", "V", ["S1"], capacity="performer")
    world.model("mosaic")
    world.tariff()
    return world.enter("mosaic", "S1", "S2")


WORDS: dict[str, tuple[Any, ...]] = {
    "minimum_weight": (None, "1/20", "1/2", "2/3"),
    "floors": ({}, {}, {"private": {"amount": "0.30", "currency": "EUR"}}),
    "tiers": (["private"], ["private", "commercial"], ["commercial"]),
    "purposes": ("all", ["personal"], ["advertising"]),
    "uses": (["song"], ["song", "parameter"], ["parameter"]),
    "reproduction": (True, False),
    "parameters": ("all", ["guitar"], ["voice"]),
}


def _terms(world: Random, a: int, b: int, c: int) -> None:
    """A consent with terms of its own, perhaps from a later day on."""
    asset = ASSETS[a % 3]
    singing = asset == "S1" and b % 5 == 0
    party = "V" if singing else world.holder(asset, b)
    words = {name: values[(a + b * c) % len(values)] for name, values in WORDS.items()}
    if singing:
        words |= {"floors": {}, "capacity": "performer", "parameters": ["voice"]}
    if words["floors"] and "private" not in words["tiers"]:
        words["floors"] = {}
    later = world.till.world.log.now + timedelta(days=c % 3)
    said = world.till.world.words(
        f"terms {world.steps}", party, [asset], since=later if c % 3 else None, **words
    )
    world.say(GrantConsent.read({"consent": said}), world.key(party))
    world.made["cns"].append((said["consent"], party))


def _announce(world: Random, a: int, b: int, c: int) -> None:
    """A revocation that names a later day."""
    name, party = world.known("cns", a)
    targets: tuple[dict[str, Any], ...] = (
        {"consent": name},
        {"asset": world.till.world.asset(ASSETS[b % 3])},
        {"everything": True},
    )
    later = when(world.till.world.log.now + timedelta(days=1 + c % 4))
    data = {"party": world.till.party(party), "effective_from": later, **targets[b % 3]}
    world.say(RevokeConsent.read(data), world.key(party))


def _veto(world: Random, _a: int, _b: int, _c: int) -> None:
    said = {
        "asset": world.till.world.asset("S1"),
        "party": world.till.party("V"),
        "purposes": ["advertising"],
    }
    world.say(DeclareMoralRestriction.read(said), world.key("V"))


def _die(world: Random, _a: int, _b: int, _c: int) -> None:
    death = DeclareDeath(party=world.till.party("V"), evidence_sha256=sha("death"))
    world.say(death, world.till.world["registrar"])


def _publish(world: Random, a: int, b: int, _c: int) -> None:
    """Another tariff, from a later day on, for a country in which nobody has a price yet."""
    log = world.till.world.log
    world.till.world.tariff(
        f"v{world.steps}",
        currency=("EUR", "USD")[a % 2],
        prices={"audition": "0.00"},
        since=log.now + timedelta(days=b % 3),
    )


STEPS: dict[str, Callable[[Random, int, int, int], None]] = {
    **RIGHTS,
    "terms": _terms,
    "announce": _announce,
    "veto": _veto,
    "die": _die,
    "publish": _publish,
}

SMALL = st.integers(0, 11)
STORIES = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), SMALL, SMALL, SMALL), min_size=1, max_size=12
)

ROWS: tuple[dict[str, Any], ...] = (
    {"use": "song"},
    {"use": "parameter", "parameters": ["guitar"]},
    {"use": "parameter", "parameters": ["voice", "guitar"], "stem": "voice"},
    {"use": "song", "role": "timbre"},
    {"use": "audio", "parameters": ["voice"], "weight": "1/7"},
)

REQUESTS = st.lists(
    st.fixed_dictionaries(
        {
            "songs": st.lists(
                st.tuples(
                    st.sampled_from(["S1", "S2"]),
                    st.sampled_from(range(len(ROWS))),
                    st.sampled_from(["1", "1", "3", "1/9"]),
                ),
                min_size=1,
                max_size=3,
            ),
            "tier": st.sampled_from(["private", "commercial"]),
            "purpose": st.sampled_from(["personal", "advertising"]),
            "territory": st.sampled_from(["DE", "DE", "JP", ["DE", "FR", "JP"]]),
        }
    ),
    min_size=1,
    max_size=4,
)


def asked_for(world: World, wanted: dict[str, Any], name: str) -> Request:
    rows = [
        row(world, song, **({"weight": weight} | ROWS[number]))
        for song, number, weight in wanted["songs"]
    ]
    rest = {key: value for key, value in wanted.items() if key != "songs"}
    return request(world, *rows, name=name, **rest)


def commands(world: World, wanted: Sequence[dict[str, Any]]) -> Iterator[Command]:
    for number, each in enumerate(wanted):
        asked = asked_for(world, each, f"g{number}")
        verification = world.id("ver", f"v{number}")
        if number % 2:
            yield AuthorizeGeneration(verification=verification, request=asked)
        else:
            yield VerifyGeneration(verification=verification, request=asked)


Answer = tuple[Decision | tuple[str, str, str], dict[str, int]]


def answered(view: View, asked: Asked) -> Answer:
    try:
        return decide(view, asked), view.asked
    except Malformed as error:
        return (error.code, error.message, error.pointer), view.asked


def asked_at(world: World, command: Command, at: datetime) -> Asked:
    creator = world["C"]
    return Asked(
        command=command,
        command_id=name_id("cmd", "asked"),
        actor=creator.party,
        key=creator.key,
        at=at,
    )


def told(taken: Sequence[Step]) -> Iterator[Random]:
    """Yield the world before the story, and after each of its steps."""
    world = Random(till=Till(copy_of(_begun())))
    for asset, party in (("S1", "L"), ("S2", "Q"), ("W1", "P")):
        world.made["cns"].append((world.till.world.id("cns", f"first {asset}"), party))
    yield world
    for action, *numbers in taken:
        world.steps += 1
        with contextlib.suppress(Malformed):
            STEPS[action](world, *numbers)
        yield world


def is_read_back(decision: object) -> None:
    """Assert that what was decided is read from an entry as it was made, field by field."""
    for event in decision.events if isinstance(decision, Accepted) else ():
        data = json.loads(canonical.encode(event.data()))
        read = read_event(event.TOPIC, event.VERSION, data, recorded=True)
        assert read == event
        assert repr(read) == repr(event)
        assert read.model_fields_set >= event.model_fields_set


@settings(max_examples=60)
@given(STORIES, REQUESTS, st.integers(-2, 3))
def test_who_remembers_decides_as_who_does_not(
    taken: list[Step], wanted: list[dict[str, Any]], days: int
) -> None:
    for world in told(taken):
        log = world.till.world.log
        for command in commands(world.till.world, wanted):
            for at in (log.now, log.now + timedelta(days=days), log.now):
                asked = asked_at(world.till.world, command, at)
                remembering = answered(View(log), asked)
                assert remembering == answered(View(Forgetting(log)), asked)
                is_read_back(remembering[0])


def test_answers_are_remembered_across_decisions_and_weights() -> None:
    """What the property compares is not two ways of forgetting."""
    world = next(told([])).till.world
    found = []
    for weights in (["1", "1"], ["2", "3"]):
        songs = [("S1", 0, weights[0]), ("S2", 0, weights[1])]
        wanted = {"songs": songs, "tier": "private", "purpose": "personal", "territory": "DE"}
        for command in commands(world, [wanted]):
            decision, _ = answered(View(world.log), asked_at(world, command, world.log.now))
            assert isinstance(decision, Accepted)
            assert not decision.refused
            (event,) = decision.events
            assert isinstance(event, VerificationCleared)
            found.append(event)
            assert len(world.log.memo.kept) == 3  # two rows, and the price before floors
    first, second = found
    assert first.touched[0] is second.touched[0]
    assert first != second
