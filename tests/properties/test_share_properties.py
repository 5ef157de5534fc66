"""Whatever is claimed, confirmed, reduced and withdrawn: nobody ever holds more than there is."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.rights.states import RECORDING
from ledger.rights.states.shares import Shares, Slice, controllers_at, fractions_at
from schemas.commands.shares import ClaimShare, ConfirmShare, WithdrawShare
from schemas.refusals import Malformed
from tests.kit.words import when
from tests.kit.world import World

DAYS = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 7)]
COUNTRIES = ["DE", "FR", "JP"]
PLACES = [
    {"include": ["2136"], "exclude": []},
    {"include": ["DE"], "exclude": []},
    {"include": ["2136"], "exclude": ["JP"]},
    {"include": ["FR", "JP"], "exclude": []},
]
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "party": st.sampled_from(["A", "B", "C"]),
            "fraction": st.sampled_from(["1", "1/2", "1/3", "25%", "0.1"]),
            "territories": st.sampled_from(PLACES),
            "since": st.sampled_from([None, *DAYS[:4]]),
            "until": st.sampled_from([None, *DAYS[2:]]),
            "reduces": st.integers(0, 3) | st.none(),
            "withdraws": st.integers(0, 3) | st.none(),
            "days": st.integers(0, 30),
        }
    ),
    max_size=8,
)


def moments() -> list[datetime]:
    edges = [moment for day in DAYS for moment in (day, day - timedelta(microseconds=1))]
    return [*edges, datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)]


def earlier(shares: list[str], number: int | None) -> str | None:
    return shares[number] if number is not None and number < len(shares) else None


def play(world: World, steps: list[dict[str, Any]]) -> None:
    """Say every step; what is malformed changes nothing."""
    shares: list[str] = []
    for number, step in enumerate(steps):
        world.log.at(world.log.now + timedelta(days=step["days"]))
        words = {
            "share": world.id("shr", str(number)),
            "asset": world.asset("S1"),
            "party": world.id("pty", step["party"]),
            "fraction": step["fraction"],
            "territories": step["territories"],
            "effective_from": when(step["since"]),
            "effective_until": when(step["until"]),
        }
        reduces, withdrawn = earlier(shares, step["reduces"]), earlier(shares, step["withdraws"])
        commands: list[Any] = [ClaimShare.read(words)]
        commands.append(ConfirmShare.read({"share": words["share"], "reduces": reduces}))
        if withdrawn:
            commands.append(WithdrawShare(share=withdrawn, reason="over"))
        for command in commands:
            with suppress(Malformed):
                world.log.say(command, by=world["registrar"])
        shares.append(str(words["share"]))


def held(world: World) -> Shares:
    return world.log.ask(RECORDING, world.asset("S1")).shares


@given(STEPS)
def test_nobody_ever_holds_more_than_there_is(steps: list[dict[str, Any]]) -> None:
    world = World.opened().party("A", "B", "C").recording("S1")
    play(world, steps)
    for moment in moments():
        for country in COUNTRIES:
            found = fractions_at(held(world), country, moment)
            assert sum(found.values(), Fraction(0)) <= 1
            assert all(fraction > 0 for fraction in found.values())
            assert set(found) <= set(controllers_at(held(world), moment))


@given(STEPS)
def test_what_is_withdrawn_stays_in_the_past(steps: list[dict[str, Any]]) -> None:
    world = World.opened().party("A", "B", "C").recording("S1")
    play(world, steps)
    before = held(world)
    world.log.at(world.log.now + timedelta(days=1))
    for share in before:
        command = WithdrawShare(share=share, reason="over")
        with suppress(Malformed):
            world.log.say(command, by=world["registrar"])
    for country in COUNTRIES:
        for moment in moments():
            expected = fractions_at(before, country, moment) if moment < world.log.now else {}
            assert fractions_at(held(world), country, moment) == expected


SLICES = st.builds(
    lambda fraction, countries, days: Slice(fraction, frozenset(countries), *days),
    st.sampled_from([Fraction(1, 2), Fraction(1, 3), Fraction(1)]),
    st.lists(st.sampled_from(COUNTRIES), min_size=1, unique=True),
    st.lists(st.sampled_from(DAYS), min_size=2, max_size=2, unique=True).map(sorted),
)


@given(SLICES, SLICES)
def test_what_is_left_of_a_slice_is_exactly_the_difference(whole: Slice, taken: Slice) -> None:
    left = list(whole.less(taken))
    for country in COUNTRIES:
        for moment in moments():
            expected = whole.fraction if whole.holds(country, moment) else Fraction(0)
            if whole.holds(country, moment) and taken.holds(country, moment):
                expected -= taken.fraction
            parts = [part.fraction for part in left if part.holds(country, moment)]
            assert sum(parts, Fraction(0)) == expected
            assert len(parts) <= 1
