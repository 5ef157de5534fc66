"""What is kept of much: bounded, what is used stays, and what leaves is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.recent import Recent

STEPS = st.lists(st.tuples(st.sampled_from(["put", "get", "peek"]), st.integers(0, 12)))


@given(STEPS, st.integers(2, 9))
def test_nothing_is_ever_wrong_and_what_is_not_there_has_left(
    steps: list[tuple[str, int]], most: int
) -> None:
    filed: dict[int, int] = {}
    recent: Recent[int, int] = Recent(most, leaving=filed.update)
    put: dict[int, int] = {}
    for number, (step, key) in enumerate(steps):
        if step == "put":
            put[key] = number
            recent.put(key, number)
        else:
            found = recent.get(key) if step == "get" else recent.peek(key)
            assert found == put.get(key) or (found is None and filed[key] == put[key])
        assert (key in recent) == (recent.peek(key) is not None)
        assert len(recent) <= most + 1
        assert not recent.young.keys() & recent.old.keys(), "each value once"
        assert recent.items().items() <= put.items()


def test_what_is_used_stays_and_what_is_only_looked_at_leaves() -> None:
    recent: Recent[str, int] = Recent(10)
    recent.put("used", 0)
    recent.put("seen", 0)
    for number in range(20):
        recent.put(f"other {number}", number)
        recent.get("used")
        recent.peek("seen")
    assert "used" in recent
    assert "seen" not in recent


@pytest.mark.parametrize("heavy", [1, 5])
def test_what_weighs_more_fills_it_sooner(heavy: int) -> None:
    left: list[Mapping[str, int]] = []
    recent: Recent[str, int] = Recent(
        20, weigh=lambda key: heavy if key.startswith("heavy") else 1, leaving=left.append
    )
    for number in range(12):
        recent.put(f"heavy {number}", number)
        recent.put(f"heavy {number}", number)  # again: it weighs no more
    assert len(left) == 12 * heavy // 11


def test_clearing_forgets_and_tells_nobody() -> None:
    left: list[Mapping[str, int]] = []
    recent: Recent[str, int] = Recent(4, leaving=left.append)
    recent.put("a", 1)
    recent.clear()
    assert (len(recent), recent.get("a"), left) == (0, None, [])
