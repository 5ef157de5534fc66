"""Random logs: many small steps, each a real command; what the rules refuse leaves no trace.

A step is an action and some small numbers that choose among the names of a fixed world. Hypothesis
draws the list of steps, so a failure shrinks to the few steps that matter.
"""

from __future__ import annotations

import contextlib
from typing import Final

from hypothesis import strategies as st

from schemas.refusals import Malformed
from tests.kit import random_money, random_rights
from tests.kit.random_world import Random, Step

RIGHTS: Final = tuple(random_rights.RIGHTS)
"""Actions about who holds and permits what."""

MONEY: Final = ("time", *random_money.MONEY)
"""Actions about what is earned and paid."""

ACTIONS: Final = random_rights.RIGHTS | random_money.MONEY
"""Every action by its name."""


def steps(*actions: str, least: int = 0, most: int = 40) -> st.SearchStrategy[list[Step]]:
    """Draw steps of these actions; with `least` no example is so short that nothing happens."""
    small = st.integers(0, 11)
    step = st.tuples(st.sampled_from(actions), small, small, small)
    return st.lists(step, min_size=least, max_size=most)


def played(taken: list[Step]) -> Random:
    """Return a fresh world that has taken these steps; refused ones left the log as it was."""
    world = Random()
    for action, *numbers in taken:
        world.steps += 1
        with contextlib.suppress(Malformed):
            ACTIONS[action](world, *numbers)
    return world
