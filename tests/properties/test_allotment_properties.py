"""Money is conserved, no order matters, nothing goes to who holds nothing."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ledger.rights.allotment import Leaf, allot, allot_open

POOLS = st.integers(min_value=0, max_value=10**13)
PARTS = st.lists(
    st.fractions(min_value=0, max_value=1, max_denominator=10**9), min_size=1, max_size=40
).filter(any)
NAMES = st.text(min_size=1, max_size=12)


def vector(parts: list[Fraction]) -> list[Leaf]:
    return [
        Leaf(f"rec{n % 5}", "master" if n % 2 else "publishing", f"asset{n % 7}", f"pty{n}", part)
        for n, part in enumerate(parts)
    ]


@given(POOLS, PARTS, NAMES)
def test_nothing_is_lost_or_made(pool: int, parts: list[Fraction], name: str) -> None:
    assert sum(row.micro for row in allot(pool, vector(parts), authorization=name)) == pool


@given(POOLS, PARTS, NAMES)
def test_each_leaf_is_within_one_unit_of_its_exact_part(
    pool: int, parts: list[Fraction], name: str
) -> None:
    for row in allot(pool, vector(parts), authorization=name):
        assert abs(row.micro - pool * row.leaf.part / sum(parts)) < 1


@given(POOLS, PARTS, NAMES)
def test_who_holds_nothing_is_paid_nothing(pool: int, parts: list[Fraction], name: str) -> None:
    for row in allot(pool, vector(parts), authorization=name):
        assert row.leaf.part > 0 or row.micro == 0


@given(POOLS, PARTS, NAMES, st.randoms(use_true_random=False))
def test_the_order_of_the_leaves_decides_nothing(
    pool: int, parts: list[Fraction], name: str, chance: object
) -> None:
    leaves = vector(parts)
    shuffled = list(leaves)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert set(allot(pool, leaves, authorization=name)) == set(
        allot(pool, shuffled, authorization=name)
    )


@given(POOLS, PARTS, NAMES)
def test_an_authorization_only_decides_what_a_quote_left_open(
    pool: int, parts: list[Fraction], name: str
) -> None:
    leaves = vector(parts)
    quoted, bound = allot_open(pool, leaves), allot(pool, leaves, authorization=name)
    more = [n for n, row in enumerate(bound) if row.micro != quoted.sure[n].micro]
    assert set(more) <= set(quoted.tied)
    assert len(more) == quoted.units
    assert all(bound[n].micro == quoted.sure[n].micro + 1 for n in more)
