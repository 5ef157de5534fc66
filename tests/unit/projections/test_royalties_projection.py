"""Royalties as people read them: balances, postings, statements, payouts, at any position."""

import pytest

from projections.errors import ProjectionBroken
from projections.royalties import queries
from projections.royalties.postings import postings_of
from projections.royalties.statement import statement_document
from schemas.events.royalties import RoyaltyAccrued
from schemas.money import Money
from tests.kit.money import Till
from tests.kit.projected import Projected
from tests.support.places import Place


def opened(tables_at: Place, *payees: str) -> tuple[Till, Projected]:
    till = Till.opened(*payees)
    return till, Projected(till.world.log, tables_at)


def test_an_accrual_is_posted_in_double_entry(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L", "Q")
    position = till.accrue({"L": 490_000, "Q": 420_000}, commission_micro=600_000).position
    tables.catch_up()
    rows = queries.postings_at(tables.readings, position).rows
    assert {row.account: row.amount_micro for row in rows} == {
        f"receivable:{till.party('Creator')}": -1_510_000,
        f"payable:{till.party('L')}": 490_000,
        f"payable:{till.party('Q')}": 420_000,
        "commission": 600_000,
    }


def test_what_nobody_claims_or_somebody_disputes_has_its_own_account(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L")
    till.accrue({"L": 6, "unclaimed": 3, "disputed": 1})
    tables.catch_up()
    standing = {
        row.account: row.balance_micro for row in queries.trial_balance(tables.readings).rows
    }
    assert (standing["unclaimed"], standing["disputed"]) == (3, 1)


def test_a_balance_says_what_is_pending_available_carried_in_flight_and_paid(
    tables_at: Place,
) -> None:
    till, tables = opened(tables_at, "L")
    till.accrue({"L": 507_001})
    till.close("jan", "L", "2026-01")
    till.accrue({"L": 30_000})
    till.ready("L")
    told = till.pay("p", "jan", "L").position
    settled = till.settle("p").position
    tables.catch_up()

    def at(position: int) -> tuple[int, ...]:
        row = queries.balances(tables.readings, till.party("L"), as_of=position).one
        assert row is not None
        return (
            row.owed_micro,
            row.pending_micro,
            row.available_micro,
            row.carry_micro,
            row.in_flight_micro,
            row.paid_micro,
        )

    assert at(told - 1) == (537_001, 30_000, 500_000, 7_001, 0, 0)
    assert at(told) == (37_001, 30_000, 0, 7_001, 500_000, 0)
    assert at(settled) == (37_001, 30_000, 0, 7_001, 0, 500_000)


def test_a_failed_and_a_returned_payout_are_available_again(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L")
    till.accrue({"L": 500_000})
    till.close("jan", "L", "2026-01")
    till.ready("L").pay("p", "jan", "L")
    till.fail("p")
    till.pay("q", "jan", "L")
    till.settle("q")
    till.bring_back("q")
    tables.catch_up()
    row = queries.balances(tables.readings, till.party("L")).one
    assert row is not None
    assert (row.available_micro, row.in_flight_micro, row.paid_micro) == (500_000, 0, 0)
    (hold,) = queries.holds(tables.readings, till.party("L")).rows
    assert (hold.reason, hold.officer) == ("bank_details", till.party("Ledger"))
    steps = [row.step for row in queries.payout(tables.readings, till.world.id("pay", "q")).rows]
    assert steps == ["instructed", "settled", "returned"]
    standing = {
        row.payout: row.step for row in queries.payouts(tables.readings, till.party("L")).rows
    }
    assert standing == {till.world.id("pay", "p"): "failed", till.world.id("pay", "q"): "returned"}


def test_what_the_bank_must_be_told_is_what_is_instructed(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L", "Q")
    till.accrue({"L": 500_000, "Q": 500_000})
    for payee in ("L", "Q"):
        till.close(payee, payee, "2026-01")
        till.ready(payee).pay(payee, payee, payee)
    till.settle("L")
    tables.catch_up()
    (row,) = queries.payouts_at_step(tables.readings, "instructed").rows
    assert (row.party, row.amount_micro) == (till.party("Q"), 500_000)


def test_the_standing_of_a_payee(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L")
    before = till.world.log.head()
    till.ready("L", "GBP", "2026-06-01T00:00:00Z")
    tables.catch_up()
    party = till.party("L")
    standing = queries.payee(tables.readings, party).one
    assert standing is not None
    assert (standing.currency, standing.screening, standing.holds) == ("GBP", "clear", ())
    earlier = queries.payee(tables.readings, party, as_of=before).one
    assert earlier is not None
    assert (earlier.currency, earlier.screening) == (None, None)


def test_a_statement_document_has_its_lines_and_their_hash(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L", "Q")
    first = till.accrue({"L": 490_000, "Q": 1}).position
    second = till.accrue({"L": 7_001}).position
    closed = till.close("jan", "L", "2026-01").event
    till.accrue({"L": 1_000_000})
    tables.catch_up()
    names = {till.party("L"): "Label", till.world.id("rec", "S1"): "Song One", "rec_x": "unused"}
    document = statement_document(tables.readings, closed.statement, names=names)
    assert document is not None
    data = document.data()
    assert [line["position"] for line in data["lines"]] == [first, second]
    assert (data["accrued"], data["payable"], data["carried_out"]) == (
        "0.497001",
        "0.49",
        "0.007001",
    )
    assert data["lines_sha256"] == closed.lines_sha256
    assert data["totals"]["by_side"] == {"master": "0.497001"}
    assert "rec_x" not in data["names"]
    text = document.text()
    assert "Label" in text
    assert "Song One" in text
    assert "0.497001" in text
    assert max(map(len, text.splitlines())) <= 78


def test_a_statement_that_was_not_closed_yet_has_no_document(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L")
    position = till.accrue({"L": 500_000}).position
    closed = till.close("jan", "L", "2026-01").event
    tables.catch_up()
    assert statement_document(tables.readings, closed.statement, as_of=position) is None
    assert queries.statements(tables.readings, till.party("L"), as_of=position).rows == ()
    (row,) = queries.statements(tables.readings, till.party("L")).rows
    assert (row.number, row.payable_micro) == (1, 500_000)


def test_lines_that_are_not_those_that_were_closed_are_noticed(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L")
    till.accrue({"L": 500_000})
    closed = till.close("jan", "L", "2026-01").event
    tables.catch_up()
    with tables.database.write() as connection:
        connection.execute("UPDATE royalties_postings SET side = 'publishing'")
    with pytest.raises(ProjectionBroken, match="not those that were closed"):
        statement_document(tables.readings, closed.statement)


def test_valid_at_leaves_out_what_came_later(tables_at: Place) -> None:
    till, tables = opened(tables_at, "L")
    till.accrue({"L": 1})
    noon = till.world.log.at("2026-01-02T12:00:00Z").now
    till.world.log.at("2026-01-03T00:00:00Z")
    till.accrue({"L": 2})
    tables.catch_up()
    row = queries.balances(tables.readings, till.party("L"), valid_at=noon).one
    assert row is not None
    assert row.owed_micro == 1


def test_unbalanced_postings_stop_the_projection() -> None:
    till = Till.opened("L")
    recorded = till.accrue({"L": 500_000})
    event = recorded.event
    assert isinstance(event, RoyaltyAccrued)
    wrong = event.model_copy(update={"commission": Money.accrued(1, "EUR")})
    with pytest.raises(ProjectionBroken, match="unbalanced"):
        postings_of(type(recorded)(recorded.position, recorded.time, recorded.actor, wrong))
