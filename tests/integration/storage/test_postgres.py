"""What is particular to PostgreSQL: its connections, its errors, and which indexes it uses."""

import re
import traceback
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

import psycopg
import pytest
from psycopg import pq

from ledger.storage.errors import Busy, Damaged, SettingInvalid, StorageFull
from ledger.storage.opening import LogReading, Storage
from ledger.storage.postgres import arrays
from ledger.storage.postgres import connection as connections
from ledger.storage.postgres.connection import conninfo, meaning
from ledger.storage.postgres.pool import SNAPSHOTS_MAX, Pool
from ledger.storage.postgres.queries import QUERIES, STEPS
from ledger.storage.postgres.reader import PostgresReader
from ledger.storage.postgres.transaction import PostgresTransaction
from tests.support.postgres_behind import change, end_connections
from tests.support.postgres_server import drop_database, fresh_database
from tests.support.storage_world import MASTER_KEY, START, LogWorld, check_answer, postgres

NOT_EXPLAINED = {"begin", "commit", "rollback", "snapshot", "listen", "migrations_begin"}
"""Statements that have no plan."""


class TestConnections:
    def test_one_that_was_lost_is_replaced_for_readers_and_the_writer(
        self, server_log: Storage, server_world: LogWorld
    ) -> None:
        first = server_world.command("a")
        server_log.submit(first).result(60)
        for _ in range(3):
            with server_log.snapshot() as reader:
                assert reader.bound == 1
            end_connections(server_world.url)
        with server_log.snapshot() as reader:
            assert reader.bound == 1
        second = server_world.command("b")
        with pytest.raises(Busy, match="lost"):
            server_log.submit(second).result(60)
        check_answer(server_log.submit(second).result(60), second.events)

    def test_a_reader_whose_connection_is_lost_may_ask_again(
        self, server_log: Storage, server_world: LogWorld
    ) -> None:
        with server_log.snapshot() as reader:
            end_connections(server_world.url)
            with pytest.raises(Busy, match="lost"):
                reader.entry(1)
        with server_log.snapshot() as reader:
            assert reader.entry(1) is None

    def test_a_reading_connection_cannot_write(self, server_log: Storage) -> None:
        refused = pytest.raises(psycopg.errors.ReadOnlySqlTransaction)
        with server_log.store.snapshot() as reader, refused:
            assert isinstance(reader, PostgresReader)
            assert reader._connection is not None
            reader._connection.execute("DELETE FROM ledger.scopes")

    def test_what_a_reader_has_had_prepared_stays_for_the_next(self, server_log: Storage) -> None:
        pool = Pool(postgres(server_log).url)
        held = []
        for _ in range(3):
            with pool.snapshot() as (connection, _):
                connection.execute(QUERIES["log_end"])
                query = "SELECT pg_backend_pid(), name FROM pg_prepared_statements"
                held.append(sorted(connection.execute(query)))
        pool.close()
        assert held[0]
        assert held[1] == held[2] == held[0]

    def test_as_many_snapshots_as_there_are_connections_and_they_are_given_back(
        self, server_log: Storage
    ) -> None:
        for _ in range(2):
            opened = [server_log.store.snapshot() for _ in range(SNAPSHOTS_MAX)]
            assert [one.__enter__().bound for one in opened] == [0] * SNAPSHOTS_MAX
            for one in opened:
                one.__exit__(None, None, None)

    def test_who_holds_the_lock_too_long_keeps_nobody_waiting_for_ever(
        self, server_log: Storage, server_world: LogWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        short = {**connections._OPTIONS, "lock_timeout": "50ms"}
        monkeypatch.setattr(connections, "_OPTIONS", short)
        with server_world.open() as other, server_log.store.transaction():
            future = other.submit(server_world.command("a"))
            with pytest.raises(Busy, match="lock timeout"):
                future.result(60)

    def test_who_holds_the_lock_and_stands_still_loses_it(
        self, server_log: Storage, server_world: LogWorld
    ) -> None:
        with server_world.open() as other:
            one = server_world.command("a")
            # Here alone: a machine may stand still for as long while somebody opens.
            writing = postgres(other)._connection()
            asked = "SHOW idle_in_transaction_session_timeout"
            assert writing.execute(asked).fetchone() == ("10s",)
            writing.execute("SET idle_in_transaction_session_timeout = '50ms'")

            def stand_still() -> None:
                with other.store.transaction() as held:
                    check_answer(server_log.submit(one).result(60), one.events)
                    held.log_end()

            with pytest.raises(Busy, match="idle-in"):
                stand_still()
            with other.store.transaction() as again:
                assert again.ground.head.size == 1

    def test_the_server_notices_a_host_that_is_gone(self, server_log: Storage) -> None:
        # Over a Unix socket they show as 0 while they are in force for whatever comes by TCP.
        query = "SELECT name, reset_val FROM pg_settings WHERE name LIKE 'tcp_keepalives%'"
        with server_log.store.transaction() as held:
            assert isinstance(held, PostgresTransaction)
            found: dict[str, str] = dict(held._connection.execute(query).fetchall())
        assert found == {
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        }

    def test_what_a_setting_says_of_time_outs_stays(self) -> None:
        url = "postgresql://u@h.example/d?options=-c%20lock_timeout%3D1s&application_name=mine"
        given = conninfo(url)
        assert re.search(r"-c lock_timeout=5s .*-c lock_timeout=1s", given)
        assert "application_name=mine" in given

    @pytest.mark.parametrize(
        "url",
        ["postgresql://[", "postgresql://u:hunter2%zz@h/d", "postgresql://u:p@h/d?hunter2=1"],
    )
    def test_an_address_that_is_none_is_not_repeated(self, url: str) -> None:
        """It holds a password, and the driver's own words would quote it."""
        with pytest.raises(SettingInvalid, match="cannot be read") as error:
            conninfo(url)
        assert "hunter2" not in "".join(traceback.format_exception(error.value))

    def test_where_no_server_is_one_may_come_again(self) -> None:
        nowhere = "postgresql://app@127.0.0.1:1/nothing"
        with pytest.raises(Busy, match="cannot be reached"):
            LogReading(nowhere, master_key=MASTER_KEY)


@pytest.mark.parametrize(
    ("packed", "kind", "values"),
    [
        (arrays.texts, "text[]", ["", "a", None, "Søe \U0001f3b5", '{},\\"']),
        (arrays.texts, "text[]", [None]),
        (arrays.blobs, "bytea[]", [b"", b"\0\xff", None, b"x" * 70_000]),
        (arrays.bigints, "bigint[]", [0, -1, 2**63 - 1, -(2**63)]),
        (arrays.integers, "integer[]", [0, -1, 2**31 - 1, -(2**31)]),
    ],
)
@pytest.mark.parametrize("count", [0, 1, 4, arrays.FEW, arrays.FEW + 1])
def test_what_we_pack_is_what_the_server_reads(
    packed: Any, kind: str, values: list[Any], server_log: Storage, count: int
) -> None:
    expected = list(islice(cycle(values), count))
    check_packed(server_log, packed(expected), kind, expected)


@pytest.mark.parametrize(
    ("packed", "kind", "value"),
    [
        (arrays.bigint, "bigint", -(2**63)),
        (arrays.instant, "timestamptz", datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        (arrays.instant, "timestamptz", datetime(2100, 2, 28, 1, 2, 3, 456_789, tzinfo=UTC)),
    ],
)
def test_a_single_value_is_too(packed: Any, kind: str, value: Any, server_log: Storage) -> None:
    check_packed(server_log, packed(value), kind, value)


def check_packed(log: Storage, sent: bytes, kind: str, expected: Any) -> None:
    """Compare with what the driver sends; by the server, as text."""
    connection = postgres(log)._connection()
    query = f"SELECT $1::{kind}::text".encode()
    found = connection.pgconn.exec_params(query, [sent], None, [pq.Format.BINARY])
    ((text,),) = connection.execute(f"SELECT %s::{kind}::text", [expected]).fetchall()
    assert (found.get_value(0, 0) or b"").decode() == text


class TestDatabase:
    def test_an_empty_one_is_not_made_a_log_silently(self) -> None:
        url = fresh_database()
        with pytest.raises(FileNotFoundError, match="liner init") as error:
            LogReading(url, master_key=MASTER_KEY)
        assert "app" not in str(error.value)  # no user, no password
        drop_database(url)

    def test_a_later_version_is_not_written_to(self, server_world: LogWorld) -> None:
        change(server_world, "INSERT INTO ledger.migrations VALUES ('99.00.00_01_pre_future')")
        with pytest.raises(Damaged, match=r"later version.*99\.00\.00"):
            server_world.create()

    def test_that_of_another_program_is_left_alone(self, server_world: LogWorld) -> None:
        change(server_world, "DROP TABLE ledger.migrations")
        with pytest.raises(Damaged, match="something else"):
            server_world.create()

    @pytest.mark.parametrize(
        ("statement", "why"),
        [
            ("UPDATE ledger.state SET root = decode(repeat('00', 32), 'hex')", "not give the root"),
            ("UPDATE ledger.state SET size = 3", "says 3 entries"),
            ("UPDATE ledger.state SET size = 1", "says 1 entries"),
            ("DELETE FROM ledger.tiles", "not those of 2 entries"),
            ("UPDATE ledger.tiles SET hashes = decode(repeat('00', 64), 'hex')", "give the root"),
        ],
    )
    def test_a_changed_row_is_noticed(
        self, server_world: LogWorld, statement: str, why: str
    ) -> None:
        with server_world.create() as log:
            log.submit(server_world.command("a")).result(60)
            log.submit(server_world.command("b")).result(60)
        change(server_world, statement)
        with pytest.raises(Damaged, match=why):
            server_world.open()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger.events SET data = 'x' WHERE position = 1",
            "DELETE FROM ledger.events",
            "TRUNCATE ledger.events",
            "UPDATE ledger.statements SET statement = 'x'",
            "DELETE FROM ledger.statements",
        ],
    )
    def test_the_log_does_not_let_itself_be_changed_by_a_slip(
        self, server_log: Storage, server_world: LogWorld, statement: str
    ) -> None:
        server_log.submit(server_world.command("a")).result(60)
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
            change(server_world, statement)


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "meant"),
        [
            (psycopg.errors.DiskFull, StorageFull),
            (psycopg.errors.LockNotAvailable, Busy),
            (psycopg.errors.ReadOnlySqlTransaction, Busy),
            (psycopg.errors.AdminShutdown, Busy),
            (psycopg.errors.DataCorrupted, Damaged),
            (psycopg.errors.UndefinedTable, Damaged),
        ],
    )
    def test_each_ends_in_one_of_three_ways(
        self, error: type[psycopg.Error], meant: type[Exception]
    ) -> None:
        assert type(meaning(error("why"))) is meant

    def test_no_room_is_nothing_that_a_reader_can_wait_for(self) -> None:
        assert type(meaning(psycopg.errors.DiskFull("why"), reads=True)) is not StorageFull


def test_every_named_statement_runs_and_guards_never_scan_the_log(
    server_log: Storage, server_world: LogWorld
) -> None:
    probes = {"scope_positions", "tag_position", "match_tagged", "match_typed", "position_at"}
    probes |= {"entry", "event_position", "commands", "statement", "openings", "tile"}
    probes |= {"append_batch", "accept"}
    assert probes <= QUERIES.keys()
    connection = postgres(server_log)._connection()
    connection.execute("SET enable_seqscan = off")
    for name in QUERIES.keys() - NOT_EXPLAINED:
        rows = connection.execute(f"EXPLAIN {QUERIES[name]}", _any_values(QUERIES[name]))
        plan = "\n".join(row[0] for row in rows.fetchall())
        assert plan, name
        assert name not in probes or "Seq Scan" not in plan, f"{name}\n{plan}"


def test_the_migrations_are_named_by_version_and_order() -> None:
    assert all(re.match(r"\d\d\.\d\d\.\d\d_\d\d_(pre|post)_\w+$", name) for name in STEPS)


def _any_values(statement: str) -> dict[str, Any]:
    kinds = {"bigint": 0, "integer": 0, "bigint[]": [0], "integer[]": [0], "text[]": [""]}
    kinds |= {"bytea[]": [b""], "bytea": b"", "text": "", "timestamptz": START}
    found = re.findall(r"%\((\w+)\)b(?:::([a-z]+(?:\[\])?))?", statement)
    bytes_ = {"root", "sha256"}
    return {name: kinds[kind] if kind else b"" if name in bytes_ else "" for name, kind in found}
