"""A quote promises what is sure, shows what is open, and is never logged."""

from typing import Any

import pytest

from ledger.rights.alternatives import ALTERNATIVES_MAX
from ledger.rights.quotes import Quote, quote
from ledger.rights.view import View
from schemas.refusals import Malformed
from schemas.terms import Request
from schemas.territory import expand_one
from tests.kit.demand import authorize, complete, request, row, songs, verify
from tests.kit.world import World


def quoted(world: World, asked: Request) -> Quote:
    return quote(View(world.log), asked, creator=world.id("pty", "C"), at=world.log.now)


def test_a_quote_says_fee_pool_commission_and_legs() -> None:
    world = songs()
    found = quoted(world, request(world, "S1", tier="commercial"))
    assert found.price is not None
    price = found.price
    assert (price.fee.amount, price.pool.amount) == ("2.00", "1.400000")
    assert (price.commission.amount, price.credited.amount) == ("0.600000", "0.00")
    assert price.tariff == world.id("tar", "v1")
    assert sum(each.leg.amount.micro() for each in price.legs) == 1_400_000
    assert not any(each.open for each in price.legs)


def test_a_quote_is_a_read() -> None:
    world = songs()
    before = world.log.head()
    quoted(world, request(world, "S1"))
    assert world.log.head() == before


def test_tied_units_are_open_until_the_authorization() -> None:
    world = songs()
    asked = request(world, *(row(world, song) for song in ("S1", "S2", "S3")))
    found = quoted(world, asked).price
    assert found is not None
    assert found.open_units == 4
    tied = [each.leg for each in found.legs if each.open]
    assert len(tied) == 6
    fee = authorize(world, asked).events[-1]
    bound = {(leg.asset, leg.party): leg.amount.micro() for leg in fee.legs}  # type: ignore[attr-defined]
    more = [leg for leg in tied if bound[leg.asset, leg.party] == leg.amount.micro() + 1]
    assert len(more) == found.open_units


def test_a_refused_quote_says_why_and_what_instead() -> None:
    world = songs(L={"tiers": ["commercial"]})
    found = quoted(world, request(world, "S1", "S2"))
    assert found.price is None
    assert [each.code for each in found.reasons] == ["tier_not_permitted"]
    said = [(each.change, each.row, each.value) for each in found.alternatives]
    assert said == [("drop_reference", 0, None), ("tier", None, "commercial")]


def test_a_quote_of_an_upgrade_shows_what_is_credited() -> None:
    world = songs()
    authorize(world, request(world, "S1"))
    complete(world)
    up = request(world, "S1", name="up", tier="commercial", upgrades=world.id("gen", "g"))
    price = quoted(world, up).price
    assert price is not None
    assert (price.fee.amount, price.credited.amount) == ("1.90", "0.10")


def test_what_is_malformed_has_no_quote() -> None:
    world = songs()
    with pytest.raises(Malformed):
        quoted(world, request(world, "S1", territory="XX"))


def offered(world: World, *rows: Any, **more: Any) -> list[tuple[str, int | None, str | None]]:
    event = verify(world, request(world, *rows, **more)).event
    return [(each.change, each.row, each.value) for each in event.alternatives]


def test_one_change_at_a_time_is_tried() -> None:
    world = songs(L={"tiers": ["commercial"], "parameters": ["guitar"]})
    both = row(world, "S1", use="parameter", parameters=["guitar", "voice"])
    assert offered(world, both) == []


def test_parameters_references_tiers_and_countries_are_offered_in_this_order() -> None:
    world = songs(
        L={
            "parameters": ["guitar"],
            "tiers": ["private", "commercial"],
            "territories": {"include": ["DE", "FR"], "exclude": []},
        }
    )
    both = row(world, "S1", use="parameter", parameters=["voice", "guitar"])
    assert offered(world, both, "S2") == [
        ("drop_parameter", 0, "voice"),
        ("drop_reference", 0, None),
    ]


def test_countries_of_the_request_are_offered_in_place_of_the_whole_list() -> None:
    world = songs(L={"territories": {"include": ["DE", "FR"], "exclude": []}})
    assert offered(world, "S1", territory=["JP", "FR", "DE"]) == [
        ("territory", None, "FR"),
        ("territory", None, "DE"),
    ]


def test_the_last_parameter_of_a_row_is_not_dropped() -> None:
    world = songs(L={"parameters": ["guitar"]})
    voice = row(world, "S1", use="parameter", parameters=["voice"])
    assert offered(world, voice) == []


def test_at_audio_level_every_parameter_may_be_dropped() -> None:
    world = songs(
        L={"uses": ["audio"], "parameters": []}, P1={"uses": ["audio"]}, P2={"uses": ["audio"]}
    )
    audio = row(world, "S1", use="audio", parameters=["guitar"])
    assert offered(world, audio) == [("drop_parameter", 0, "guitar")]


def test_absolute_weights_are_divided_again_when_a_reference_is_dropped() -> None:
    world = songs(L={"tiers": ["commercial"]}, Q={"minimum_weight": "1/2"})
    rows = [row(world, "S1", weight="3/5"), row(world, "S2", weight="2/5")]
    assert offered(world, *rows, weights="absolute") == [("drop_reference", 0, None)]


def test_not_more_alternatives_are_offered_than_an_entry_holds() -> None:
    world = songs(L={"territories": {"include": ["2136"], "exclude": ["JP"]}})
    everywhere = sorted({"JP", *sorted(expand_one("2136"))[:150]})
    found = offered(world, "S1", territory=everywhere)
    assert len(everywhere) > ALTERNATIVES_MAX
    assert len(found) == ALTERNATIVES_MAX
