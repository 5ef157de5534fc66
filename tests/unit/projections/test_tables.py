"""What a batch writes together is what its changes, one after the other, would have made."""

import sqlite3
import time
from collections.abc import Iterator
from itertools import count

import pytest

from projections.base import Added, Change, Grown
from projections.database import Connection, Database
from projections.errors import ProjectionBroken
from projections.lines import written
from projections.memory import Memory
from projections.royalties.booking import added_up
from projections.runner import make_tables
from projections.sql import statements
from projections.tables import Tables
from tests.support.places import Place, opened

ROYALTIES = statements("royalties", 7)
STEPS = (
    "SELECT step, from_position, until_position FROM royalties_g7_payouts ORDER BY from_position"
)
MANY = 20  # beyond what is written row by row


@pytest.fixture
def connection(tables_at: Place) -> Iterator[Connection]:
    with opened(tables_at).write() as found:
        make_tables(found, ROYALTIES.schema)
        yield found
        for table in ROYALTIES.tables:
            found.create(f"DROP TABLE royalties_g7_{table}")


@pytest.fixture
def database(tables_at: Place) -> Iterator[Database]:
    """Give a database in which the tables stand."""
    found = opened(tables_at)
    with found.write() as connection:
        make_tables(connection, ROYALTIES.schema)
    yield found
    with found.write() as connection:
        for table in ROYALTIES.tables:
            connection.create(f"DROP TABLE royalties_g7_{table}")


def step(payout: str, name: str, position: int) -> list[Change]:
    values = dict.fromkeys(("statement", "party", "month", "currency"), "x")
    more = {"amount_micro": 1, "idempotency_key": None, "reason": None, "time_us": position}
    row = {"payout": payout, "step": name, "position": position, **values, **more}
    return [
        Change("close_payout", {"payout": payout, "position": position}),
        Change("open_payout", row),
    ]


def balance(account: str, amount_micro: int, position: int) -> Grown:
    moved = (f"{account}\tEUR", position, amount_micro)
    return Grown("newest_balances", "add_balance", added_up, [moved])


def test_rows_that_begin_and_end_within_a_batch(connection: Connection) -> None:
    tables = Tables(connection, ROYALTIES)
    tables.apply(step("a", "instructed", 3))
    tables.write()
    tables.apply(step("a", "failed", 5))
    tables.apply(step("b", "instructed", 6))
    tables.apply(step("a", "instructed", 7))
    tables.apply(step("a", "settled", 9))
    tables.write()
    found = [tuple(row.values()) for row in connection.rows(STEPS)]
    assert found == [
        ("instructed", 3, 5),
        ("failed", 5, 7),
        ("instructed", 6, None),
        ("instructed", 7, 9),
        ("settled", 9, None),
    ]


def test_a_reading_sees_what_was_changed_before_it(connection: Connection) -> None:
    tables = Tables(connection, ROYALTIES)
    tables.apply(step("a", "instructed", 3))
    assert len(tables.rows("payout", payout="a", valid_position=9)) == 1
    tables.apply(step("a", "settled", 4))
    assert len(tables.rows("payout", payout="a", valid_position=9)) == 2


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_balances_follow_from_one_another_whatever_is_remembered(
    connection: Connection, limit: int
) -> None:
    memory, positions = Memory(limit=limit), count(1)
    for _ in range(3):
        tables = Tables(connection, ROYALTIES, memory)
        for number in range(MANY):
            tables.apply([balance(f"account {number % 4}", number, next(positions))])
        tables.write()
        memory.trim()
    for account in range(4):
        whole = 3 * sum(number for number in range(MANY) if number % 4 == account)
        values = {"account": f"account {account}", "currency": "EUR", "valid_position": 10**9}
        (row,) = connection.rows(ROYALTIES["balance_of"], values)
        assert row["balance_after_micro"] == whole


def test_what_is_not_remembered_is_looked_up(connection: Connection) -> None:
    first = Tables(connection, ROYALTIES)
    first.apply([balance("a", 5, 1)])
    first.write()
    other = Tables(connection, ROYALTIES)
    other.apply([balance("a", 7, 2), balance("b", 1, 3), balance("a", 1, 4)])
    other.write()
    values = {"account": "a", "currency": "EUR", "valid_position": 9}
    assert connection.rows(ROYALTIES["balance_of"], values)[0]["balance_after_micro"] == 13


def test_lines_hold_what_a_line_must_escape_and_no_row_adds_none(connection: Connection) -> None:
    account = "a\tb\\N\n"
    tables = Tables(connection, ROYALTIES)
    line = "\t".join(map(written, (account, "EUR", 3, -5, 7)))
    tables.apply([Added("add_balance", [line]), Added("add_posting", [])])
    tables.write()
    values = {"account": account, "currency": "EUR", "valid_position": 9}
    assert dict(connection.rows(ROYALTIES["balance_of"], values)[0]) == {
        "account": account,
        "currency": "EUR",
        "position": 3,
        "balance_after_micro": 7,
    }


@pytest.mark.parametrize("line", ["a\tEUR\t1\t1", "a\tEUR\t1\t1\t1\t1"])
def test_a_line_that_is_no_row_is_refused(tables_at: Place, line: str) -> None:
    def add() -> None:
        with opened(tables_at).write() as connection:
            make_tables(connection, ROYALTIES.schema)
            connection.add(ROYALTIES.inserts["add_balance"], [line])

    with pytest.raises((ProjectionBroken, sqlite3.Error)):
        add()


def test_lines_come_as_they_are_however_many(connection: Connection) -> None:
    values = [(f"a{number:05}", "EUR", number, -number, 7) for number in range(3_000)]
    lines = ["\t".join(map(written, row)) for row in values]
    connection.add(ROYALTIES.inserts["add_balance"], lines)
    found = b"".join(connection.lines(ROYALTIES["digest_balances"])).decode()
    assert found == "".join("\t".join(map(written, row)) + "\n" for row in values)
    assert list(connection.lines(ROYALTIES["digest_holds"])) == []
    assert len(connection.rows(ROYALTIES["balances"], {"valid_position": 9})) == 10


def test_lines_on_their_way_are_waited_for_by_whatever_is_asked(connection: Connection) -> None:
    into = ROYALTIES.inserts["add_balance"]
    for number in range(3):
        rows = [(f"a{number}", "EUR", position, 1, 1) for position in range(5_000)]
        connection.add(into, ["\t".join(map(written, row)) for row in rows])
    found = connection.rows("SELECT count(*) AS number FROM royalties_g7_balances")
    assert found[0]["number"] == 15_000
    assert connection.is_free()


def test_the_server_takes_lines_in_without_being_waited_for(connection: Connection) -> None:
    rows = [("a", "EUR", position, 1, 1) for position in range(50_000)]
    lines = ["\t".join(map(written, row)) for row in rows]
    connection.add(ROYALTIES.inserts["add_balance"], lines)
    until = time.monotonic() + 60
    while not connection.is_free():
        assert time.monotonic() < until
    assert len(connection.rows("SELECT 1 FROM royalties_g7_balances")) == len(rows)


@pytest.mark.parametrize("ask", ["commit", "rows", "add", "is_free"])
def test_what_is_wrong_with_lines_on_their_way_is_said_next_and_nothing_is_kept(
    database: Database, ask: str
) -> None:
    into = ROYALTIES.inserts["add_balance"]
    good, twice = "a\tEUR\t1\t1\t1", ["b\tEUR\t1\t1\t1"] * 2

    def write() -> None:
        with database.write() as connection:
            connection.add(into, [good])
            connection.add(into, twice)
            if ask == "rows":
                connection.rows("SELECT 1")
            elif ask == "add":
                connection.add(into, [good])
            while ask == "is_free" and not connection.is_free():
                pass

    with pytest.raises((ProjectionBroken, sqlite3.Error), match=r"balances"):
        write()
    with database.write() as connection:
        assert connection.rows("SELECT 1 FROM royalties_g7_balances") == []
        connection.add(into, [good])
    with database.read() as connection:
        assert len(connection.rows("SELECT 1 FROM royalties_g7_balances")) == 1


def test_a_fault_while_lines_are_on_their_way_keeps_none_of_them(database: Database) -> None:
    into = ROYALTIES.inserts["add_balance"]

    def write() -> None:
        with database.write() as connection:
            rows = [("a", "EUR", position, 1, 1) for position in range(20_000)]
            connection.add(into, ["\t".join(map(written, row)) for row in rows])
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        write()
    with database.read() as connection:
        assert connection.rows("SELECT 1 FROM royalties_g7_balances") == []


def test_an_error_amid_lines_is_an_error(tables_at: Place) -> None:
    if not isinstance(tables_at, str):
        return  # a file's rows are read one by one
    database = opened(tables_at)
    broken = "SELECT 1 / (30000 - g) FROM generate_series(1, 40000) AS g"
    with pytest.raises(ProjectionBroken, match="division by zero"), database.read() as connection:
        list(connection.lines(broken))
    with database.read() as connection:
        assert b"".join(connection.lines("SELECT 1")) == b"1\n"
