"""Sides clear country by country, works by their links, and what is free asks nobody."""

from typing import Any

import pytest

from ledger.rights.quotes import quote
from ledger.rights.view import View
from schemas.commands.catalog import DeclarePublicDomain
from schemas.commands.shares import WithdrawShare
from schemas.period import parse_instant
from tests.kit.demand import codes, reasons, request, songs, verify
from tests.kit.words import sha
from tests.kit.world import World


def earns(world: World, *rows: Any, **more: Any) -> dict[tuple[str, str], str]:
    """Return what a commercial request would pay, by asset and party."""
    asked = request(world, *rows, tier="commercial", **more)
    creator = world.id("pty", "C")
    found = quote(View(world.log), asked, creator=creator, at=world.log.now)
    assert found.price is not None, found.reasons
    names = {world.asset(name): name for name in ("S1", "S5", "W1", "W5", "W6", "W7")}
    parties = {world.id("pty", name): name for name in ("L", "P1", "P2", "Q", "X")}
    return {
        (names[each.leg.asset], parties[each.leg.party]): each.leg.amount.amount
        for each in found.price.legs
    }


def fifth(*works: tuple[str, str | None], free: tuple[str, ...] = ()) -> World:
    """Fixture F with S5 of L, which performs these works of P1, each with its fraction."""
    world = songs()
    world.recording("S5").vocals("S5", "none")
    world.share("S5", "L", "1")
    for work, fraction in works:
        world.work(work).link("S5", work, fraction)
        world.share(work, "P1", "1")
        if work in free:
            said = DeclarePublicDomain(work=world.asset(work), evidence_sha256=sha("evidence"))
            world.log.say(said, by=world["registrar"])
    world.consent("S5 master", "L", ["S5"])
    if works:
        world.consent("S5 works", "P1", [work for work, _ in works])
    return world.enter("mosaic", "S5")


def test_half_goes_to_each_side() -> None:
    assert earns(songs(), "S1") == {
        ("S1", "L"): "0.700000",
        ("W1", "P1"): "0.420000",
        ("W1", "P2"): "0.280000",
    }


def test_a_recording_without_a_work_does_not_clear() -> None:
    world = fifth()
    assert reasons(verify(world, request(world, "S5"))) == [
        ("side_not_cleared", 0, "publishing", None, "works")
    ]


def test_works_without_fractions_are_equal() -> None:
    world = fifth(("W5", None), ("W6", None))
    assert earns(world, "S5") == {
        ("S5", "L"): "0.700000",
        ("W5", "P1"): "0.350000",
        ("W6", "P1"): "0.350000",
    }


def test_works_share_the_side_by_their_fractions() -> None:
    world = fifth(("W5", "3/4"), ("W6", "1/4"))
    assert earns(world, "S5")[("W5", "P1")] == "0.525000"
    assert earns(world, "S5")[("W6", "P1")] == "0.175000"


def test_the_part_of_a_free_work_goes_to_the_other_works() -> None:
    world = fifth(("W5", "1/2"), ("W6", "1/4"), ("W7", "1/4"), free=("W5",))
    assert earns(world, "S5") == {
        ("S5", "L"): "0.700000",
        ("W6", "P1"): "0.350000",
        ("W7", "P1"): "0.350000",
    }


def test_where_every_work_is_free_all_goes_to_the_master() -> None:
    world = fifth(("W5", None), free=("W5",))
    assert earns(world, "S5") == {("S5", "L"): "1.400000"}


def test_a_free_work_asks_nobody() -> None:
    world = fifth(("W5", None), ("W6", None), free=("W5",))
    event = verify(world, request(world, "S5")).event
    asked = {each.asset for each in event.touched[0].controllers}
    assert asked == {world.asset("S5"), world.asset("W6")}
    assert event.touched[0].works == tuple(sorted((world.asset("W5"), world.asset("W6"))))


def test_a_share_that_nobody_confirmed_leaves_the_side_open() -> None:
    world = songs()
    gone = WithdrawShare(share=world.id("shr", "W1 P2"), reason="sold")
    world.log.say(gone, by=world["registrar"])
    world.log.at("2026-03-01T12:00:01Z")
    said = verify(world, request(world, "S1"))
    assert reasons(said) == [("side_not_cleared", 0, "publishing", None, "shares")]
    assert said.event.reasons[0].message == "DE"


def abroad() -> World:
    """Fixture F with S5, whose master is L's in Germany and X's in France."""
    world = songs()
    world.recording("S5").work("W5").link("S5", "W5").vocals("S5", "none")
    world.share("W5", "P1", "1")
    world.share("S5", "L", "1", territories={"include": ["DE"], "exclude": []})
    world.share("S5", "X", "1", territories={"include": ["FR"], "exclude": []}, name="in France")
    world.consent("W5", "P1", ["W5"])
    world.consent("S5 of L", "L", ["S5"])
    world.consent("S5 of X", "X", ["S5"], tiers=["commercial"])
    return world.enter("mosaic", "S5")


def test_each_country_asks_who_controls_it() -> None:
    world = abroad()
    assert not verify(world, request(world, "S5")).refused
    said = verify(world, request(world, "S5", territory="FR"), "v2")
    assert reasons(said) == [
        ("tier_not_permitted", 0, "master", world.id("pty", "X"), "tiers"),
    ]


def test_a_country_where_nobody_holds_a_share_does_not_clear() -> None:
    world = abroad()
    said = verify(world, request(world, "S5", territory=["DE", "US", "JP"]))
    assert codes(said) == ["side_not_cleared"]
    assert said.event.reasons[0].message == "JP, US"
    assert [each.value for each in said.event.alternatives if each.change == "territory"] == ["DE"]


def test_the_pool_is_divided_equally_among_the_countries_first() -> None:
    assert earns(abroad(), "S5", territory=["DE", "FR"]) == {
        ("S5", "L"): "0.350000",
        ("S5", "X"): "0.350000",
        ("W5", "P1"): "0.700000",
    }


def test_a_country_named_twice_counts_once() -> None:
    assert earns(abroad(), "S5", territory=["FR", "DE", "FR"])[("S5", "X")] == "0.350000"


def test_shares_are_those_of_the_instant() -> None:
    world = songs()
    world.recording("S5").work("W5").link("S5", "W5").vocals("S5", "none")
    world.share("W5", "P1", "1")
    world.share("S5", "L", "1", until="2026-04-01T00:00:00Z")
    world.share("S5", "X", "1", since="2026-04-01T00:00:00Z", name="later")
    world.consent("W5", "P1", ["W5"])
    world.consent("S5 of L", "L", ["S5"])
    world.enter("mosaic", "S5")
    world.log.at("2026-03-31T23:59:59Z")
    assert not verify(world, request(world, "S5")).refused
    world.log.at("2026-04-01T00:00:00Z")
    said = verify(world, request(world, "S5"), "v2")
    assert reasons(said) == [("no_consent", 0, "master", world.id("pty", "X"), "consent")]


def test_rows_of_one_recording_are_one_leaf_each() -> None:
    world = songs()
    row = {"recording": world.asset("S1"), "use": "song", "weight": "1"}
    found = earns(world, row | {"role": "lead"}, row | {"role": "timbre"})
    assert found == earns(world, "S1", name="g2")


@pytest.mark.parametrize("instant", ["2026-03-01T12:00:00Z", "2026-12-31T23:59:59Z"])
def test_a_worldwide_request_is_answered_for_every_country(instant: str) -> None:
    world = songs(L={"territories": {"include": ["2136"], "exclude": ["JP", "KR"]}})
    world.log.at(parse_instant(instant))
    everywhere = ["DE", "FR", "US", "JP", "BR", "KR", "NO", "IN"]
    said = verify(world, request(world, "S1", territory=everywhere))
    assert [(each.code, each.message) for each in said.event.reasons] == [
        ("territory_not_cleared", "JP, KR")
    ]
    offered = [each.value for each in said.event.alternatives if each.change == "territory"]
    assert offered == ["DE", "FR", "US", "BR", "NO", "IN"]
