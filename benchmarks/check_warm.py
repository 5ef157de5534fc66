"""What a decision costs whose scopes are warm: run `python -m benchmarks.check_warm`.

A verification of ten songs, each with a recording and a work, two consents and an owner of its own,
is decided as the door decides it: from the cache of folded scopes, by the pure rules. Its one probe
of the database is not in it. The cache has seen a million recordings with consents, or ten
thousand; it keeps as many scopes as a service's does.
"""

from __future__ import annotations

import gc
import time

from benchmarks.measuring import in_turns, sized, told
from ledger.folding import FoldCache, WarmSource
from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked
from ledger.rights.scopes import scope_for
from ledger.rights.view import View
from schemas.commands.generations import VerifyGeneration
from schemas.events.verifications import VerificationCleared
from tests.kit.demand import request
from tests.kit.log import name_id
from tests.kit.world import World

SONGS = 10
SMALL = sized(10_000, tiny=100)
LARGE = sized(1_000_000, tiny=1_000)
DECISIONS = 4
ROUNDS = sized(100, tiny=2)
TARGET_US = 100
TARGET = 1.5


def world_of_songs() -> World:
    """Return a world of ten songs, each of an owner of its own who says yes for both sides."""
    world = World.opened()
    owners = [f"H{number}" for number in range(SONGS)]
    world.party("C", *owners)
    world.model("mosaic")
    world.tariff()
    for number, owner in enumerate(owners):
        song, work = f"S{number}", f"W{number}"
        world.recording(song).work(work).link(song, work)
        world.share(song, owner, "1")
        world.share(work, owner, "1")
        world.vocals(song, "none")
        world.consent(f"{owner}'s master", owner, [song])
        world.consent(f"{owner}'s work", owner, [work])
    world.enter("mosaic", *[f"S{number}" for number in range(SONGS)])
    world.log.at("2026-03-01T12:00:00Z")
    return world


def cache_of(world: World, recordings: int, tags: list[str]) -> FoldCache:
    """Return a cache that has seen so many recordings, and then the scopes of these songs."""
    cache, head = FoldCache(), world.log.head()
    cache.begin(head, world.log.now)
    like = world.log.state(*scope_for(f"rights:{world.asset('S0')}"))
    for number in range(recordings):
        cache.put(f"rights:{name_id('rec', str(number))}", *like, bound=head)
    for tag in tags:
        cache.put(tag, *world.log.state(*scope_for(tag)), bound=head)
    return cache


def asked_of(world: World) -> Asked:
    """Return what a creator asks: whether these ten may be used together."""
    songs = request(world, *[f"S{number}" for number in range(SONGS)])
    key = world["C"]
    return Asked(
        command=VerifyGeneration(verification=world.id("ver", "v"), request=songs),
        command_id=name_id("cmd", "v"),
        actor=key.party,
        key=key.key,
        at=world.log.now,
        mandate=None,
        attested_roles=None,
    )


def decided(cache: FoldCache, asked: Asked) -> None:
    """Decide as often as a round asks."""
    for _ in range(DECISIONS):
        found = decide(View(WarmSource(cache, lambda _key: True)), asked)
        assert isinstance(found, Accepted)
        assert isinstance(found.events[0], VerificationCleared)


def main() -> None:
    """Decide among many and among few in turns, and print the ratio and what one decision takes."""
    world = world_of_songs()
    asked = asked_of(world)
    seen = View(world.log)
    decide(seen, asked)
    began = time.perf_counter()
    small, large = (cache_of(world, count, list(seen.asked)) for count in (SMALL, LARGE))
    print(f"{LARGE} recordings seen in {time.perf_counter() - began:.0f} s")
    gc.freeze()
    small_s, large_s = in_turns(
        lambda: decided(small, asked), lambda: decided(large, asked), rounds=ROUNDS
    )
    told(
        "check_warm",
        large_s / small_s,
        f"the same decision among {SMALL} recordings",
        at_most=TARGET,
        decision_us=round(large_s / DECISIONS * 1e6, 1),
        decision_us_at_most=TARGET_US,
        small_us=round(small_s / DECISIONS * 1e6, 1),
        recordings=LARGE,
        references=SONGS,
        scopes_read=len(seen.asked),
    )


if __name__ == "__main__":
    main()
