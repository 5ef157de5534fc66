"""What people type for times, places, amounts and choices."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.refusals import Malformed
from service.cli import when
from service.cli.ends import EndError, ExitCode, end_of


@pytest.mark.parametrize(
    ("text", "zone", "begin", "end"),
    [
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("2026-06-01", "Asia/Tokyo", "2026-05-31T15:00:00Z", "2026-06-01T15:00:00Z"),
        ("2026-06-01T08:00:00Z", None, "2026-06-01T08:00:00Z", "2026-06-01T08:00:00Z"),
        ("2026-06-01T08:00:00", "Europe/Berlin", "2026-06-01T06:00:00Z", "2026-06-01T06:00:00Z"),
    ],
)
def test_a_beginning_and_an_end(text: str, zone: str | None, begin: str, end: str) -> None:
    first, last = when.begin_of(text, zone), when.end_of(text, zone)
    assert first is not None
    assert last is not None
    assert (first.instant, last.instant) == (begin, end)


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        ("2026-03-29T02:30:00", "Europe/Berlin", "local_time_nonexistent"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "local_time_ambiguous"),
        ("2026-06-01T08:00:00", None, "timezone_required"),
        ("2026-02-30", "Europe/Berlin", "value_unknown"),
        ("soon", "Europe/Berlin", "value_unknown"),
        ("2026-06-01", "Middle/Earth", "value_unknown"),
    ],
)
def test_a_time_that_cannot_be_meant(text: str, zone: str | None, code: str) -> None:
    with pytest.raises(Malformed) as raised:
        when.begin_of(text, zone)
    assert raised.value.code == code


def test_a_date_needs_its_zone() -> None:
    with pytest.raises(EndError) as raised:
        when.begin_of("2026-01-01", None)
    assert raised.value.code == "timezone_required"
    assert when.begin_of(None, None) is None
    assert when.window(None, None, None) == {"effective_from": None, "effective_until": None}


def test_places_and_lists() -> None:
    assert when.territories(None, None) == {"include": ["2136"], "exclude": []}
    assert when.territories(["DE,FR", "IT"], ["FR"]) == {
        "include": ["DE", "FR", "IT"],
        "exclude": ["FR"],
    }
    assert when.listed(None) is None
    assert when.listed(["all"]) == "all"
    assert when.listed(["a,b", "c"]) == ["a", "b", "c"]
    assert when.listed([""]) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0.60", ("0.60", "EUR")),
        ("0.60USD", ("0.60", "USD")),
        ("2 JPY", ("2", "JPY")),
        ("-1", ("-1", "EUR")),
    ],
)
def test_amounts(text: str, found: tuple[str, str]) -> None:
    assert when.money(text, "EUR") == {"amount": found[0], "currency": found[1]}


@pytest.mark.parametrize(
    ("text", "found"), [("30s", 30_000), ("1500ms", 1500), ("2m", 120_000), ("7", 7)]
)
def test_durations(text: str, found: int) -> None:
    assert when.milliseconds(text) == found


@pytest.mark.parametrize("text", ["", "s", "1.5s", "-1s", "1h", "٣s", "1e3"])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(EndError) as raised:
        when.milliseconds(text)
    assert raised.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("text", ["", "a", "a=", "=b"])
def test_pairs_that_are_none(text: str) -> None:
    with pytest.raises(EndError) as raised:
        when.pair(text)
    assert raised.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    "text", ["[]", "7", "{", '{"a": 1.5}', '{"a": 1, "a": 2}', "[" * 100_000, '{"a": NaN}']
)
def test_json_that_is_not_taken(text: str, tmp_path: Path) -> None:
    file = tmp_path / "given.json"
    file.write_text(text)
    with pytest.raises((EndError, ValueError)) as raised:
        when.read_json(str(file))
    end = end_of(raised.value)
    assert end is not None
    assert end.code == "json_invalid"


def test_a_file_that_is_too_large_is_not_read_as_json(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    file.write_bytes(b" " * (when.INPUT_BYTES_MAX + 1))
    with pytest.raises(EndError) as raised:
        when.read_json(str(file))
    assert raised.value.code == "file_unfit"
