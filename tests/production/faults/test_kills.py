"""Everything is killed at random moments under load, and in the end nothing is lost or doubled.

`make faults KILLS=300` for many; a few, each thing at least once, with the other tests. Chance is
seeded, and the seed is printed; how the processes interleave is the machine's.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from functools import partial
from typing import Any

import pytest

from tests.kit.aftermath import (
    check_acknowledged,
    check_nothing_doubled,
    check_register,
    generations,
    liner,
)
from tests.kit.insisting import Acknowledged, Insisting
from tests.kit.unrest import Unrest
from tests.production.faults.unsteady import Unsteady

KILLS = int(os.environ.get("LINERNOTES_FAULT_KILLS", "10"))
KILL_S = 40.0
"""Seconds that one kill may take on a busy machine, and what comes after it."""

LIVES_S = (0.0, 4.0)
DEAD_S = (0.0, 2.0)
"""Between two kills, and until what was killed is started again: seconds, from and to."""

BEGAN_S = time.monotonic()

ASKED_AGAIN = 40
"""Statements that are handed in once more when everything is over."""

UNEXPECTED = {"internal_error", "older_copy", "register_refused", "register_lost", "damaged"}
"""With these no process may end, whatever was killed."""


def _goes_on(unrest: Unrest, before: int) -> bool:
    """Tell whether more than so many were acknowledged, or somebody gave up."""
    return unrest.has_failed or len(unrest.acknowledged) > before


@pytest.fixture(scope="module")
def shaken(unsteady: Unsteady, seed: int) -> Unrest:
    """Kill under load, then let everything come to rest; give what was said meanwhile."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    unrest = unsteady.unrest(seed)
    with unrest:
        for number, victim in enumerate(chosen(chance, unsteady.victims)):
            before = len(unrest.acknowledged)
            unsteady.cluster.wait(
                partial(_goes_on, unrest, before),
                "somebody was answered again",
            )
            if unrest.has_failed:
                break
            time.sleep(chance.uniform(*LIVES_S))
            told(f"{number + 1}/{KILLS} {victim}: {len(unrest.acknowledged)} acknowledged")
            unsteady.kill(victim)
            time.sleep(chance.uniform(*DEAD_S))
            unsteady.start(victim)
        time.sleep(max(LIVES_S))
        told("calm")
    counts = unsteady.settle().counts
    ended = Counter(f"{one.name} [{one.code}]" for one in unsteady.supervisor.ended)
    for one in unsteady.supervisor.ended:
        if one.code in {"fatal", "nothing"}:
            told(f"{one.name} ended with {one.exit_code}: {one.said[-900:]}")
    again = sum(one.tries > 1 for one in unrest.acknowledged)
    told(f"settled; ends: {dict(counts)}; by themselves ended: {dict(ended)}; asked again: {again}")
    return unrest


def chosen(chance: random.Random, victims: list[str]) -> list[str]:
    """Return whom to kill, one after another: everybody once, in a new order each time."""
    found: list[str] = []
    while len(found) < KILLS:
        found += chance.sample(victims, len(victims))
    return found[:KILLS]


def told(line: str) -> None:
    sys.stderr.write(f"{time.monotonic() - BEGAN_S:.0f} s: {line}\n")


pytestmark = pytest.mark.timeout(600 + KILLS * KILL_S)


def test_everything_acknowledged_is_where_it_was_acknowledged(
    shaken: Unrest, unsteady: Unsteady
) -> None:
    assert check_acknowledged(unsteady.cluster, shaken.acknowledged) > KILLS


def test_nothing_is_doubled(shaken: Unrest, unsteady: Unsteady) -> None:
    check_nothing_doubled(unsteady.cluster)
    assert generations(unsteady.cluster).authorized >= set(shaken.authorized)


def test_who_asks_once_more_gets_the_first_answer(shaken: Unrest, unsteady: Unsteady) -> None:
    place = unsteady.cluster.place
    taken = [one for one in shaken.acknowledged if not one.is_refused]
    step = max(1, len(taken) // ASKED_AGAIN)
    who = Insisting(place, unsteady.doors, place.creator, ("creator",))
    again_said = []
    for one in taken[::step]:
        again = who.say_again(one.command, one.body)
        again_said.append(again)
        assert (again.status, bare(again)) == (one.status, bare(one))
    who.close()
    check_acknowledged(unsteady.cluster, again_said)


def bare(said: Acknowledged) -> list[dict[str, Any]]:
    """Return the entries of an answer but for their proofs.

    A server that was killed may have forgotten the checkpoint of that batch: then the proof leads
    to the next one, which covers it.
    """
    return [{name: entry[name] for name in entry if name != "proof"} for entry in said.entries]


def test_the_tree_is_sound_and_every_decision_is_decided_alike(
    shaken: Unrest, unsteady: Unsteady
) -> None:
    assert shaken.acknowledged
    assert "0 differ" in liner(unsteady.cluster, "audit")
    check_register(unsteady.cluster)


def test_the_projections_hold_what_a_rebuild_gives(shaken: Unrest, unsteady: Unsteady) -> None:
    assert shaken.acknowledged
    said = liner(unsteady.cluster, "rebuild", "--json")
    assert said.count('"equal"') == 5, said


def test_generations_were_made_all_along(shaken: Unrest, unsteady: Unsteady) -> None:
    counts = generations(unsteady.cluster).counts
    assert counts["GenerationCompleted"] > 0.8 * len(shaken.authorized), counts


def test_nobody_ended_in_a_way_that_needs_a_person(shaken: Unrest, unsteady: Unsteady) -> None:
    assert shaken.acknowledged
    bad = [one for one in unsteady.supervisor.ended if one.code in UNEXPECTED]
    assert not bad, bad[0].said
