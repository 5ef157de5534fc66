"""One consent and one use: which clauses fail, all of them, in the one order."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from ledger.rights.permits import WholeUse, failing, floor_of
from schemas.refusals import REFUSALS
from schemas.terms import Consent
from tests.kit.log import name_id
from tests.kit.words import consent

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODEL = name_id("mod", "mosaic")


def words(**more: Any) -> Consent:
    assets = {"recordings": [name_id("rec", "S1")]}
    return Consent.read(consent(name_id("cns", "c"), name_id("pty", "L"), assets, **more))


def use(**more: Any) -> WholeUse:
    asked: dict[str, Any] = {
        "use": "parameter",
        "parameters": ("guitar",),
        "copied": False,
        "model": MODEL,
        "modules": ("generator",),
        "tier": "private",
        "purpose": "personal",
        "channel": "download",
        "country": "DE",
        "weight": Fraction(1, 2),
        "at": AT,
    }
    return WholeUse(**asked | more)


def found(said: Consent, asked: WholeUse) -> list[tuple[str, str, tuple[str, ...]]]:
    rows = failing(said, asked, territories_version="2024-12")
    return [(row.code, row.clause, row.values) for row in rows]


def test_a_consent_that_names_it_all_permits() -> None:
    assert found(words(), use()) == []


def test_a_consent_that_names_exactly_what_is_asked_permits() -> None:
    said = words(
        models=[MODEL],
        modules=["generator"],
        uses=["parameter"],
        parameters=["guitar"],
        tiers=["private"],
        purposes=["personal"],
        channels=["download"],
        territories={"include": ["DE"], "exclude": []},
        minimum_weight="1/2",
    )
    assert found(said, use()) == []


@pytest.mark.parametrize(
    ("said", "asked", "expected"),
    [
        (
            {"models": [name_id("mod", "other")]},
            {},
            ("model_not_permitted", "models", (MODEL,)),
        ),
        (
            {},
            {"modules": ("generator", "codec")},
            ("model_not_permitted", "modules", ("codec",)),
        ),
        ({"uses": ["song"]}, {}, ("level_not_permitted", "uses", ("parameter",))),
        ({"uses": []}, {"use": "song"}, ("level_not_permitted", "uses", ("song",))),
        (
            {"parameters": ["melody"]},
            {"parameters": ("melody", "guitar", "voice")},
            ("parameter_not_permitted", "parameters", ("guitar", "voice")),
        ),
        (
            {"reproduction": False},
            {"copied": True},
            ("reproduction_not_permitted", "reproduction", ()),
        ),
        (
            {"purposes": ["educational"]},
            {},
            ("purpose_not_permitted", "purposes", ("personal",)),
        ),
        ({"tiers": ["commercial"]}, {}, ("tier_not_permitted", "tiers", ("private",))),
        (
            {"channels": ["streaming"]},
            {},
            ("channel_not_permitted", "channels", ("download",)),
        ),
        (
            {"territories": {"include": ["2136"], "exclude": ["DE"]}},
            {},
            ("territory_not_cleared", "territories", ("DE",)),
        ),
        (
            {"since": "2026-03-01T12:00:01Z"},
            {},
            ("outside_window", "effective_from", ()),
        ),
        ({"until": "2026-03-01T12:00:00Z"}, {}, ("outside_window", "effective_until", ())),
        ({"minimum_weight": "51%"}, {}, ("weight_below_minimum", "minimum_weight", ())),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_each_clause_fails_by_its_own_code(
    said: dict[str, Any], asked: dict[str, Any], expected: tuple[str, str, tuple[str, ...]]
) -> None:
    assert found(words(**said), use(**asked)) == [expected]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({"since": "2026-03-01T12:00:00Z"}, {}),
        ({"until": "2026-03-01T12:00:00.000001Z"}, {}),
        ({"minimum_weight": "50%"}, {}),
        ({"reproduction": False}, {}),
        ({"parameters": []}, {"use": "song", "parameters": ()}),
        ({"territories": {"include": ["2123"], "exclude": ["FR"]}}, {}),
    ],
)
def test_edges_are_inside(said: dict[str, Any], asked: dict[str, Any]) -> None:
    assert found(words(**said), use(**asked)) == []


def test_all_failing_clauses_come_in_the_order_of_refusals() -> None:
    said = words(
        uses=[],
        parameters=[],
        reproduction=False,
        tiers=[],
        purposes=[],
        channels=[],
        models=[],
        modules=[],
        territories={"include": [], "exclude": []},
        until="2026-01-01T00:00:00Z",
        minimum_weight="1",
    )
    codes = [code for code, _, _ in found(said, use(copied=True))]
    assert codes == sorted(codes, key=REFUSALS.index)
    assert len(codes) == 11
    assert codes[:2] == ["model_not_permitted", "model_not_permitted"]


def test_a_permission_for_commercial_use_is_none_for_private_use() -> None:
    assert found(words(tiers=["commercial"]), use(tier="private")) != []


def test_of_a_performer_the_voice_alone_is_asked() -> None:
    asked = use(parameters=("guitar", "melody")).of_performer()
    assert found(words(parameters=["voice"]), asked) == []
    assert [code for code, _, _ in found(words(parameters=["guitar"]), asked)] == [
        "parameter_not_permitted"
    ]


def test_a_floor_is_that_of_the_tier_and_zero_is_none() -> None:
    said = words(floors={"private": {"amount": "0.05", "currency": "EUR"}})
    floor = floor_of(said, "private")
    assert floor is not None
    assert floor.micro() == 50_000
    assert floor_of(said, "commercial") is None
    free = words(floors={"private": {"amount": "0.00", "currency": "EUR"}})
    assert floor_of(free, "private") is None
