"""What an answer rests on is noted, and decides whether it is given again."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from ledger.folding import FoldCache, WarmSource
from ledger.rights.memo import Answered, Kept, Memo, Watched
from ledger.rights.states import PARTY
from ledger.rights.view import Recorded, View
from schemas.commands.parties import DeclareDeath
from schemas.events.erasure import OpeningsErased
from tests.kit.log import START
from tests.kit.words import sha
from tests.kit.world import World

LATER = START + timedelta(days=3)
HALF = Fraction(1, 2)


class Rule:
    """A rule that counts how often it is asked: is a party dead, and is it later?"""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, view: View, party: str, at: Any, weight: Any = HALF) -> tuple[bool, ...]:
        self.asked += 1
        dead = view.ask(PARTY, party).deceased_at is not None
        return (dead, at >= LATER, weight < HALF)


@pytest.fixture
def world() -> World:
    return World.opened().party("L", "M", kind="person")


def test_nothing_is_found_twice_and_the_guard_is_the_same(world: World) -> None:
    rule, party = Rule(), world.id("pty", "L")
    first, second = View(world.log), View(world.log)
    assert first.answer(rule, party, START) == second.answer(rule, party, START)
    assert rule.asked == 1
    assert first.asked == second.asked == {PARTY.tag(party): world.log.state(PARTY, party)[1]}


def test_what_moved_is_asked_again(world: World) -> None:
    rule, party = Rule(), world.id("pty", "L")
    assert View(world.log).answer(rule, party, START)[0] is False
    death = DeclareDeath(party=party, evidence_sha256=sha("death"))
    world.log.say(death, by=world["registrar"])
    assert View(world.log).answer(rule, party, START)[0] is True
    assert rule.asked == 2


@pytest.mark.parametrize(
    ("first", "then", "asked"),
    [
        (START, LATER - timedelta(microseconds=1), 1),
        (START, LATER, 2),
        (LATER, LATER + timedelta(days=900), 1),
        (LATER, LATER - timedelta(microseconds=1), 2),
    ],
)
def test_an_answer_holds_between_the_instants_it_was_compared_with(
    world: World, first: datetime, then: datetime, asked: int
) -> None:
    rule, party = Rule(), world.id("pty", "L")
    View(world.log).answer(rule, party, first)
    assert View(world.log).answer(rule, party, then)[1] is (then >= LATER)
    assert rule.asked == asked


@pytest.mark.parametrize(("then", "asked"), [("1/3", 1), ("1/2", 2), ("2/3", 2)])
def test_other_weights_have_the_same_answer_until_one_is_reached(
    world: World, then: str, asked: int
) -> None:
    rule, party = Rule(), world.id("pty", "L")
    View(world.log).answer(rule, party, START, Fraction(1, 5))
    found = View(world.log).answer(rule, party, START, Fraction(then))
    assert found[2] is (Fraction(then) < HALF)
    assert rule.asked == asked


def test_a_question_or_a_rule_of_its_own_is_asked_itself(world: World) -> None:
    rule, other = Rule(), Rule()
    view = View(world.log)
    view.answer(rule, world.id("pty", "L"), START)
    view.answer(rule, world.id("pty", "M"), START)
    view.answer(other, world.id("pty", "L"), START)
    assert (rule.asked, other.asked) == (2, 1)


def test_what_a_rule_rests_on_that_asks_another_is_noted_for_it(world: World) -> None:
    inner, party = Rule(), world.id("pty", "L")

    def outer(view: View, question: str, at: Any) -> Any:
        return view.answer(inner, question, at)

    assert View(world.log).answer(outer, party, START) == (False, False, False)
    assert View(world.log).answer(outer, party, LATER)[1] is True
    death = DeclareDeath(party=party, evidence_sha256=sha("death"))
    world.log.say(death, by=world["registrar"])
    assert View(world.log).answer(outer, party, LATER)[0] is True
    assert inner.asked == 3


def test_a_rule_that_fails_leaves_nothing_behind(world: World) -> None:
    def fails(view: View, party: str, at: Any) -> bool:
        del view, party, at
        raise LookupError

    view = View(world.log)
    for _ in range(2):
        with pytest.raises(LookupError):
            view.answer(fails, "x", START)
    assert len(world.log.memo.kept) == 0
    assert view.history(world.id("pty", "L"), after=0, until=1) == []


def test_history_is_nothing_that_an_answer_may_rest_on(world: World) -> None:
    def curious(view: View, party: str, at: Any) -> object:
        del at
        return view.history(party, after=0, until=1)

    with pytest.raises(AssertionError, match="history"):
        View(world.log).answer(curious, world.id("pty", "L"), START)


def test_a_watched_value_notes_both_sides_and_takes_no_other_use() -> None:
    at = Watched(LATER)
    assert START <= at < LATER + timedelta(days=2)
    assert at >= LATER
    assert not at >= LATER + timedelta(days=1)
    assert (at.since, at.until) == (LATER, LATER + timedelta(days=1))
    for use in (
        lambda: at == LATER,
        lambda: hash(at),
        lambda: at <= LATER,  # type: ignore[operator]  # a closed interval: nobody has one
        lambda: at > LATER,  # type: ignore[operator]  # likewise
        lambda: at + timedelta(days=1),  # type: ignore[operator]  # an instant not compared
    ):
        with pytest.raises(TypeError):
            use()


@pytest.mark.parametrize("limit", [2, 9, 40])
def test_it_is_bounded_and_keeps_what_is_used(limit: int) -> None:
    kept = Kept(limit)
    answers = [Answered(number, (), ()) for number in range(200)]
    for number, found in enumerate(answers):
        kept.put((int, number), found)
        assert len(kept) <= limit + 1
        if limit > 2:
            assert number == 0 or kept.get((int, 0)) is answers[0]
        kept.put((int, 0), answers[0])
    assert kept.get((int, 1)) is None


def test_what_was_read_before_it_forgot_is_not_kept_after(world: World) -> None:
    memo: Memo = world.log.memo
    rule, party = Rule(), world.id("pty", "L")
    late = View(world.log)
    memo.forget()
    late.answer(rule, party, START)
    assert len(memo.kept) == 0
    View(world.log).answer(rule, party, START)
    assert rule.asked == 2


@pytest.mark.parametrize("how", ["clear", "begin", "feed"])
def test_a_cache_that_forgets_what_was_opened_forgets_what_followed(world: World, how: str) -> None:
    cache, party = FoldCache(), world.id("pty", "L")
    cache.put(PARTY.tag(party), *world.log.state(PARTY, party), bound=1)
    source = WarmSource(cache, lambda _key: False)
    rule = Rule()
    View(source).answer(rule, party, START)
    assert len(cache.memo.kept) == 1
    if how == "clear":
        cache.clear()
    elif how == "begin":
        cache.begin(5, START)
    else:
        erased = OpeningsErased(party=party, subjects=(party,))
        cache.feed(Recorded(5, START, party, erased), [])
    assert len(cache.memo.kept) == 0
