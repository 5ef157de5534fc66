"""Closing royalty statements: what is in which statement, and where the fractions of a cent go."""

from ledger.rights.payees_states import MONEY
from ledger.rights.royalties_lines import lines_of, lines_sha256
from ledger.rights.royalties_states import PERIOD, period_key
from tests.kit.money import Till


def test_a_statement_sums_what_accrued_in_its_month_and_floors_it_to_cents() -> None:
    till = Till.opened("L", "Q")
    till.accrue({"L": 490_000, "Q": 420_000}, commission_micro=600_000)
    till.accrue({"L": 7_001})
    closed = till.close("one", "L", "2026-01").event
    assert closed.accrued.amount == "0.497001"
    assert (closed.payable.amount, closed.carried_out.amount) == ("0.49", "0.007001")
    assert (closed.number, closed.line_count) == (1, 2)
    purse = till.world.log.ask(MONEY, till.party("L")).purse("EUR")
    assert (purse.payable_minor, purse.carry_micro) == (49, 7_001)


def test_the_carry_of_one_statement_goes_into_the_next() -> None:
    till = Till.opened("P1")
    till.accrue({"P1": 539_000})
    till.close("jan", "P1", "2026-01")
    till.world.log.at("2026-02-10T00:00:00Z")
    till.accrue({"P1": 1_500})
    closed = till.close("feb", "P1", "2026-02").event
    assert closed.carried_in.amount == "0.009000"
    assert (closed.payable.amount, closed.carried_out.amount) == ("0.01", "0.000500")


def test_a_late_accrual_belongs_to_the_next_number_of_its_month() -> None:
    till = Till.opened("L")
    till.accrue({"L": 10_000})
    first = till.close("one", "L", "2026-01").event
    late = till.accrue({"L": 20_000})
    second = till.close("two", "L", "2026-01").event
    assert (first.number, second.number) == (1, 2)
    assert second.from_position == first.through + 1 <= late.position
    assert second.accrued.amount == "0.020000"


def test_what_accrued_after_through_waits() -> None:
    till = Till.opened("L")
    until = till.accrue({"L": 10_000}).position
    till.accrue({"L": 20_000})
    assert till.close("one", "L", "2026-01", through=until).event.accrued.amount == "0.010000"
    assert till.close("two", "L", "2026-01").event.accrued.amount == "0.020000"


def test_a_month_ends_at_midnight_utc() -> None:
    till = Till.opened("L")
    till.world.log.at("2026-01-31T23:59:59.999999Z")
    till.accrue({"L": 10_000})
    till.world.log.at("2026-02-01T00:00:00Z")
    till.accrue({"L": 20_000})
    assert till.close("jan", "L", "2026-01").event.accrued.amount == "0.010000"
    assert till.close("feb", "L", "2026-02").event.accrued.amount == "0.020000"


def test_months_may_be_closed_in_any_order_and_nothing_is_counted_twice() -> None:
    till = Till.opened("L")
    till.accrue({"L": 10_000})
    till.world.log.at("2026-02-02T00:00:00Z")
    till.accrue({"L": 20_000})
    till.world.log.at("2026-03-01T00:00:00Z")
    closed = [till.close(month, "L", month).event for month in ("2026-02", "2026-01")]
    assert [row.accrued.amount for row in closed] == ["0.020000", "0.010000"]


def test_a_closing_does_not_read_what_an_earlier_month_has_settled() -> None:
    till = Till.opened("L")
    till.accrue({"L": 10_000})
    through = till.close("jan", "L", "2026-01").event.through
    till.world.log.at("2026-02-02T00:00:00Z")
    till.accrue({"L": 20_000})
    assert till.close("feb", "L", "2026-02").event.from_position == through + 1


def test_a_month_without_accruals_can_be_closed_once() -> None:
    till = Till.opened("L")
    closed = till.close("one", "L", "2026-01").event
    assert (closed.line_count, closed.payable.amount) == (0, "0.00")
    till.world.log.refuses(
        "period_closed", till.closing("two", "L", "2026-01"), by=till.world["F1 pays"]
    )


def test_a_closed_month_is_not_closed_again() -> None:
    till = Till.opened("L")
    till.accrue({"L": 10_000})
    till.close("one", "L", "2026-01")
    by = till.world["F1 pays"]
    till.world.log.refuses("period_closed", till.closing("two", "L", "2026-01"), by=by)
    till.world.log.refuses("id_reused", till.closing("one", "L", "2026-01"), by=by)


def test_what_cannot_be_closed_is_said() -> None:
    till = Till.opened("L")
    head, by = till.world.log.head(), till.world["F1 pays"]
    refuses = till.world.log.refuses
    refuses("unknown_id", till.closing("one", "Nobody", "2026-01"), by=by)
    refuses("value_unknown", till.closing("one", "L", "2026-02"), by=by)
    refuses("number_invalid", till.closing("one", "L", "2026-01", head + 1), by=by)
    refuses("not_controller", till.closing("one", "L", "2026-01"), by=till.world["L"])


def test_each_currency_has_its_own_statement_and_carry() -> None:
    till = Till.opened("L")
    till.accrue({"L": 10_500})
    till.accrue({"L": 3_000_000}, currency="JPY")
    first = till.close("one", "L", "2026-01").event
    second = till.close("two", "L", "2026-01").event
    assert (first.payable.amount, first.payable.currency) == ("0.01", "EUR")
    assert (second.payable.amount, second.payable.currency) == ("3", "JPY")
    assert second.carried_in.amount == "0.000000"
    by = till.world["F1 pays"]
    till.world.log.refuses("period_closed", till.closing("three", "L", "2026-01"), by=by)


def test_lines_follow_from_the_log_and_give_the_hash_that_was_closed() -> None:
    till = Till.opened("L", "Q")
    till.accrue({"Q": 1, "L": 2})
    till.accrue({"L": 3, "unclaimed": 4})
    closed = till.close("one", "L", "2026-01").event
    log = till.world.log
    history = log.history(till.party("L"), after=closed.from_position - 1, until=closed.through)
    lines = lines_of(history, party=till.party("L"), month="2026-01")
    assert [line.amount_micro for line in lines] == [2, 3]
    assert lines_sha256(lines) == closed.lines_sha256


def test_an_accrual_moves_no_scope_of_the_payee() -> None:
    till = Till.opened("L")
    tags = till.accrue({"L": 10_000}).event.tags()
    assert f"about:{till.party('L')}" in tags
    assert not any(tag.startswith(("money:", "period:")) for tag in tags)


def test_a_closing_is_guarded_by_the_month_and_the_payee() -> None:
    till = Till.opened("L")
    asked = till.close("one", "L", "2026-01").asked
    assert {f"money:{till.party('L')}", f"period:{till.party('L')}/2026-01"} <= set(asked)
    assert till.world.log.ask(PERIOD, period_key(till.party("L"), "2026-01")).number == 1
