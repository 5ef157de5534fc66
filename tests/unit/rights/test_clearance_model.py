"""What lies with the model, what is malformed, and the one order of reasons."""

from typing import Any

import pytest

from schemas.commands.catalog import LeaveInferenceSet
from schemas.commands.generations import VerifyGeneration
from schemas.commands.terms import RetireModel, WithdrawTariff
from schemas.refusals import REFUSALS, Malformed
from tests.kit.demand import codes, reasons, request, row, songs, verify
from tests.kit.world import World


def leave(world: World, song: str) -> None:
    command = LeaveInferenceSet(
        recording=world.asset(song), model=world.id("mod", "mosaic"), reason="wish"
    )
    world.log.say(command, by=world["platform"])


def refuses(world: World, code: str, asked: Any) -> Malformed:
    command = VerifyGeneration(verification=world.id("ver", "v"), request=asked)
    return world.log.refuses(code, command, by=world["C"])


def test_a_recording_outside_the_inference_set_is_refused() -> None:
    world = songs()
    leave(world, "S2")
    said = verify(world, request(world, "S1", "S2"))
    assert reasons(said) == [("not_in_inference_set", 1, None, None, "models")]
    assert [each.change for each in said.event.alternatives] == ["drop_reference"]


def test_a_retired_model_takes_no_more_generations() -> None:
    world = songs()
    retire = RetireModel(model=world.id("mod", "mosaic"), reason="old")
    world.log.say(retire, by=world["platform"])
    assert reasons(verify(world, request(world, "S1"))) == [
        ("model_retired", None, None, None, "model")
    ]


def test_a_models_license_may_forbid_a_tier() -> None:
    world = songs()
    world.model("research", forbids_tiers=["commercial"])
    world.enter("research", "S1")
    said = verify(world, request(world, "S1", model="research", tier="commercial"))
    assert reasons(said) == [("model_license_forbids_tier", None, None, None, "license")]
    assert {each.value for each in said.event.alternatives} == {
        "preview",
        "private",
        "non_commercial",
    }


@pytest.mark.parametrize(
    ("able", "asked", "more", "clause"),
    [
        ({"uses": ["song"]}, {"use": "parameter", "parameters": ["guitar"]}, {}, "use"),
        (
            {"parameters": ["melody"]},
            {"use": "parameter", "parameters": ["guitar"]},
            {},
            "parameters",
        ),
        ({"roles": ["timbre", "rhythm"]}, {"role": "lead"}, {}, "role"),
        ({"duration_ms_max": 10_000}, {}, {}, "duration_ms"),
        ({"references_max": 1}, {}, {"also": "S2"}, "references"),
        ({"territories_max": 1}, {}, {"territory": ["DE", "FR"]}, "territory"),
    ],
)
def test_a_model_refuses_what_it_cannot_honor(
    able: dict[str, Any], asked: dict[str, Any], more: dict[str, Any], clause: str
) -> None:
    world = songs()
    world.model("small", **able)
    world.enter("small", "S1", "S2")
    also = [more.pop("also")] if "also" in more else []
    said = verify(world, request(world, row(world, "S1", **asked), *also, model="small", **more))
    assert [(each[0], each[4]) for each in reasons(said)] == [("model_cannot_honor", clause)]


def test_a_stem_must_be_registered_and_the_model_take_stems() -> None:
    world = songs()
    world.recording("S5", stems=["guitar"]).work("W5").link("S5", "W5").vocals("S5", "none")
    world.share("S5", "L", "1")
    world.share("W5", "P1", "1")
    world.consent("S5", "L", ["S5"])
    world.consent("W5", "P1", ["W5"])
    world.model("whole", stems=False)
    world.enter("mosaic", "S5").enter("whole", "S5")
    guitar, drums = row(world, "S5", stem="guitar"), row(world, "S5", stem="drums")
    assert not verify(world, request(world, guitar), "v1").refused
    assert [each[4] for each in reasons(verify(world, request(world, drums), "v2"))] == ["stem"]
    said = verify(world, request(world, guitar, model="whole"), "v3")
    assert [each[4] for each in reasons(said)] == ["stem"]


def test_a_model_that_feeds_more_modules_asks_for_them() -> None:
    world = songs()
    world.model("retriever", fed_modules=["generator", "retrieval"])
    world.enter("retriever", "S2")
    said = verify(world, request(world, "S2", model="retriever"))
    assert [(each.code, each.clause, each.message) for each in said.event.reasons] == [
        ("model_not_permitted", "modules", "retrieval")
    ] * 2


def test_without_a_tariff_nothing_has_a_price() -> None:
    world = songs()
    gone = WithdrawTariff(tariff=world.id("tar", "v1"), reason="old")
    world.log.say(gone, by=world["platform"])
    assert reasons(verify(world, request(world, "S1"))) == [("no_tariff", None, None, None, "rows")]


def test_the_tariff_is_judged_only_when_nothing_else_refuses() -> None:
    world = songs(L={"tiers": ["commercial"]})
    gone = WithdrawTariff(tariff=world.id("tar", "v1"), reason="old")
    world.log.say(gone, by=world["platform"])
    assert codes(verify(world, request(world, "S1"))) == ["tier_not_permitted"]


def test_all_reasons_come_in_the_one_order() -> None:
    world = songs(
        L={"tiers": ["commercial"], "reproduction": False, "minimum_weight": "9/10"},
        Q={"uses": [], "channels": ["streaming"]},
    )
    leave(world, "S4")
    asked = request(
        world, row(world, "S1", role="timbre"), "S2", row(world, "S4"), duration_ms=700_000
    )
    said = verify(world, asked)
    found = codes(said)
    assert found == sorted(found, key=REFUSALS.index)
    assert said.event.reasons == tuple(sorted(said.event.reasons, key=lambda each: each.sort_key))
    assert found == [
        "not_in_inference_set",
        "model_cannot_honor",
        "level_not_permitted",
        "level_not_permitted",
        "reproduction_not_permitted",
        "tier_not_permitted",
        "tier_not_permitted",
        "channel_not_permitted",
        "channel_not_permitted",
        "weight_below_minimum",
        "weight_below_minimum",
    ]


@pytest.mark.parametrize(
    ("code", "rows", "more"),
    [
        ("reference_count", [], {}),
        ("reference_count", ["S1"] * 65, {}),
        ("use_invalid", [{"parameters": ["guitar"]}], {}),
        ("use_invalid", [{"use": "parameter"}], {}),
        ("use_invalid", [{"use": "parameter", "parameters": ["guitar", "guitar"]}], {}),
        ("number_invalid", [{"source": {"from_ms": 0, "until_ms": 180_001}}], {}),
        ("number_invalid", [{"output": {"from_ms": 0, "until_ms": 30_001}}], {}),
        ("number_invalid", ["S1"], {"duration_ms": 0}),
        ("territory_unknown", ["S1"], {"territory": "XX"}),
        ("territory_unknown", ["S1"], {"territory": "2136"}),
        ("territory_unknown", ["S1"], {"territory": ["DE", "de"]}),
        ("territory_unknown", ["S1"], {"territory": []}),
        ("weights_not_normalized", ["S1", "S2"], {"weights": "absolute"}),
        ("unknown_id", ["S1"], {"model": "nobody's"}),
        ("unknown_id", ["S7"], {}),
    ],
)
def test_what_is_malformed_is_answered_and_never_logged(
    code: str, rows: list[Any], more: dict[str, Any]
) -> None:
    world = songs()
    asked = [each if isinstance(each, str) else row(world, "S1", **each) for each in rows]
    refuses(world, code, request(world, *asked, **more))


def test_a_tariff_prices_until_its_end_and_no_longer() -> None:
    world = songs()
    gone = WithdrawTariff(tariff=world.id("tar", "v1"), reason="old")
    world.log.say(gone, by=world["platform"])
    world.tariff("v2", until="2026-03-02T00:00:00Z")
    world.log.at("2026-03-01T23:59:59Z")
    assert not verify(world, request(world, "S1"), "before").refused
    world.log.at("2026-03-02T00:00:00Z")
    assert codes(verify(world, request(world, "S1"), "after")) == ["no_tariff"]


def test_a_segment_may_reach_to_the_very_end() -> None:
    world = songs()
    whole = {
        "source": {"from_ms": 0, "until_ms": 180_000},
        "output": {"from_ms": 0, "until_ms": 30_000},
    }
    assert verify(world, request(world, row(world, "S1", **whole))).event.TOPIC == (
        "VerificationCleared"
    )


@pytest.mark.parametrize(
    ("able", "also", "more"),
    [
        ({"duration_ms_max": 30_000}, (), {}),
        ({"references_max": 2}, ("S2",), {}),
        ({"territories_max": 2}, (), {"territory": ["DE", "FR"]}),
    ],
)
def test_a_model_honors_as_much_as_it_says(
    able: dict[str, Any], also: tuple[str, ...], more: dict[str, Any]
) -> None:
    world = songs()
    world.model("able", **able)
    world.enter("able", "S1", "S2")
    said = verify(world, request(world, "S1", *also, model="able", **more))
    assert said.event.TOPIC == "VerificationCleared"


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("tier_unknown", {"tier": "gold"}),
        ("value_unknown", {"purpose": "fun"}),
        ("value_unknown", {"channel": "tape"}),
    ],
)
def test_a_value_outside_its_list_has_its_code(code: str, more: dict[str, Any]) -> None:
    world = songs()
    with pytest.raises(Malformed) as caught:
        request(world, "S1", **more)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("use_invalid", {"use": "sampling"}),
        ("use_invalid", {"role": "hero"}),
        ("use_invalid", {"parameters": ["soul"]}),
        ("number_invalid", {"weight": "heavy"}),
        ("weight_zero", {"weight": "0"}),
        ("weight_zero", {"weight": "-1"}),
        ("weight_zero", {"weight": "NaN"}),
        ("number_invalid", {"source": {"from_ms": 5, "until_ms": 5}}),
    ],
)
def test_a_row_outside_its_lists_has_its_code(code: str, more: dict[str, Any]) -> None:
    world = songs()
    with pytest.raises(Malformed) as caught:
        request(world, row(world, "S1", **more))
    assert caught.value.code == code


def test_sixty_four_references_are_enough_for_anybody() -> None:
    world = songs()
    rows = [row(world, song, role="lead") for song in ("S1", "S2", "S3", "S4")] * 16
    event = verify(world, request(world, *rows)).event
    assert len(event.references) == 64
