"""Two sets of tables differ in the rows that only one holds, and in those with another value."""

from collections.abc import Iterator

import pytest

from projections.comparing import differing, selected
from projections.database import Connection
from projections.runner import make_tables
from projections.sql import Statements, statements
from projections.standard import standard
from tests.kit.log import Log
from tests.kit.projected import LogFeed
from tests.support.places import Place, opened

ONE, OTHER = statements("royalties", 7), statements("royalties", 8)
SHARES_ONE, SHARES_OTHER = statements("permissions", 7), statements("permissions", 8)
SHARE = "'A', 'master', 'P', 'S', '1', '[]', NULL, NULL, 4, NULL"

NAMES = [one.NAME for one in standard(LogFeed(Log()))]


@pytest.fixture
def connection(tables_at: Place) -> Iterator[Connection]:
    """Give a transaction in which two sets of tables stand, all empty."""
    with opened(tables_at).write() as found:
        for one in (ONE, OTHER, SHARES_ONE, SHARES_OTHER):
            make_tables(found, one.schema)
        yield found
        for generation in (7, 8):
            for name, one in (("royalties", ONE), ("permissions", SHARES_ONE)):
                for table in one.tables:
                    found.create(f"DROP TABLE {name}_g{generation}_{table}")


def payee(connection: Connection, generation: int, values: str) -> None:
    connection.execute(f"INSERT INTO royalties_g{generation}_payees VALUES ({values})")  # noqa: S608 - ours


def share(connection: Connection, generation: int, values: str) -> None:
    connection.execute(f"INSERT INTO permissions_g{generation}_shares VALUES ({values})")  # noqa: S608 - ours


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        ([], [], {}),
        (["'P', 'EUR', 0, 'c', 1, NULL"], ["'P', 'EUR', 0, 'c', 1, NULL"], {}),
        (["'P', 'EUR', 0, 'c', 1, NULL"], ["'P', 'EUR', 1, 'c', 1, NULL"], {"payees": 1}),
        (["'P', 'EUR', 0, 'c', 1, NULL"], ["'P', 'EUR', 0, 'c', 1, 2"], {"payees": 1}),
        (["'P', 'EUR', 0, 'c', 1, 2"], ["'P', 'EUR', 0, 'c', 1, NULL"], {"payees": 1}),
        (["'P', 'EUR', 0, 'c', 1, 2"], [], {"payees": 1}),
        ([], ["'P', 'EUR', 0, 'c', 1, 2", "'P', 'EUR', 0, 'c', 2, 3"], {"payees": 2}),
        (["'P', 'EUR', 0, 'c', 1, 2"], ["'P', 'EUR', 0, 'c', 3, 2"], {"payees": 2}),
    ],
)
def test_rows_are_found_by_their_key(
    connection: Connection, one: list[str], other: list[str], different: dict[str, int]
) -> None:
    for values in one:
        payee(connection, 7, values)
    for values in other:
        payee(connection, 8, values)
    assert differing(connection, ONE, OTHER) == different
    assert differing(connection, OTHER, ONE) == different


def test_rows_without_a_key_are_compared_one_after_the_other(connection: Connection) -> None:
    """They may be there twice, and hold nothing where they are sorted by."""
    for generation in (7, 8):
        for _ in range(2):
            share(connection, generation, SHARE)
    assert differing(connection, SHARES_ONE, SHARES_OTHER) == {}
    share(connection, 8, SHARE)
    assert differing(connection, SHARES_ONE, SHARES_OTHER) == {"shares": 1}
    share(connection, 7, SHARE.replace("'1'", "'1/2'"))
    assert differing(connection, SHARES_ONE, SHARES_OTHER) == {"shares": 1}


@pytest.mark.parametrize("name", NAMES)
def test_each_digest_names_its_columns_and_has_the_key_among_them(
    tables_at: Place, name: str
) -> None:
    found: Statements = statements(name, 7)
    with opened(tables_at).write() as connection:
        make_tables(connection, found.schema)
        for table in found.tables:
            taken = selected(found[f"digest_{table}"])
            assert set(found.keys.get(table, ())) <= set(taken.columns), table
            listed = ", ".join(taken.columns)
            connection.rows(f"SELECT {listed} FROM ({taken.rows}) AS rows_of_it")  # noqa: S608 - ours
        for table in found.tables:
            connection.create(f"DROP TABLE {name}_g7_{table}")


def test_all_tables_but_two_have_a_key() -> None:
    keyless = {f"{name}_{table}" for name in NAMES for table in _keyless(statements(name))}
    assert keyless == {"permissions_shares", "provenance_concerned"}


def _keyless(found: Statements) -> set[str]:
    return set(found.tables) - found.keys.keys()
