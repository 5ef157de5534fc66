from datetime import UTC, datetime, timedelta, timezone

import pytest

from schemas.period import (
    Instant,
    LocalInstant,
    Month,
    add_months,
    at_zone,
    format_instant,
    from_date_begin,
    from_date_end,
    local_instant,
    month_begin,
    month_end,
    month_of,
    months,
    parse_instant,
)
from schemas.refusals import Malformed
from schemas.values import Value, parse
from schemas.zones import ZONES_VERSION, zone_names


class Window(Value):
    until: LocalInstant | None = None
    month: Month = "2026-11"
    at: Instant = "2026-11-22T08:11:02Z"


def test_instants_are_compared_as_time() -> None:
    earlier, later = "2026-11-22T08:11:02Z", "2026-11-22T08:11:02.500000Z"
    assert later < earlier  # as text
    assert parse_instant(earlier) < parse_instant(later)


def test_an_instant_is_written_in_utc() -> None:
    berlin = datetime(2026, 11, 22, 9, 11, 2, tzinfo=timezone(timedelta(hours=1)))
    assert format_instant(berlin) == "2026-11-22T08:11:02Z"
    assert format_instant(berlin.replace(microsecond=5)) == "2026-11-22T08:11:02.000005Z"
    with pytest.raises(AssertionError):
        format_instant(datetime(2026, 11, 22))  # noqa: DTZ001  # the point of the test


def test_scenario_28_until_a_date_ends_at_the_next_local_midnight() -> None:
    end = from_date_end("2026-03-31", "America/Los_Angeles")
    assert end.instant == "2026-04-01T07:00:00Z"
    assert end.local == "2026-04-01T00:00:00"
    assert parse_instant("2026-04-01T06:59:59.999000Z".replace("999000", "999999")) < end.moment


@pytest.mark.parametrize(
    ("day", "zone", "instant", "local"),
    [
        ("2026-01-01", "Europe/Berlin", "2025-12-31T23:00:00Z", "2026-01-01T00:00:00"),
        # The clocks skip midnight: the day begins at one.
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06T01:00:00"),
        # They go back at one: the day has two midnights and begins with the first.
        ("2026-11-01", "America/Havana", "2026-11-01T04:00:00Z", "2026-11-01T00:00:00"),
        # They go back at midnight: eleven at night comes twice, midnight once.
        ("2026-04-05", "America/Santiago", "2026-04-05T04:00:00Z", "2026-04-05T00:00:00"),
        # Samoa has no 30 December 2011: what begins then begins with the 31st.
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00"),
    ],
)
def test_a_date_begins_with_its_first_local_moment(
    day: str, zone: str, instant: str, local: str
) -> None:
    begin = from_date_begin(day, zone)
    assert (begin.instant, begin.local) == (instant, local)


@pytest.mark.parametrize("day", ["2026-02-30", "20260101", "2026-1-1", "tomorrow", "9999-12-31"])
def test_what_is_no_date_is_malformed(day: str) -> None:
    with pytest.raises(Malformed) as caught:
        from_date_end(day, "Europe/Berlin")
    assert caught.value.code == "value_unknown"


def test_scenario_29_an_ambiguous_time_names_both_instants() -> None:
    with pytest.raises(Malformed, match=r"00:30:00Z or 2026-10-25T01:30:00Z") as caught:
        local_instant("2026-10-25T02:30:00", "Europe/Berlin")
    assert caught.value.code == "local_time_ambiguous"


def test_a_fault_in_a_window_has_its_place() -> None:
    with pytest.raises(Malformed) as caught:
        parse(Window, {"until": {"local": "2026-03-29T02:30:00", "zone": "Europe/Berlin"}})
    assert (caught.value.code, caught.value.pointer) == ("local_time_nonexistent", "/until")
    with pytest.raises(Malformed) as caught:
        parse(Window, {"at": "2026-11-22T08:11:02"})
    assert (caught.value.code, caught.value.pointer) == ("timezone_required", "/at")


def test_what_the_log_holds_is_not_asked_again() -> None:
    # Rules change: Berlin might one day keep summer time, and a recorded end must still be read.
    data = {
        "instant": "2027-12-31T22:00:00Z",
        "local": "2028-01-01T00:00:00",
        "zone": "Europe/Berlin",
    }
    with pytest.raises(Malformed) as caught:
        parse(Window, {"until": data})
    assert caught.value.code == "instant_mismatch"
    window = parse(Window, {"until": data}, recorded=True)
    assert window.until is not None
    assert window.until.moment == datetime(2027, 12, 31, 22, tzinfo=UTC)


def test_the_log_may_still_hold_a_time_without_an_instant() -> None:
    data = {"local": "2026-01-01T00:00:00", "zone": "Europe/Berlin"}
    assert parse(LocalInstant, data, recorded=True).instant == "2025-12-31T23:00:00Z"


def test_an_instant_is_said_in_local_time_in_a_fold_too() -> None:
    moment = parse_instant("2026-10-25T01:30:00Z")
    assert at_zone(moment, "Europe/Berlin").local == "2026-10-25T02:30:00"
    assert at_zone(moment, "Europe/Berlin").moment == moment


def test_zones_come_from_the_pinned_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONTZPATH", "/nonexistent")
    assert "Europe/Berlin" in zone_names()
    assert len(zone_names()) > 500
    assert ZONES_VERSION.split(".")[0].isdecimal()


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "202611", "2026-11-01", "0000-01", "9999-12"]
)
def test_what_is_no_month_is_malformed(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(Window, {"month": text})
    assert (caught.value.code, caught.value.pointer) == ("value_unknown", "/month")


def test_a_month_is_half_open_in_utc() -> None:
    assert month_begin("2026-11") == datetime(2026, 11, 1, tzinfo=UTC)
    assert month_end("2026-12") == datetime(2027, 1, 1, tzinfo=UTC)
    assert month_of(month_end("2026-11")) == "2026-12"
    assert month_of(month_end("2026-11") - timedelta(microseconds=1)) == "2026-11"
    berlin = timezone(timedelta(hours=1))
    assert month_of(datetime(2026, 12, 1, 0, 30, tzinfo=berlin)) == "2026-11"


def test_months_are_listed_over_the_turn_of_the_year() -> None:
    assert months("2026-11", "2027-02") == ("2026-11", "2026-12", "2027-01", "2027-02")
    assert months("2026-11", "2026-11") == ("2026-11",)
    assert months("2026-11", "2026-10") == ()


def test_months_are_added_by_the_calendar() -> None:
    end_of_january = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert add_months(end_of_january, 1) == datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert add_months(end_of_january, 12) == datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert add_months(end_of_january, -2) == datetime(2025, 11, 30, 12, tzinfo=UTC)
    leap_day = datetime(2024, 2, 29, tzinfo=UTC)
    assert add_months(leap_day, 12) == datetime(2025, 2, 28, tzinfo=UTC)
