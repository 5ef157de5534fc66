"""Worlds that unit tests of the rules begin with."""

import pytest

from tests.kit.world import World


@pytest.fixture
def world() -> World:
    """An opened log with two organizations, a singer, a song and its work; nobody controls them."""
    world = World.opened().party("L", "P").party("V", kind="person")
    return world.recording("S1").work("W1")


@pytest.fixture
def owned(world: World) -> World:
    """The same, where L holds the master, P the work, V sings, and there is one model."""
    world.share("S1", "L", "1")
    world.share("W1", "P", "1")
    world.link("S1", "W1").credit("S1", "V").vocals("S1", {"V": []})
    world.model("mosaic")
    return world
