"""What a run under load is said to have shown follows from what was seen."""

import os
import xml.etree.ElementTree as ET

import pytest

from tests.load.drawing import draw
from tests.load.mix import Asked
from tests.load.report import inside, limits, percentiles, processes, steps
from tests.load.watching import Seen


def seen(grows_mib: float, cores: float) -> list[Seen]:
    """Return looks of ten minutes at one process, which grows by so much each minute."""
    return [
        Seen(
            60.0 * one,
            {"api": 60.0 * one * cores},
            {"api": 100 + one * grows_mib},
            {},
            {("api", "append"): (10.0 * one, 0.1 * one * one)},
        )
        for one in range(13)
    ]


def test_the_tails_are_those_of_the_ordered_answers() -> None:
    assert percentiles([one / 1000 for one in range(100, 0, -1)]) == {
        "p50_ms": 51.0,
        "p95_ms": 96.0,
        "p99_ms": 100.0,
    }
    assert percentiles([]) == {}


def test_what_was_refused_is_counted_and_not_timed() -> None:
    rows = [Asked("GET uses", "200", 0, 0.5), Asked("GET uses", "503 behind", 1, 9.0)]
    found = steps(rows)["GET uses"]
    assert (found["answers"], found["p99_ms"]) == (2, 500.0)
    assert found["endings"] == {"200": 1, "503 behind": 1}


@pytest.mark.parametrize("grows_mib", [0.0, 2.0])
def test_a_slope_is_what_is_added_in_an_hour(grows_mib: float) -> None:
    row = processes(seen(grows_mib, 0.5))["api"]
    assert row["memory_slope_mib_an_hour"] == pytest.approx(60 * grows_mib)
    assert row["cores"] == pytest.approx(0.5)


def test_what_grows_shows_in_the_thirds_of_a_run() -> None:
    row = inside(seen(0.0, 0.5))["api"]["append"]
    assert row["times"] == 120
    assert row["third_1_ms"] < row["third_2_ms"] < row["third_3_ms"]


def test_what_limits_is_the_machine_or_one_process_or_neither() -> None:
    cores = os.cpu_count() or 1
    assert "all in use" in limits({"api": {"cores": cores}})["says"]
    assert "waiting" in limits({"api": {"cores": 0.1}, "relay": {"cores": 0.1}})["says"]


def test_a_drawing_is_an_svg_with_a_line_for_each_process() -> None:
    charts = {"Memory & more": {"api": [(0.0, 1.0), (5.0, 2.0)], "<relay>": [(0.0, 0.0)]}}
    whole = ET.fromstring(draw(charts))  # noqa: S314 - our own text
    lines = whole.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2
