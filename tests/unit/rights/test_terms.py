"""Tariffs do not overlap; model versions are registered once and retired."""

from typing import Any

import pytest

from ledger.rights.states import MODEL, TARIFF, TARIFFS, TARIFFS_KEY
from schemas.commands.terms import PublishTariff, RegisterModel, RetireModel, WithdrawTariff
from tests.kit.words import model, tariff
from tests.kit.world import World

GERMANY = {"include": ["DE"], "exclude": []}
NOT_GERMANY = {"include": ["2136"], "exclude": ["DE"]}


def publishing(world: World, called: str, **words: Any) -> PublishTariff:
    return PublishTariff.read(tariff(world.id("tar", called), called, **words))


def registering(world: World, called: str, **able: Any) -> RegisterModel:
    return RegisterModel.read(model(world.id("mod", called), called, **able))


def test_a_tariff_in_force_is_listed(world: World) -> None:
    name = world.tariff("v1", pool_rate="70%")
    held = world.log.ask(TARIFFS, TARIFFS_KEY).in_force(world.log.now)
    assert [each.tariff for each in held] == [name]
    assert held[0].published is not None
    assert held[0].published.pool_rate == "7/10"


def test_only_the_platform_publishes_tariffs(world: World) -> None:
    world.log.refuses("not_controller", publishing(world, "v1"), by=world["L"])


def test_two_tariffs_never_price_the_same(world: World) -> None:
    world.tariff("v1")
    caught = world.log.refuses("tariff_overlap", publishing(world, "v2"), by=world["platform"])
    assert caught.pointer == "/rows/0"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"prices": {"private": "0.10"}}, {"prices": {"commercial": "2.00"}}),
        ({"channels": ["download"]}, {"channels": ["streaming", "sync"]}),
        ({"territories": GERMANY}, {"territories": NOT_GERMANY}),
        ({"until": "2026-06-01T00:00:00Z"}, {"since": "2026-06-01T00:00:00Z"}),
    ],
)
def test_tariffs_stand_side_by_side(world: World, first: Any, second: Any) -> None:
    world.tariff("v1", **first)
    world.tariff("v2", **second)


def test_all_channels_overlap_with_one(world: World) -> None:
    world.tariff("v1", channels=["sync"])
    command = publishing(world, "v2", channels="all")
    world.log.refuses("tariff_overlap", command, by=world["platform"])


def test_rows_of_one_tariff_do_not_overlap_either(world: World) -> None:
    words: dict[str, Any] = tariff(world.id("tar", "v1"), "v1")
    words["rows"].append(words["rows"][0])
    caught = world.log.refuses("tariff_overlap", PublishTariff.read(words), by=world["platform"])
    assert caught.pointer == "/rows/5"


def test_a_price_is_in_whole_minor_units(world: World) -> None:
    command = publishing(world, "v1", prices={"private": "0.105"})
    caught = world.log.refuses("amount_not_exact", command, by=world["platform"])
    assert caught.pointer == "/rows/0/price/amount"


def test_a_price_is_for_somewhere(world: World) -> None:
    nowhere = {"include": ["DE"], "exclude": ["2136"]}
    changes: list[dict[str, Any]] = [{"territories": nowhere}, {"channels": []}]
    for words in changes:
        command = publishing(world, "v1", **words)
        world.log.refuses("value_unknown", command, by=world["platform"])


def test_a_pool_is_at_most_the_fee(world: World) -> None:
    command = publishing(world, "v1", pool_rate="101%")
    world.log.refuses("number_invalid", command, by=world["platform"])


def test_a_tariff_ends_after_it_begins(world: World) -> None:
    window = {"since": "2026-06-01T00:00:00Z", "until": "2026-05-01T00:00:00Z"}
    world.log.refuses("value_unknown", publishing(world, "v1", **window), by=world["platform"])


def test_a_tariff_is_published_once(world: World) -> None:
    world.tariff("v1")
    world.log.refuses("id_reused", publishing(world, "v1"), by=world["platform"])


def test_a_withdrawn_tariff_makes_room_and_is_kept_by_what_cites_it(world: World) -> None:
    name = world.tariff("v1")
    withdrawal = WithdrawTariff(tariff=name, reason="a mistake")
    world.log.say(withdrawal, by=world["platform"])
    world.log.refuses("unknown_id", withdrawal, by=world["platform"])
    world.tariff("v2")
    state = world.log.ask(TARIFF, name)
    assert state.withdrawn
    assert state.published is not None
    listed = world.log.ask(TARIFFS, TARIFFS_KEY).tariffs
    assert set(listed) == {world.id("tar", "v2")}


def test_a_model_version_is_registered_once(world: World) -> None:
    world.model("mosaic")
    world.log.refuses("id_reused", registering(world, "mosaic"), by=world["platform"])


def test_a_model_copies_only_in_roles_that_it_has(world: World) -> None:
    command = registering(world, "m", roles=["melody"], copying_roles=["timbre"])
    world.log.refuses("value_unknown", command, by=world["platform"])


def test_references_feed_the_generator_at_least(world: World) -> None:
    command = registering(world, "m", fed_modules=["codec"])
    world.log.refuses("disclosure_incomplete", command, by=world["platform"])


def test_a_model_version_retires_once(world: World) -> None:
    name = world.model("mosaic")
    retirement = RetireModel(model=name, reason="replaced")
    world.log.say(retirement, by=world["platform"])
    assert world.log.ask(MODEL, name).retired
    world.log.refuses("unknown_id", retirement, by=world["platform"])


def test_only_a_registered_model_retires(world: World) -> None:
    command = RetireModel(model=world.id("mod", "none"), reason="old")
    world.log.refuses("unknown_id", command, by=world["platform"])
