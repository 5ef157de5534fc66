"""The permissions table is the fold of the log, at every position, and what clearance would see."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rights.standing import consents_of, is_contested
from ledger.rights.states.shares import fractions_at
from ledger.rights.view import View
from projections.permissions import Permissions
from projections.permissions.queries import permissions_of_asset, shares_of_asset
from projections.permissions.rows import asset_state, consent_rows, values
from tests.kit.log import Log
from tests.kit.projected import LogFeed, Projected
from tests.kit.random_logs import RIGHTS, played, steps
from tests.kit.random_world import ASSETS, PARTIES, Step
from tests.support.places import ENGINES, empty_place


@contextmanager
def folded(engine: str, log: Log, batch: int) -> Iterator[Projected]:
    with empty_place(engine) as place:
        yield Projected(log, place, batch=batch, only=["permissions"]).catch_up()


def until(log: Log, position: int) -> Log:
    """Return the log as it was at a position."""
    earlier = Log(log.recorded[position - 1].time, log.recorded[:position])
    for tag, rows in log.by_tag.items():
        earlier.by_tag[tag] = [row for row in rows if row.position <= position]
    return earlier


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=30)
@given(
    steps(*RIGHTS, least=15),
    st.integers(1, 9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
)
def test_table_equals_fold_at_random_positions(
    engine: str, taken: list[Step], batch: int, chosen: list[int]
) -> None:
    world = played(taken)
    log = world.till.world.log
    subjects = [world.till.world.asset(name) for name in ASSETS]
    subjects += [world.till.party(name) for name in PARTIES]
    with (
        folded(engine, log, batch) as tables,
        tables.readings.open("permissions", None, None) as reading,
    ):
        for position in {1 + number % log.head() for number in chosen}:
            view = View(until(log, position))
            for subject in subjects:
                found = reading.rows("consents_of_subject", subject=subject, position=position)
                columns = consent_rows(view, subject)
                assert {_row(dict(row)) for row in found} == {_row(values(row)) for row in columns}


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=30)
@given(steps(*RIGHTS, least=15), st.integers(1, 9), st.integers(0, 12))
def test_however_much_is_remembered_the_tables_are_the_same(
    engine: str, taken: list[Step], batch: int, remembered: int
) -> None:
    """All of it in one batch, as in a rebuild, and little of it in many."""
    log = played(taken).till.world.log
    with folded(engine, log, 10**6) as whole:
        due = whole.digest("permissions")
        depends = _depends(whole)
    with empty_place(engine) as place:
        little = Permissions(LogFeed(log), remembered=remembered)
        tables = Projected(log, place, batch=batch, projections=[little]).catch_up()
        assert tables.digest("permissions") == due
        assert _depends(tables) == depends


def _depends(tables: Projected) -> set[tuple[object, ...]]:
    with tables.database.read() as connection:
        rows = connection.rows("SELECT tag, subject FROM permissions_depends")
        return {(row["tag"], row["subject"]) for row in rows}


def _row(columns: dict[str, object]) -> tuple[object, ...]:
    hidden = {"from_position", "until_position"}
    return tuple(value for name, value in sorted(columns.items()) if name not in hidden)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=30)
@given(steps(*RIGHTS, least=15), st.integers(0, 10**6), st.integers(0, 60))
def test_what_is_in_force_is_what_clearance_would_ask(
    engine: str, taken: list[Step], chosen: int, days: int
) -> None:
    """The same consents, live at the same instant, with the same words, as a decision sees them."""
    world = played(taken)
    log = world.till.world.log
    position = 1 + chosen % log.head()
    earlier = until(log, position)
    at = earlier.now + timedelta(days=days)
    view = View(earlier)
    with folded(engine, log, 500) as tables:
        for asset in map(world.till.world.asset, ASSETS):
            found = permissions_of_asset(tables.readings, asset, as_of=position, valid_at=at).rows
            state = asset_state(view, asset)
            holders = {held.party for held in state.shares.values() if held.slices}
            expected = set()
            for party in sorted(holders | {held.grantor for held in state.consents.values()}):
                for held, revoked_from in consents_of(view, party, state):
                    words = held.words_at(at)
                    if words is None or not words.names(asset):
                        continue
                    if revoked_from is not None and revoked_from <= at:
                        continue
                    begin, end = words.consent.effective_from, words.consent.effective_until
                    if (begin and at < begin.moment) or (end and at >= end.moment):
                        continue
                    contested = is_contested(view, held, words)
                    expected.add((party, held.consent, words.position, contested))
            got = {
                (row.party, row.consent, row.version, row.contested)
                for row in found
                if row.party in holders or row.subject == asset
            }
            assert got == expected


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=30)
@given(steps("time", "share", "withdraw"), st.integers(0, 10**6), st.sampled_from(["DE", "JP"]))
def test_shares_sum_as_clearance_sums_them(
    engine: str, taken: list[Step], chosen: int, country: str
) -> None:
    world = played(taken)
    log = world.till.world.log
    position = 1 + chosen % log.head()
    earlier = until(log, position)
    with folded(engine, log, 500) as tables:
        for asset in map(world.till.world.asset, ASSETS):
            rows = shares_of_asset(
                tables.readings, asset, country=country, as_of=position, valid_at=earlier.now
            ).rows
            sums: dict[str, object] = {}
            for row in rows:
                sums[row.party] = sums.get(row.party, 0) + row.fraction  # type: ignore[operator]
            state = asset_state(View(earlier), asset)
            assert sums == fractions_at(state.shares, country, earlier.now)
