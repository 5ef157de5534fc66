"""Golden vectors of the allotment, and what must stop it."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ledger.rights.allotment import Leaf, allot, allot_open, merge, tie_break

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "allotment.json").read_text("utf-8"))[
    "vectors"
]


def leaf(row: dict[str, Any]) -> Leaf:
    return Leaf(row["recording"], row["side"], row["asset"], row["party"], Fraction(row["part"]))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["title"] for vector in VECTORS])
def test_the_vector_comes_out(vector: dict[str, Any]) -> None:
    leaves = [leaf(row) for row in vector["leaves"]]
    found = allot(vector["pool"], leaves, authorization=vector["authorization"])
    assert [row.micro for row in found] == [row["amount"] for row in vector["leaves"]]
    for row, given in zip(vector["leaves"], leaves, strict=True):
        assert tie_break(vector["authorization"], given).hex() == row["tie_break"]


def thirds(*names: str) -> list[Leaf]:
    return [Leaf("S", "master", "S", name, Fraction(1, 3)) for name in names]


def test_over_many_authorizations_the_odd_unit_comes_to_everybody() -> None:
    lucky = {
        max(allot(1, thirds("A", "B", "C"), authorization=f"cmd_{n}"), key=lambda r: r.micro).leaf
        for n in range(40)
    }
    assert lucky == set(thirds("A", "B", "C"))


def test_a_quote_shows_tied_units_as_open() -> None:
    found = allot_open(100, thirds("A", "B", "C"))
    assert [row.micro for row in found.sure] == [33, 33, 33]
    assert (found.tied, found.units) == ((0, 1, 2), 1)


def test_a_quote_shows_as_sure_what_no_tie_decides() -> None:
    leaves = [
        Leaf("S", "master", "S", "A", Fraction(3, 4)),
        Leaf("S", "publishing", "W", "B", Fraction(1, 4)),
    ]
    found = allot_open(9999, leaves)
    assert [row.micro for row in found.sure] == [7499, 2500]
    assert (found.tied, found.units) == ((), 0)


def test_when_all_who_are_tied_get_a_unit_nothing_is_open() -> None:
    found = allot_open(5, thirds("A", "B", "C"))
    assert found.units == 2
    found = allot_open(3, thirds("A", "B", "C"))
    assert ([row.micro for row in found.sure], found.tied, found.units) == ([1, 1, 1], (), 0)


def test_the_same_leaf_from_two_rows_is_one_leaf_and_nothing_is_no_leaf() -> None:
    half = Fraction(1, 2)
    found = merge(
        [
            Leaf("S", "publishing", "W", "B", half),
            Leaf("S", "master", "S", "A", half),
            Leaf("S", "publishing", "W", "B", half),
            Leaf("S", "publishing", "W", "C", Fraction(0)),
        ]
    )
    assert [(row.party, row.part) for row in found] == [("A", half), ("B", Fraction(1))]


@pytest.mark.parametrize(
    ("pool", "leaves"),
    [
        (-1, thirds("A")),
        (1, []),
        (1, thirds("A", "A")),
        (1, [Leaf("S", "master", "S", "A", Fraction(-1))]),
        (1, [Leaf("S", "master", "S", "A", Fraction(0))]),
    ],
    ids=["a negative pool", "no leaf", "a leaf twice", "a negative part", "no part at all"],
)
def test_what_can_only_be_a_bug_stops_at_once(pool: int, leaves: list[Leaf]) -> None:
    with pytest.raises(AssertionError):
        allot(pool, leaves, authorization="cmd")
