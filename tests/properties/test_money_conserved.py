"""Nothing is lost or made: under any interleaving of accruals, closings, payouts and answers."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rights.payees_states import MONEY as PURSES
from ledger.rights.royalties_lines import lines_of, lines_sha256
from projections.errors import HistoryUnavailable
from projections.royalties.queries import balances, statement_lines, statements, trial_balance
from schemas.events.royalties import PayoutInstructed, RoyaltyAccrued, RoyaltyStatementClosed
from schemas.money import minor_micro
from tests.kit.projected import Projected
from tests.kit.random_logs import MONEY, played, steps
from tests.kit.random_world import PARTIES, Step
from tests.support.places import ENGINES, empty_place

ROOT = Path(__file__).resolve().parents[2]

PATH_OF_MONEY = (
    "schemas/money.py",
    "schemas/fractions.py",
    "ledger/rights/allotment.py",
    "ledger/rights/generations_money.py",
    "ledger/rights/generations_upgrades.py",
    "ledger/rights/pricing.py",
    "ledger/rights/quotes.py",
    "ledger/rights/payees.py",
    "ledger/rights/payees_states.py",
    "ledger/rights/royalties.py",
    "ledger/rights/royalties_lines.py",
    "ledger/rights/royalties_payouts.py",
    "ledger/rights/royalties_states.py",
    "projections/royalties/postings.py",
    "projections/royalties/projection.py",
    "projections/royalties/queries.py",
    "projections/royalties/records.py",
    "projections/royalties/rules.py",
    "projections/royalties/statement.py",
    "service/payouts/desk.py",
    "service/payouts/files.py",
    "service/payouts/pain.py",
    "service/payouts/provider.py",
)
"""Every module through which an amount passes."""


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=30)
@given(steps(*MONEY, most=60))
def test_what_accrued_is_owed_under_way_paid_or_held(engine: str, taken: list[Step]) -> None:
    """For each payee and currency: accrued = owed + in flight + paid, and each part adds up."""
    world = played(taken)
    till, log = world.till, world.till.world.log
    accrued: dict[tuple[str, str], int] = defaultdict(int)
    for row in log.recorded:
        if isinstance(row.event, RoyaltyAccrued):
            for leg in row.event.legs:
                accrued[leg.party, leg.amount.currency] += leg.amount.micro()
    with empty_place(engine) as place:
        tables = Projected(log, place, only=["royalties"]).catch_up()
        for party in map(till.party, PARTIES):
            payee = log.ask(PURSES, party)
            for held in balances(tables.readings, party).rows:
                total = held.owed_micro + held.in_flight_micro + held.paid_micro
                assert total == accrued[party, held.currency]
                parts = (held.pending_micro, held.available_micro, held.carry_micro)
                assert min(*parts, held.in_flight_micro, held.paid_micro) >= 0
                assert sum(parts) == held.owed_micro
                purse, unit = payee.purse(held.currency), minor_micro(held.currency)
                assert purse.payable_minor * unit == held.available_micro
                assert purse.carry_micro == held.carry_micro < unit
                assert bool(purse.in_flight) == bool(held.in_flight_micro)
        _trial_balance_is_zero(tables)


def _trial_balance_is_zero(tables: Projected) -> None:
    """At every position of the log: the book sums to zero in each currency."""
    for position in range(1, tables.log.head() + 1):
        sums: dict[str, int] = defaultdict(int)
        for row in trial_balance(tables.readings, as_of=position).rows:
            sums[row.currency] += row.balance_micro
        assert not any(sums.values())


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=30)
@given(steps(*MONEY, most=60))
def test_every_leg_is_in_at_most_one_statement_and_every_statement_proves_its_lines(
    engine: str,
    taken: list[Step],
) -> None:
    world = played(taken)
    log = world.till.world.log
    seen: set[tuple[str, str, int, str]] = set()
    with empty_place(engine) as place:
        tables = Projected(log, place, only=["royalties"]).catch_up()
        for party in map(world.till.party, PARTIES):
            for closed in statements(tables.readings, party).rows:
                lines = statement_lines(tables.readings, closed.statement).rows
                legs = {(party, line.currency, line.position, closed.month) for line in lines}
                assert not legs & seen
                seen |= legs
                assert sum(line.amount_micro for line in lines) == closed.accrued_micro
                put_in = closed.accrued_micro + closed.carried_in_micro
                assert put_in == closed.payable_micro + closed.carried_out_micro


@settings(max_examples=50)
@given(steps(*MONEY, most=60))
def test_numbers_count_and_a_closing_can_be_decided_again(taken: list[Step]) -> None:
    """Statements of a month are numbered 1, 2, 3; their lines follow from the log alone."""
    log = played(taken).till.world.log
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    for row in log.recorded:
        event = row.event
        if isinstance(event, RoyaltyStatementClosed):
            numbers[event.party, event.month] += 1
            assert event.number == numbers[event.party, event.month]
            history = log.history(event.party, after=event.from_position - 1, until=event.through)
            lines = lines_of(history, party=event.party, month=event.month)
            chosen = [line for line in lines if line.currency == event.payable.currency]
            assert lines_sha256(chosen) == event.lines_sha256


@settings(max_examples=50)
@given(steps(*MONEY, most=60))
def test_no_two_payouts_share_a_key_and_one_is_under_way_at_a_time(taken: list[Step]) -> None:
    log = played(taken).till.world.log
    keys = [
        row.event.idempotency_key for row in log.recorded if isinstance(row.event, PayoutInstructed)
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=20)
@given(steps(*MONEY), st.integers(-3, 0))
def test_nothing_is_known_before_the_log(engine: str, taken: list[Step], position: int) -> None:
    world = played(taken)
    with empty_place(engine) as place:
        tables = Projected(world.till.world.log, place, only=["royalties"]).catch_up()
        with pytest.raises(HistoryUnavailable):
            trial_balance(tables.readings, as_of=position)


@pytest.mark.parametrize("path", PATH_OF_MONEY)
def test_no_float_is_in_the_path_of_money(path: str) -> None:
    """No float literal, no `float`, no true division, no `round`: one is enough to lose a cent.

    `/` between fractions is exact and allowed where the module works with `Fraction`; between paths
    in the file provider.
    """
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    divides = {"schemas/fractions.py", "ledger/rights/allotment.py", "ledger/rights/pricing.py"}
    divides |= {"ledger/rights/generations_money.py", "service/payouts/files.py"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), ast.unparse(node)
        if isinstance(node, ast.Name):
            assert node.id not in {"float", "round", "Decimal"}, f"line {node.lineno}"
        if isinstance(node, ast.BinOp | ast.AugAssign) and path not in divides:
            assert not isinstance(node.op, ast.Div), f"line {node.lineno}"
