"""The quick way from an accrual to the lines of its rows is the way by its postings."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.replayed import Replayed
from ledger.rights.view import Recorded
from ledger.storage.records import StoredEntry
from projections.base import Added, Grown
from projections.errors import ProjectionBroken
from projections.lines import values_in, written
from projections.royalties.booking import added_up, book, by_accrual, by_postings
from projections.royalties.postings import postings_of
from schemas.commitments import Opening, commit
from schemas.envelope.entry import sign_entry
from schemas.envelope.keys import SigningKey
from schemas.events.royalties import RoyaltyAccrued
from schemas.ids import new_id
from schemas.model import Commitment
from schemas.money import Money, format_amount
from schemas.refusals import Malformed
from schemas.terms import Controller, Leg, Touched

PARTIES = (*(new_id("pty") for _ in range(2)), "unclaimed", "disputed")
PAYERS: tuple[str | Commitment, ...] = (PARTIES[0], Commitment(commit="c" * 43))
SONG, WORK = new_id("rec"), new_id("wrk")
GENERATION, OUTPUT = new_id("gen"), new_id("out")
COMMAND, EVENT = new_id("cmd"), new_id("evt")
KEY, ORIGIN = SigningKey.generate(new_id("key")), "ledger.example/2026"

TOUCHED = (
    (),
    (Touched(recording=SONG, works=(), controllers=()),),
    (
        Touched(
            recording=SONG,
            works=(WORK, WORK),
            controllers=(
                Controller(side="master", asset=SONG, party=PARTIES[0]),
                Controller(side="publishing", asset=WORK, party=PARTIES[1]),
            ),
            performers=PARTIES[:2],
        ),
    )
    * 2,
)

amounts = st.one_of(st.integers(0, 3_000_000), st.integers(0, 2**60)).flatmap(
    lambda micro: st.sampled_from(sorted({format_amount(micro), shortest(micro)}))
)


def shortest(micro: int) -> str:
    return format_amount(micro).rstrip("0").removesuffix(".")


@st.composite
def accruals(draw: st.DrawFn) -> RoyaltyAccrued:
    """As a rule balanced and in one currency, as all that are recorded."""
    currencies = st.sampled_from(("EUR", "EUR", "EUR", "EUR", "JPY"))
    legs = tuple(
        Leg(
            recording=SONG,
            side=draw(st.sampled_from(("master", "publishing"))),
            asset=SONG,
            party=draw(st.sampled_from(PARTIES)),
            amount=Money(amount=draw(amounts), currency=draw(currencies)),
        )
        for _ in range(draw(st.integers(0, 4)))
    )
    commission = Money(amount=draw(amounts), currency=draw(currencies))
    whole = sum(leg.amount.micro() for leg in legs) + commission.micro()
    return RoyaltyAccrued(
        generation=GENERATION,
        output=OUTPUT,
        payer=draw(st.sampled_from(PAYERS)),
        fee=Money.accrued(whole + draw(st.sampled_from((0, 0, 0, 1))), "EUR"),
        pool=commission,
        commission=commission,
        legs=legs,
        vector_sha256="0" * 64,
        touched=draw(st.sampled_from(TOUCHED)),
    )


def entry(event: RoyaltyAccrued, time_us: int, payer: str | None) -> Replayed:
    """Sign an entry as the ledger does; a payer is committed to, and its opening lies beside."""
    data = event.data()
    openings = []
    if payer is not None:
        openings = [Opening("/data/payer", bytes(16), payer)]
        data["payer"] = commit(payer, bytes(16))
    payload = {
        "actor": PARTIES[0],
        "command": COMMAND,
        "correlation": None,
        "data": data,
        "id": EVENT,
        "index": 0,
        "ledger": ORIGIN,
        "of": 1,
        "recorded_at": "2026-01-01T00:00:00.000000Z",
        "rules": 1,
        "statement_sha256": "0" * 64,
        "type": event.TOPIC,
        "version": event.VERSION,
    }
    raw = sign_entry(payload, KEY, ledger=ORIGIN)
    return Replayed(StoredEntry(7, event.TOPIC, raw, (), EVENT, time_us), openings)


def outcome(work: Callable[[Recorded], Any], recorded: Recorded) -> Any:
    try:
        return work(recorded)
    except (ProjectionBroken, Malformed) as error:
        return str(error)


def booked(recorded: Recorded) -> Any:
    lines: list[str] = []
    moved = {}
    for step in book([recorded]):
        if isinstance(step, Added):
            lines += step.lines
        elif isinstance(step, Grown):
            moved = {where: amount_micro for where, _, amount_micro in step.rows}
    return lines, moved


payers = st.sampled_from((None, PARTIES[0], PARTIES[1], "nobody"))


@given(accruals(), st.integers(0, 4 * 10**15), payers)
def test_the_quick_way_is_the_way_by_postings(
    event: RoyaltyAccrued, time_us: int, payer: str | None
) -> None:
    recorded = entry(event, time_us, payer)
    assert outcome(booked, recorded) == outcome(by_postings, recorded)


@given(accruals())
def test_accruals_that_balance_in_one_currency_are_taken_the_quick_way(
    event: RoyaltyAccrued,
) -> None:
    currencies = {event.fee.currency, event.commission.currency}
    currencies |= {leg.amount.currency for leg in event.legs}
    whole = sum(leg.amount.micro() for leg in event.legs) + event.commission.micro()
    quick = by_accrual(entry(event, 0, PARTIES[1]), event) is not None
    assert quick == (len(currencies) == 1 and whole == event.fee.micro())


@given(st.lists(accruals(), min_size=1, max_size=3))
def test_a_run_is_booked_as_its_events_one_by_one(events: list[RoyaltyAccrued]) -> None:
    run = [entry(event, 0, None) for event in events]
    try:
        single = [book([recorded]) for recorded in run]
    except ProjectionBroken as error:
        with pytest.raises(ProjectionBroken, match=re.escape(str(error))):
            book(run)
        return
    for found, *each in zip(book(run), *single, strict=True):
        rows = [one.lines if isinstance(one, Added) else one.rows for one in (found, *each)]
        assert rows[0] == list(chain.from_iterable(rows[1:]))


@given(accruals())
def test_the_lines_say_what_the_postings_say(event: RoyaltyAccrued) -> None:
    recorded = Recorded(7, datetime(2026, 2, 3, tzinfo=UTC), PARTIES[0], event)
    replayed = entry(event, 1770076800000000, None)
    try:
        postings = postings_of(recorded)
    except ProjectionBroken:
        return
    when = ["1770076800000000", "2026-02"]
    said = [[None if one is None else str(one) for one in posting] for posting in postings]
    wanted = [["7", str(number), *when, *rest] for number, rest in enumerate(said)]
    assert [values_in(line) for line in booked(recorded)[0]] == wanted
    assert booked(replayed)[0] == booked(recorded)[0]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-9, 9)), max_size=20))
def test_balances_are_sums_of_what_moved(moves: list[tuple[str, int]]) -> None:
    rows = [(f"{who}\tEUR", position, micro) for position, (who, micro) in enumerate(moves)]
    known: dict[Any, Any] = {"a\tEUR": (100,), "b\tEUR": None}
    stands = {"a": 100, "b": 0, "c": 0}
    for line, (who, micro) in zip(added_up(known, rows), moves, strict=True):
        stands[who] += micro
        assert values_in(line)[3:] == [str(micro), str(stands[who])]


@given(st.lists(st.one_of(st.none(), st.text(), st.integers(-(2**63), 2**63 - 1)), min_size=1))
@example(["\\N", "a\tb\\", "\n\r\b\f\v"])
def test_a_line_is_read_as_it_was_written(values: list[Any]) -> None:
    line = "\t".join(map(written, values))
    assert "\n" not in line
    assert values_in(line) == [None if one is None else str(one) for one in values]
