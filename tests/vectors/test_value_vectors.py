"""Golden vectors of ids, identifiers, numbers, times and territories.

Each vector's note names the mistake that it would catch.
"""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from schemas import identifiers
from schemas.fractions import format_fraction, parse_fraction
from schemas.ids import check_id, id_of, uuid_of
from schemas.money import Money
from schemas.period import LocalInstant, format_instant, parse_instant
from schemas.refusals import Malformed
from schemas.territory import Territories
from schemas.values import parse


def vectors(name: str) -> pytest.MarkDecorator:
    rows = json.loads(Path(__file__).with_name(name).read_text("utf-8"))
    return pytest.mark.parametrize("row", rows, ids=[row["note"] for row in rows])


@vectors("ids.json")
def test_an_id_is_its_uuid_or_malformed(row: dict[str, str]) -> None:
    if code := row.get("code"):
        with pytest.raises(Malformed) as caught:
            check_id(row["id"], row["prefix"])
        assert caught.value.code == code
    else:
        assert uuid_of(row["id"]) == uuid.UUID(row["uuid"])
        assert id_of(row["prefix"], uuid.UUID(row["uuid"])) == row["id"]


@vectors("identifiers.json")
def test_an_identifier_is_compact_or_malformed(row: dict[str, str]) -> None:
    check = getattr(identifiers, f"check_{row['check']}")
    if code := row.get("code"):
        with pytest.raises(Malformed) as caught:
            check(row["given"])
        assert caught.value.code == code
    else:
        assert check(row["given"]) == row["gives"]
        assert check(row["gives"]) == row["gives"]


@vectors("fractions.json")
def test_a_fraction_is_exact_or_malformed(row: dict[str, str]) -> None:
    if code := row.get("code"):
        with pytest.raises(Malformed) as caught:
            parse_fraction(row["given"])
        assert caught.value.code == code
    else:
        assert format_fraction(parse_fraction(row["given"])) == row["gives"]


@vectors("money.json")
def test_money_is_exact_or_malformed(row: dict[str, Any]) -> None:
    if code := row.get("code"):
        with pytest.raises(Malformed) as caught:
            parse(Money, row["given"])
        assert caught.value.code == code
        return
    money = parse(Money, row["given"])
    assert money.micro() == row["micro"]
    assert money.model_dump() == row["given"]
    if row["minor"] is None:
        with pytest.raises(Malformed) as caught:
            money.minor()
        assert caught.value.code == "amount_not_exact"
    else:
        assert money.minor() == row["minor"]


@vectors("instants.json")
def test_an_instant_is_utc_or_malformed(row: dict[str, str]) -> None:
    if code := row.get("code"):
        with pytest.raises(Malformed) as caught:
            parse_instant(row["given"])
        assert caught.value.code == code
    else:
        assert format_instant(parse_instant(row["given"])) == row["given"]


@vectors("local_times.json")
def test_a_local_time_is_one_instant_or_malformed(row: dict[str, Any]) -> None:
    if code := row.get("code"):
        with pytest.raises(Malformed) as caught:
            parse(LocalInstant, row["given"])
        assert caught.value.code == code
    else:
        assert parse(LocalInstant, row["given"]).instant == row["instant"]


@vectors("territories.json")
def test_territories_expand_or_are_malformed(row: dict[str, Any]) -> None:
    if code := row.get("code"):
        with pytest.raises(Malformed) as caught:
            parse(Territories, row["given"])
        assert (caught.value.code, caught.value.pointer) == (code, row["pointer"])
        return
    territories = parse(Territories, row["given"])
    assert len(territories.expand()) == row["count"]
    assert all(territories.covers(country) for country in row["has"])
    assert not any(territories.covers(country) for country in row["lacks"])
