"""The two worlds of the scenarios: fixture F of the rules, and the paper's four songs.

What a file gives comes in its place while the world is made: a consent with other words is granted
once, with those words.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.rights.memo import Memo
from tests.kit.world import World
from tests.scenarios.form import Scenario
from tests.scenarios.sentences import match, words_of_consent

HELD = {
    "L": (("S1", "S4"), ()),
    "P1": ((), ("W1", "W4")),
    "P2": ((), ("W1",)),
    "Q": (("S2", "S3", "S9"), ("W2", "W3", "W9")),
}
"""Fixture F: who controls which recordings and which works. S1 is recorded from W1, and so on."""

SHARES = {"S1": {"L": "1"}, "W1": {"P1": "60%", "P2": "40%"}, "S4": {"L": "1"}, "W4": {"P1": "1"}}

SONGS: Mapping[str, dict[str, Any]] = {
    "17189": {
        "uses": ["song", "parameter", "audio"],
        "tiers": ["preview", "private", "non_commercial", "commercial"],
        "reproduction": True,
    },
    "17193": {"uses": ["song"], "tiers": ["preview"], "reproduction": True},
    "17194": {
        "uses": ["song", "parameter"],
        "tiers": ["preview", "private", "non_commercial"],
        "reproduction": True,
    },
    "17196": {"uses": [], "tiers": ["private"], "reproduction": False},
}
"""The paper's Tables 1 and 2; preview and reproduction as contracts, section 6, grants them."""


@dataclass
class Given:
    """What a file's `given` says, read before the world is made."""

    words: dict[str, dict[str, Any]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    singers: dict[str, list[str]] = field(default_factory=dict)
    further: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    @classmethod
    def of(cls, scenario: Scenario) -> Given:
        """Read the sentences; what is not understood stops the test."""
        given = cls()
        for said in scenario.given:
            if isinstance(said, str):
                match(
                    said,
                    {
                        r"(?P<who>\w+) sings on (?P<song>\w+)": given.sings,
                        r"(?P<who>\w+) has consented to nothing": given.keeps_silent,
                    },
                )
                continue
            ((sentence, words),) = said.items()
            match(
                sentence,
                {
                    r"(?P<who>\w+)'s consents? says?": lambda who, w=words: given.says(who, w),
                    r"(?P<who>\w+) consents as singer of (?P<song>\w+)": (
                        lambda who, song, w=words: given.consents(who, song, w)
                    ),
                },
            )
        return given

    def sings(self, who: str, song: str) -> None:
        self.singers.setdefault(song, []).append(who)

    def keeps_silent(self, who: str) -> None:
        self.silent.add(who)

    def says(self, who: str, words: Mapping[str, Any]) -> None:
        self.words[who] = words_of_consent(words)

    def consents(self, who: str, song: str, words: Mapping[str, Any]) -> None:
        self.further.append((who, song, words_of_consent(words)))


def world_of(scenario: Scenario) -> World:
    """Return the world of a scenario, fresh for one test."""
    made = _made(json.dumps([scenario.fixture, scenario.model_dump()["given"]]), scenario.title)
    return copy_of(made)


_SCENARIOS: dict[str, Scenario] = {}


def register(scenario: Scenario) -> Scenario:
    """Keep a scenario by its title, so that its world is made once for all its tests."""
    assert scenario.title not in _SCENARIOS, "two scenarios have one title"
    _SCENARIOS[scenario.title] = scenario
    return scenario


@functools.lru_cache(maxsize=4)
def _made(_given: str, title: str) -> World:
    scenario = _SCENARIOS[title]
    return (fixture_f if scenario.fixture == "F" else _four_songs)(Given.of(scenario))


def copy_of(world: World) -> World:
    """Return a world that can go its own way; events are frozen and shared."""
    by_tag: dict[str, list[Any]] = defaultdict(list)
    by_tag.update({tag: list(rows) for tag, rows in world.log.by_tag.items()})
    log = replace(
        world.log,
        recorded=list(world.log.recorded),
        by_tag=by_tag,
        folded=dict(world.log.folded),
        memo=Memo(),
    )
    return replace(world, log=log, keys=dict(world.keys))


def fixture_f(given: Given) -> World:
    """Make fixture F of the rules, section 7."""
    world = World.opened()
    singers = sorted({name for names in given.singers.values() for name in names})
    world.party("L", "P1", "P2", "Q", "C", "X", *singers)
    world.key("worker", "Operator", ["worker"])
    for number in ("1", "2", "3", "4", "9"):
        song, work = f"S{number}", f"W{number}"
        world.recording(song).work(work).link(song, work)
        for asset in (song, work):
            for party, fraction in SHARES.get(asset, {"Q": "1"}).items():
                world.share(asset, party, fraction)
        heard = given.singers.get(song)
        world.vocals(song, {name: [] for name in heard} if heard else "none")
    world.model("mosaic")
    world.model("conditioner", copying_roles=[])
    world.tariff()
    for party, sides in HELD.items():
        for kind, assets in zip(("masters", "works"), sides, strict=True):
            if assets and party not in given.silent:
                words = given.words.get(party, {})
                world.consent(f"{party}'s {kind}", party, assets, **words)
    for singer, song, words in given.further:
        world.consent(f"{singer} on {song}", singer, [song], capacity="performer", **words)
    for model in ("mosaic", "conditioner"):
        world.enter(model, "S1", "S2", "S3", "S4", "S9")
    return world


def _four_songs(given: Given) -> World:
    world = World.opened()
    world.party("C")
    world.key("worker", "Operator", ["worker"])
    world.model("mosaic")
    world.tariff()
    for song, table in SONGS.items():
        owner, work = f"owner of {song}", f"W{song}"
        world.party(owner)
        world.recording(song).work(work).link(song, work)
        world.share(song, owner, "1")
        world.share(work, owner, "1")
        world.vocals(song, "synthetic")
        words = table | given.words.get(owner, {})
        world.consent(f"{song} master", owner, [song], **words)
        world.consent(f"{song} work", owner, [work], **words)
        world.enter("mosaic", song)
    return world
