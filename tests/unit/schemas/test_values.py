from typing import Literal

import pytest
from pydantic import Field, ValidationError

from schemas.fractions import FractionText, LowestFraction
from schemas.identifiers import Ean, Grid, IpiBase, IpiName, Ipn, Isni, Isrc, Iswc, isrc_warnings
from schemas.lists import Side, Tier
from schemas.refusals import Malformed
from schemas.values import Value, parse


class Row(Value):
    weight: FractionText = "1"
    share: LowestFraction = "1"
    tier: Tier = "private"
    side: Side = "master"
    wanted: tuple[Side, ...] | Literal["all"] = "all"


class Table(Value):
    CODE = "consent_invalid"

    rows: tuple[Row, ...] = ()
    by_name: dict[str, Row] = Field(default_factory=dict)


class Numbers(Value):
    isrc: Isrc
    iswc: Iswc
    ipi_name: IpiName
    ipi_base: IpiBase
    isni: Isni
    ipn: Ipn
    ean: Ean
    grid: Grid


def test_a_value_is_frozen_and_equal_by_content() -> None:
    row = parse(Row, {"weight": "2/4"})
    with pytest.raises(ValidationError):
        row.weight = "1"  # type: ignore[misc]  # that it is refused is the point
    assert row == Row(weight="2/4")
    assert hash(row) == hash(Row(weight="2/4"))


def test_a_command_keeps_a_fraction_as_it_was_given() -> None:
    assert parse(Row, {"weight": "60%"}).model_dump()["weight"] == "60%"


@pytest.mark.parametrize("text", ["2/6", "60%", "0.5", "3/1", "1/0", "0/5", "-1/3", "01"])
def test_an_event_takes_lowest_terms_alone(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(Row, {"share": text})
    assert (caught.value.code, caught.value.pointer) == ("number_invalid", "/share")


def test_a_derived_fraction_may_exceed_the_limit_of_given_ones() -> None:
    assert parse(Row, {"share": "1/10000000000000000000001"}).share.startswith("1/1")


@pytest.mark.parametrize(
    ("data", "code", "pointer"),
    [
        ({"rows": [{}, {"weight": "x"}]}, "number_invalid", "/rows/1/weight"),
        ({"by_name": {"a/b~c": {"weight": "x"}}}, "number_invalid", "/by_name/a~1b~0c/weight"),
        ({"rows": [{"tier": "free"}]}, "tier_unknown", "/rows/0/tier"),
        ({"rows": [{"side": "left"}]}, "consent_invalid", "/rows/0/side"),
        ({"rows": [{"wanted": ["master", "left"]}]}, "consent_invalid", "/rows/0/wanted/1"),
        ({"rows": [{"surprise": 1}]}, "consent_invalid", "/rows/0/surprise"),
        ({"rows": 5}, "consent_invalid", "/rows"),
        ({"rows": [{"side": "left"}, {"weight": "x"}]}, "number_invalid", "/rows/1/weight"),
        ([], "consent_invalid", ""),
        (None, "consent_invalid", ""),
    ],
)
def test_a_fault_has_a_code_and_a_place(data: object, code: str, pointer: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(Table, data)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(Malformed) as caught:
        parse(Numbers, {"isrc": "USRC17607838"})
    assert (caught.value.code, caught.value.pointer) == ("value_unknown", "/iswc")


def test_identifiers_are_kept_compact() -> None:
    numbers = Numbers(
        isrc="US-RC1-76-07838",
        iswc="T-034.524.680-1",
        ipi_name="14107338",
        ipi_base="I-000000229-7",
        isni="0000 0001 2281 955X",
        ipn="123456",
        ean="5901234123457",
        grid="A1-2425G-ABC1234002-M",
    )
    assert numbers.isrc == "USRC17607838"
    assert numbers.iswc == "T0345246801"
    assert numbers.ipi_name == "00014107338"
    assert numbers.ipi_base == "I0000002297"
    assert numbers.isni == "000000012281955X"
    assert numbers.grid == "A12425GABC1234002M"


def test_an_unknown_isrc_prefix_is_only_a_warning() -> None:
    assert isrc_warnings("USRC17607838") == ()
    assert isrc_warnings("QZAAA2600001") == ()
    assert "QQ" in isrc_warnings("QQABC2600001")[0]
