"""A rebuild gives the same digest as folding along the way, and takes the live tables' place."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rights.view import Recorded
from projections import base
from projections import rebuild as rebuild_module
from projections.base import Tables
from projections.errors import Busy, Overtaken
from projections.rebuild import drop_replaced, rebuild
from projections.royalties import Royalties
from projections.royalties.queries import balances
from projections.standard import standard
from schemas.commands.generations import CancelGeneration, ExpireAuthorization
from tests.kit.demand import authorize, complete, report, request, songs, verify
from tests.kit.money import Till
from tests.kit.projected import Projected
from tests.kit.random_logs import MONEY, RIGHTS, played, steps
from tests.kit.random_world import Step
from tests.kit.world import World
from tests.support.places import ENGINES, Place, empty_place, opened


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=20)
@given(steps(*RIGHTS, *MONEY), st.integers(1, 17), st.integers(0, 10**6))
def test_rebuilt_equals_incremental(
    engine: str, taken: list[Step], batch: int, chosen: int
) -> None:
    """Folded in two goes and small batches, then rebuilt at once: no digest differs, ever."""
    log = played(taken).till.world.log
    with empty_place(engine) as place:
        tables = Projected(log, place, batch=batch)
        tables.feed.hidden = chosen % log.head()
        tables.catch_up()
        tables.feed.hidden = 0
        tables.catch_up()
        for fresh in standard(tables.feed):
            before = tables.digest(fresh.NAME)
            done = rebuild(tables.database, tables.feed, fresh)
            assert done.equal
            assert done.swapped
            assert done.position == log.head()
            assert tables.digest(fresh.NAME) == before


ENDS = ("complete", "lie", "cancel", "expire", "none")


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=8)
@given(st.lists(st.tuples(st.sampled_from(ENDS), st.booleans()), max_size=6), st.integers(1, 7))
def test_generations_are_rebuilt_to_the_same_digest(
    engine: str, ends: list[Any], batch: int
) -> None:
    """Uses, money, files, quarantine and refusals, whatever became of each generation."""
    world = songs()
    for number, (end, refused) in enumerate(ends):
        name = f"g{number}"
        if refused:
            asked = request(world, "S1", name=f"no {number}", purpose="political", tier="audition")
            verify(world, asked, name=f"no {number}")
        world.log.at(world.log.now + timedelta(hours=2))
        authorize(world, request(world, "S1", "S2", name=name), name=f"v{number}")
        _end(world, name, end)
    with empty_place(engine) as place:
        tables = Projected(world.log, place, batch=batch).catch_up()
        for fresh in standard(tables.feed):
            assert rebuild(tables.database, tables.feed, fresh).equal


def _end(world: World, name: str, end: str) -> None:
    generation = world.id("gen", name)
    if end == "complete":
        complete(world, name)
    elif end == "lie":
        world.log.say(report(world, name, ingredients=[world.asset("S3")]), by=world["process"])
    elif end == "cancel":
        world.log.say(CancelGeneration(generation=generation), by=world["C"])
    elif end == "expire":
        world.log.at(world.log.now + timedelta(hours=1))
        world.log.say(ExpireAuthorization(generation=generation), by=world["process"])


def moved(tables: Projected) -> None:
    """Put a cent where the log has none."""
    with tables.database.write() as connection:
        connection.execute("UPDATE royalties_postings SET amount_micro = amount_micro + 10000")


def test_a_difference_is_said_and_nothing_is_swapped(tables_at: Place) -> None:
    till = Till.opened("L")
    till.accrue({"L": 1})
    tables = Projected(till.world.log, tables_at).catch_up()
    moved(tables)
    wrong = tables.digest("royalties")
    done = rebuild(tables.database, tables.feed, Royalties())
    assert (done.equal, done.swapped, done.different) == (False, False, {"postings": 3})
    assert tables.digest("royalties") == wrong
    again = rebuild(tables.database, tables.feed, Royalties(), swap_if_different=True)
    assert again.swapped
    assert again.different == done.different
    assert tables.digest("royalties") != wrong
    assert rebuild(tables.database, tables.feed, Royalties()).equal


def test_the_live_tables_go_on_after_a_swap_and_can_be_rebuilt_again(tables_at: Place) -> None:
    till = Till.opened("L")
    tables = Projected(till.world.log, tables_at).catch_up()
    for micro in (1, 2, 4):
        till.accrue({"L": micro})
        assert rebuild(tables.database, tables.feed, Royalties()).equal
        tables.catch_up()
    row = balances(tables.readings, till.party("L")).one
    assert row is not None
    assert row.owed_micro == 7
    with tables.database.read() as connection:
        kept = connection.tables("royalties_g")
    assert {name.split("_")[1] for name in kept} == {"g2"}, "only the last tables are kept"


def test_what_comes_while_it_is_rebuilt_is_compared_too(
    tables_at: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stand at one position when they are compared, however far the live ones have gone."""
    till = Till.opened("L")
    till.accrue({"L": 1})
    tables = Projected(till.world.log, tables_at).catch_up()
    finish = rebuild_module._Filling.finish

    def late(new: rebuild_module._Filling) -> None:
        finish(new)
        till.accrue({"L": 2})
        tables.catch_up()

    monkeypatch.setattr(rebuild_module._Filling, "finish", late)
    done = rebuild(tables.database, tables.feed, Royalties())
    assert (done.equal, done.position) == (True, till.world.log.head())
    monkeypatch.undo()
    assert rebuild(tables.database, tables.feed, Royalties()).equal


def test_a_stopped_projection_is_rebuilt_up_to_the_head_without_comparing(tables_at: Place) -> None:
    till = Till.opened("L")
    till.accrue({"L": 1})
    older = type("Older", (Royalties,), {"VERSION": 0})
    tables = Projected(till.world.log, tables_at, projections=[older()]).catch_up()
    till.accrue({"L": 2})
    done = rebuild(tables.database, tables.feed, Royalties())
    assert (done.different, done.swapped, done.position) == (None, True, till.world.log.head())
    again = Projected(till.world.log, tables_at).catch_up()
    row = balances(again.readings, till.party("L")).one
    assert row is not None
    assert row.owed_micro == 3


def test_a_rebuild_that_is_cut_short_changes_nothing_and_can_be_repeated(tables_at: Place) -> None:
    class Cut(Royalties):
        def fold(self, tables: Tables, recorded: Recorded) -> None:
            if recorded.position == till.world.log.head():
                raise KeyboardInterrupt
            super().fold(tables, recorded)

        def together(self, run: Sequence[Recorded]) -> Sequence[base.Step] | None:
            del run
            return None

    till = Till.opened("L")
    till.accrue({"L": 1})
    till.accrue({"L": 2})
    tables = Projected(till.world.log, tables_at).catch_up()
    before = tables.digest("royalties")
    with pytest.raises(KeyboardInterrupt):
        rebuild(tables.database, tables.feed, Cut())
    assert tables.digest("royalties") == before
    assert rebuild(tables.database, tables.feed, Royalties()).equal


@pytest.mark.parametrize("moment", ["fold", "finish", "compare", "swap"])
def test_of_two_rebuilds_the_later_goes_on_and_the_earlier_says_that_it_ended(
    tables_at: Place, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whenever it begins: no row of one comes into the tables of the other."""
    till = Till.opened("L")
    till.accrue({"L": 1})
    tables = Projected(till.world.log, tables_at).catch_up()
    before = tables.digest("royalties")
    own = getattr(rebuild_module._Filling, moment)
    later: list[rebuild_module.Rebuilt] = []

    def overtaken(new: rebuild_module._Filling, *args: Any, **given: Any) -> Any:
        monkeypatch.setattr(rebuild_module._Filling, moment, own)
        later.append(rebuild(tables.database, tables.feed, Royalties()))
        return own(new, *args, **given)

    monkeypatch.setattr(rebuild_module._Filling, moment, overtaken)
    with pytest.raises(Overtaken, match="another rebuild of royalties has begun"):
        rebuild(tables.database, tables.feed, Royalties(), swap_if_different=True)
    assert [(one.equal, one.swapped) for one in later] == [(True, True)]
    assert tables.digest("royalties") == before
    till.accrue({"L": 2})
    tables.catch_up()
    assert rebuild(tables.database, tables.feed, Royalties()).equal


def test_one_that_was_overtaken_by_what_was_cut_short_does_not_take_its_tables(
    tables_at: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till.opened("L")
    till.accrue({"L": 1})
    tables = Projected(till.world.log, tables_at).catch_up()
    before = tables.digest("royalties")
    finish = rebuild_module._Filling.finish

    def begun_anew(new: rebuild_module._Filling) -> None:
        monkeypatch.setattr(rebuild_module._Filling, "finish", stopped)
        with pytest.raises(KeyboardInterrupt):
            rebuild(tables.database, tables.feed, Royalties())
        finish(new)

    def stopped(new: rebuild_module._Filling) -> None:
        del new
        raise KeyboardInterrupt

    monkeypatch.setattr(rebuild_module._Filling, "finish", begun_anew)
    with pytest.raises(Overtaken):
        rebuild(tables.database, tables.feed, Royalties())
    monkeypatch.undo()
    assert tables.digest("royalties") == before
    assert rebuild(tables.database, tables.feed, Royalties()).equal


def test_a_rebuild_that_goes_on_keeps_its_tables_when_what_was_replaced_is_dropped(
    tables_at: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = Till.opened("L")
    till.accrue({"L": 1})
    tables = Projected(till.world.log, tables_at).catch_up()
    assert rebuild(tables.database, tables.feed, Royalties()).swapped
    finish = rebuild_module._Filling.finish

    def dropped(new: rebuild_module._Filling) -> None:
        drop_replaced(tables.database, "royalties")
        finish(new)

    monkeypatch.setattr(rebuild_module._Filling, "finish", dropped)
    assert rebuild(tables.database, tables.feed, Royalties()).swapped
    drop_replaced(tables.database, "royalties")
    with tables.database.read() as connection:
        assert connection.tables("royalties_g") == []


def test_two_rebuilds_at_once_in_threads_end_both_and_leave_what_the_log_says(
    tables_at: Place,
) -> None:
    till = Till.opened("L")
    for _ in range(30):
        till.accrue({"L": 1})
    tables = Projected(till.world.log, tables_at, batch=3).catch_up()
    before = tables.digest("royalties")

    def again(_: int) -> bool:
        try:
            return rebuild(opened(tables_at), tables.feed, Royalties()).equal
        except Busy:  # overtaken, or the file was held too long
            return False

    with ThreadPoolExecutor(4) as threads:
        ended = list(threads.map(again, range(8)))
    assert any(ended)
    assert tables.digest("royalties") == before
    assert rebuild(tables.database, tables.feed, Royalties()).equal
