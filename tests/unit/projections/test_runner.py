"""The runner: rows and position together, one projection's failure its own, answers never stale."""

import threading
from collections.abc import Sequence
from typing import ClassVar

import pytest

from ledger.rights.view import Recorded
from projections import runner
from projections.base import Projection, Step, Tables
from projections.database import POSITIONS
from projections.errors import Behind, HistoryUnavailable
from projections.permissions import Permissions
from projections.rebuild import rebuild
from projections.royalties import Royalties, queries
from projections.runner import Runner
from projections.sql import split
from tests.kit.money import Till
from tests.kit.projected import LogFeed, Projected
from tests.support.places import Place, opened


@pytest.fixture(autouse=True)
def sent_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are sent amid these small batches, as amid those of a log a hundred times as long."""
    monkeypatch.setattr(runner, "SENT", 2)


class Poisoned(Royalties):
    """A projection that cannot fold one position."""

    poison: ClassVar[int] = 0

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        if recorded.position == self.poison:
            raise ArithmeticError("no such sum")
        super().fold(tables, recorded)

    def together(self, run: Sequence[Recorded]) -> Sequence[Step] | None:
        if self.poison in {recorded.position for recorded in run}:
            raise ArithmeticError("no such sum somewhere")
        return super().together(run)


def poisoned(till: Till, tables_at: Place, position: int) -> Projected:
    kind = type("PoisonedHere", (Poisoned,), {"poison": position})
    feed = LogFeed(till.world.log)
    projections: list[Projection] = [Permissions(feed), kind()]
    return Projected(till.world.log, tables_at, projections=projections)


@pytest.mark.parametrize("sent", [1, runner.SENT])
def test_one_that_fails_stops_alone_says_so_and_keeps_what_came_before(
    tables_at: Place, monkeypatch: pytest.MonkeyPatch, sent: int
) -> None:
    """Also where rows before it are on their way when it fails."""
    monkeypatch.setattr(runner, "SENT", sent)
    till = Till.opened("L")
    good = till.accrue({"L": 1}).position
    tables = poisoned(till, tables_at, till.accrue({"L": 2}).position)
    till.accrue({"L": 4})
    tables.runner.catch_up()
    status = {row.name: row for row in tables.runner.status()}
    assert status["permissions"].position == till.world.log.head()
    assert status["permissions"].failure is None
    assert (status["royalties"].position, status["royalties"].failed_position) == (good, good + 1)
    assert status["royalties"].failure == "ArithmeticError: no such sum"
    row = queries.balances(tables.readings, till.party("L"), as_of=good).one
    assert row is not None
    assert row.owed_micro == 1
    with pytest.raises(Behind, match="it stopped: ArithmeticError: no such sum"):
        queries.balances(tables.readings, till.party("L"))


def test_one_that_cannot_read_ahead_reads_when_it_is_due(tables_at: Place) -> None:
    """A process that ends, or has no thread left, is no fault of an event."""
    till = Till.opened("L")
    for _ in range(4):
        till.accrue({"L": 1})
    tables = Projected(till.world.log, tables_at, batch=2)
    tables.runner._ahead._thread.shutdown()
    tables.runner.catch_up()
    head = till.world.log.head()
    assert {(row.position, row.failure) for row in tables.runner.status()} == {(head, None)}


class Doubled(Royalties):
    """A projection that writes the rows of one position twice: only the database notices."""

    twice: ClassVar[int] = 0

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        super().fold(tables, recorded)
        if recorded.position == self.twice:
            super().fold(tables, recorded)

    def together(self, run: Sequence[Recorded]) -> Sequence[Step] | None:
        twice = [recorded for recorded in run if recorded.position == self.twice]
        return super().together([*run, *twice])


@pytest.mark.parametrize("sent", [1, runner.SENT])
@pytest.mark.parametrize("which", [0, 1, 2, 3, 4])
def test_what_only_the_database_refuses_stops_at_its_event(
    tables_at: Place, monkeypatch: pytest.MonkeyPatch, which: int, sent: int
) -> None:
    monkeypatch.setattr(runner, "SENT", sent)
    till = Till.opened("L")
    accrued = [till.accrue({"L": 1}).position for _ in range(5)]
    kind = type("DoubledHere", (Doubled,), {"twice": accrued[which]})
    tables = Projected(till.world.log, tables_at, projections=[kind()])
    tables.runner.catch_up()
    status = {row.name: row for row in tables.runner.status()}["royalties"]
    assert (status.position, status.failed_position) == (accrued[which] - 1, accrued[which])
    assert "royalties_postings" in (status.failure or "")
    again = Projected(till.world.log, tables_at, only=["royalties"]).catch_up()
    row = queries.balances(again.readings, till.party("L")).one
    assert row is not None
    assert row.owed_micro == 5


def test_a_stopped_projection_tries_again_in_a_new_process(tables_at: Place) -> None:
    till = Till.opened("L")
    tables = poisoned(till, tables_at, till.accrue({"L": 2}).position)
    tables.runner.catch_up()
    again = Projected(till.world.log, tables_at).catch_up()
    row = queries.balances(again.readings, till.party("L")).one
    assert row is not None
    assert row.owed_micro == 2
    assert [row.failure for row in again.runner.status()] == [None] * len(again.runner.status())


def test_a_stopped_projection_goes_on_when_it_was_rebuilt(tables_at: Place) -> None:
    """Nobody starts its process anew for that, and what comes later is folded too."""
    till = Till.opened("L")
    tables = poisoned(till, tables_at, till.accrue({"L": 2}).position)
    tables.runner.catch_up()
    tables.runner.catch_up()
    assert {row.name: row for row in tables.runner.status()}["royalties"].failure
    rebuild(opened(tables_at), tables.feed, Royalties())
    till.accrue({"L": 4})
    tables.runner.catch_up()
    row = queries.balances(tables.readings, till.party("L")).one
    assert row is not None
    assert row.owed_micro == 6


def test_tables_that_newer_code_has_made_meanwhile_are_left_alone(tables_at: Place) -> None:
    till = Till.opened("L")
    tables = Projected(till.world.log, tables_at).catch_up()
    newer = type("Newer", (Royalties,), {"VERSION": 2})
    rebuild(opened(tables_at), tables.feed, newer(), swap_if_different=True)
    before = till.world.log.head()
    till.accrue({"L": 1})
    tables.runner.catch_up()
    status = {row.name: row for row in tables.runner.status()}
    assert status["permissions"].position == till.world.log.head()
    assert (status["royalties"].position, status["royalties"].failure) == (before, None)


def test_tables_of_another_version_stop_their_projection(tables_at: Place) -> None:
    till = Till.opened("L")
    Projected(till.world.log, tables_at).catch_up()
    newer = type("Newer", (Royalties,), {"VERSION": 2})
    tables = Projected(till.world.log, tables_at, projections=[newer()])
    till.accrue({"L": 1})
    tables.runner.catch_up()
    with pytest.raises(Behind, match="rebuild it"):
        queries.balances(tables.readings, till.party("L"))


def test_a_question_reads_what_was_written_before_it(tables_at: Place) -> None:
    till = Till.opened("L")
    tables = Projected(till.world.log, tables_at).catch_up()
    till.accrue({"L": 1})
    with pytest.raises(Behind, match="still reading"):
        queries.balances(tables.readings, till.party("L"))
    tables.catch_up()
    assert queries.balances(tables.readings, till.party("L")).position == till.world.log.head()


def test_a_question_waits_for_the_projection(tables_at: Place) -> None:
    till = Till.opened("L")
    tables = Projected(till.world.log, tables_at, wait_s=30.0)
    till.accrue({"L": 1})
    stop = threading.Event()
    thread = threading.Thread(target=tables.runner.run, args=(stop,))
    thread.start()
    try:
        row = queries.balances(tables.readings, till.party("L")).one
    finally:
        stop.set()
        tables.runner.woken.set()
        thread.join()
    assert row is not None
    assert row.owed_micro == 1


def test_what_the_register_has_not_accepted_is_invisible(tables_at: Place) -> None:
    till = Till.opened("L")
    tables = Projected(till.world.log, tables_at)
    till.accrue({"L": 1})
    hidden = till.accrue({"L": 2}).position
    tables.feed.hidden = 1
    tables.catch_up()
    row = queries.balances(tables.readings, till.party("L")).one
    assert row is not None
    assert row.owed_micro == 1
    with pytest.raises(Behind):
        queries.balances(tables.readings, till.party("L"), as_of=hidden)


def test_before_the_log_there_is_no_answer_and_no_empty_one(tables_at: Place) -> None:
    till = Till.opened("L")
    tables = Projected(till.world.log, tables_at).catch_up()
    before = till.world.log.recorded[0].time.replace(year=2025)
    for as_of in (0, before):
        with pytest.raises(HistoryUnavailable):
            queries.balances(tables.readings, till.party("L"), as_of=as_of)


def test_history_that_was_given_up_is_an_error(tables_at: Place) -> None:
    till = Till.opened("L")
    position = till.accrue({"L": 1}).position
    till.accrue({"L": 2})
    tables = Projected(till.world.log, tables_at).catch_up()
    with tables.database.write() as connection:
        connection.execute(
            "UPDATE projection_positions SET retained_from = :it", {"it": position + 1}
        )
    with pytest.raises(HistoryUnavailable, match=f"from {position + 1} on, not {position}"):
        queries.balances(tables.readings, till.party("L"), as_of=position)
    assert queries.balances(tables.readings, till.party("L"), as_of=position + 1).rows


def test_an_instant_maps_to_the_last_position_of_its_time(tables_at: Place) -> None:
    till = Till.opened("L")
    till.world.log.at("2026-01-02T00:00:00Z")
    first = till.accrue({"L": 1})
    till.accrue({"L": 2})
    till.world.log.at("2026-01-03T00:00:00Z")
    till.accrue({"L": 4})
    tables = Projected(till.world.log, tables_at).catch_up()
    answer = queries.balances(tables.readings, till.party("L"), as_of=first.time)
    assert answer.one is not None
    assert (answer.position, answer.one.owed_micro) == (first.position + 1, 3)


class Interrupted(Royalties):
    """A projection whose process dies in the middle of a batch."""

    at: ClassVar[int] = 0

    def fold(self, tables: Tables, recorded: Recorded) -> None:
        super().fold(tables, recorded)
        if recorded.position == self.at:
            raise KeyboardInterrupt

    def together(self, run: Sequence[Recorded]) -> Sequence[Step] | None:
        del run
        return None


def test_a_batch_that_is_cut_short_leaves_neither_rows_nor_position(tables_at: Place) -> None:
    till = Till.opened("L")
    cut = till.accrue({"L": 1}).position
    till.accrue({"L": 2})
    kind = type("InterruptedHere", (Interrupted,), {"at": cut})
    tables = Projected(till.world.log, tables_at, projections=[kind()])
    with pytest.raises(KeyboardInterrupt):
        tables.runner.catch_up()
    with tables.database.read() as connection:
        assert connection.rows("SELECT position FROM royalties_postings") == []
    again = Projected(till.world.log, tables_at).catch_up()
    row = queries.balances(again.readings, till.party("L")).one
    assert row is not None
    assert row.owed_micro == 3


class Overtaken(LogFeed):
    """A feed during whose first reading another process folds everything."""

    other: Runner | None = None

    def read_after(self, position: int, limit: int) -> list[Recorded]:
        if self.other is not None:
            other, self.other = self.other, None
            other.catch_up()
        return super().read_after(position, limit)


def test_two_runners_at_one_place_fold_nothing_twice(tables_at: Place) -> None:
    till = Till.opened("L")
    tables = Projected(till.world.log, tables_at)
    till.accrue({"L": 1})
    other = Projected(till.world.log, tables_at).runner
    feed = Overtaken(till.world.log)
    feed.other = other
    runner = Runner(opened(tables_at), feed, [Royalties()])
    runner.prepare()
    assert runner.step() == 0
    till.accrue({"L": 2})
    runner.catch_up()
    tables.catch_up()
    row = queries.balances(tables.readings, till.party("L")).one
    assert row is not None
    assert row.owed_micro == 3


def test_a_locked_place_is_tried_again_and_stops_nothing(
    tables_at: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.engines.sqlite.BUSY_TIMEOUT_MS", 0)
    till = Till.opened("L")
    tables = Projected(till.world.log, tables_at)
    with opened(tables_at).write() as writer:
        for row in tables.runner.status():
            writer.execute(POSITIONS["hold"], {"name": row.name})
        assert tables.runner.step() == 0
    tables.catch_up()
    assert all(row.position == till.world.log.head() for row in tables.runner.status())


def test_a_schema_is_split_where_statements_end() -> None:
    text = "CREATE TABLE a (\n  -- a; b\n  x INTEGER\n);\nCREATE INDEX b ON a (x);\n"
    assert [part.split()[1] for part in split(text)] == ["TABLE", "INDEX"]
