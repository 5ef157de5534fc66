"""A world that takes random steps: what is in it, and how a step chooses among what was made."""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.rights.states import RECORDING, WORK
from ledger.rights.states.shares import controllers_at
from schemas.commands.base import Command
from tests.kit.log import Key
from tests.kit.money import Till
from tests.kit.world import World
from tests.scenarios.fixtures import copy_of

PARTIES: Final = ("L", "P", "Q")
ASSETS: Final = ("S1", "S2", "W1")
USES: Final[tuple[list[str], ...]] = (
    ["song"],
    ["song", "parameter"],
    [],
    ["parameter", "training"],
)
COUNTRIES: Final = (
    {"include": ["2136"], "exclude": []},
    {"include": ["DE", "FR"], "exclude": []},
    {"include": ["2136"], "exclude": ["JP"]},
)
FRACTIONS: Final = ("1", "1/2", "1/3", "2/3")
HOLDS: Final = ("kyc", "court_order", "bank_details")

Step = tuple[str, int, int, int]


@functools.cache
def _begun() -> World:
    """Return the world with which every random log begins; `copy_of` it before it goes on."""
    world = Till.opened(*PARTIES).world
    world.recording("S1", "S2").work("W1").link("S1", "W1")
    world.party("V", kind="person")
    for asset, party in (("S1", "L"), ("S2", "Q"), ("W1", "P")):
        world.share(asset, party, "1", name=f"first {asset}")
    return world


@dataclass
class Random:
    """A world that takes random steps.

    `made` lists by kind what was made: its id or name, and whose it is or which asset's.
    """

    till: Till = field(default_factory=lambda: Till(copy_of(_begun())))
    made: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    steps: int = 0

    def __post_init__(self) -> None:
        for asset in ASSETS:
            self.made["shr"].append((self.till.world.id("shr", f"first {asset}"), asset))

    def say(self, command: Command, by: Key) -> Any:
        """Say a command."""
        return self.till.world.log.say(command, by=by)

    def known(self, kind: str, number: int, of: str | None = None) -> tuple[str, str]:
        """Choose one of what was made (of one asset or party); else an id that names nothing."""
        found = [row for row in self.made[kind] if of in (None, row[1])]
        nothing = (self.till.world.id(kind, "nothing"), PARTIES[0])
        return found[number % len(found)] if found else nothing

    def key(self, party: str) -> Key:
        """Return the newest key of a party."""
        world = self.till.world
        names = [name for name in world.keys if name == party or name.startswith(f"{party} key ")]
        return world[names[-1]]

    def holder(self, asset: str, number: int) -> str:
        """Choose somebody who holds a confirmed share of an asset, or anybody where nobody does."""
        world = self.till.world
        name, log = world.asset(asset), world.log
        shares = (log.ask(WORK, name) if asset.startswith("W") else log.ask(RECORDING, name)).shares
        held = controllers_at(shares, world.log.now)
        found = [name for name in PARTIES if self.till.party(name) in held] or list(PARTIES)
        return found[number % len(found)]
