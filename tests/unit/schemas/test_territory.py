import json

import pytest

from schemas import canonical
from schemas.commands.shares import ClaimShare
from schemas.ids import new_id
from schemas.refusals import Malformed
from schemas.territory import Country, Territories, expand_one
from schemas.tis import GROUP_NAMES, TABLES, TIS_VERSION
from schemas.values import Value, parse

CONTINENTS = ("2100", "2101", "2106", "2120", "2130")


class Party(Value):
    residence: Country


def test_the_world_is_the_five_continents_and_antarctica() -> None:
    parts = [expand_one(code) for code in CONTINENTS]
    assert frozenset().union(*parts) == expand_one("2136") - {"AQ"}
    assert sum(len(part) for part in parts) == 248


@pytest.mark.parametrize(
    ("code", "name", "members"),
    [
        ("2109", "Baltic States", "EE LT LV"),
        ("2110", "Benelux", "BE LU NL"),
        ("2111", "British Isles", "GB IE"),
        ("2124", "GSA countries", "AT CH DE"),
        ("2126", "NAFTA countries", "CA MX PR US"),
        ("2127", "Nordic countries", "DK FI IS NO SE"),
        ("2129", "North America", "CA MX US"),
        ("2131", "Scandinavia", "DK NO SE"),
    ],
)
def test_groups_are_as_tis_has_them(code: str, name: str, members: str) -> None:
    assert GROUP_NAMES[code] == name
    assert expand_one(code) == frozenset(members.split())


def test_every_group_is_named_and_lies_in_the_world() -> None:
    groups = {code for code in TABLES[TIS_VERSION] if code.isdecimal()}
    assert groups == set(GROUP_NAMES)
    assert all(expand_one(code) <= expand_one("2136") for code in groups)


def test_world_exclude_balkans_include_croatia() -> None:
    said = Territories.from_steps([("include", "2136"), ("exclude", "2108"), ("include", "HR")])
    assert said.expand() == expand_one("2136") - expand_one("2108") | {"HR"}
    assert parse(Territories, json.loads(said.model_dump_json())) == said


def test_the_order_of_steps_matters() -> None:
    last_out = Territories.from_steps([("include", "2136"), ("include", "HR"), ("exclude", "2108")])
    assert not last_out.covers("HR")
    assert Territories.from_steps([("exclude", "JP"), ("include", "2136")]).covers("JP")
    assert Territories.from_steps([]).expand() == frozenset()


def test_narrower_is_judged_by_countries_and_not_by_words() -> None:
    union, europe = Territories(include=("2123",)), Territories(include=("2120",))
    assert Territories(include=("DE", "FR")).narrower_or_equal(union)
    assert not union.narrower_or_equal(europe)  # Cyprus is in Asia to TIS
    assert Territories(include=("2123",), exclude=("CY",)).narrower_or_equal(europe)
    assert union.narrower_or_equal(Territories.world())
    assert union.narrower_or_equal(union)


def test_an_unknown_version_of_the_table_is_malformed() -> None:
    with pytest.raises(Malformed) as caught:
        Territories.world().expand("1999-01")
    assert caught.value.code == "territory_unknown"


def test_what_is_asked_must_be_a_country() -> None:
    assert parse(Party, {"residence": "NO"}).residence == "NO"
    for code in ("2136", "EU", "no", "XK"):
        with pytest.raises(Malformed) as caught:
            parse(Party, {"residence": code})
        assert (caught.value.code, caught.value.pointer) == ("territory_unknown", "/residence")
        with pytest.raises(Malformed):
            Territories.world().covers(code)


def test_the_list_of_territories_has_a_limit() -> None:
    with pytest.raises(Malformed):
        parse(Territories, {"include": ["DE"] * 301})


def test_territories_that_are_named_again_are_made_once_and_others_are_others() -> None:
    """Answers: is a value that is shared between statements still the one that was written?"""
    said = [
        ClaimShare.read_bytes(
            canonical.encode(
                {
                    "share": new_id("shr"),
                    "asset": new_id("rec"),
                    "party": new_id("pty"),
                    "fraction": "1/2",
                    "territories": {"include": [place], "exclude": []},
                    "effective_from": None,
                    "effective_until": None,
                    "evidence_sha256": None,
                }
            )
        ).territories
        for place in ("DE", "FR", "DE")
    ]
    assert [one.include for one in said] == [("DE",), ("FR",), ("DE",)]
    assert said[0] is said[2]
