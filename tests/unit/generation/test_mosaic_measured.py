"""What is promised about an output, measured on the output.

The ear of `tests.kit.ear` shares no code with the synthesizer and sees only its sound.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import soundfile

from generation.songs import SongFiles
from generation.synthesizer import (
    CONDITIONED,
    CONSTRUCTED,
    Reference,
    Rendering,
    realized_shares,
)
from tests.kit.ear import Heard, color_match, tune_match
from tests.unit.generation.conftest import Render, RowMaker

FOUND_MIN = 0.8
SHARE_TOLERANCE = Fraction(1, 20)

THIRDS = ("1/3", "1/3", "1/3")
TRIOS = [
    # melody, timbre, rhythm, and their weights
    pytest.param(((17189, 17193, 17194), THIRDS), id="17189 over 17193 on 17194"),
    pytest.param(((17193, 17194, 17196), ("1/2", "3/10", "1/5")), id="17193 over 17194 on 17196"),
    pytest.param(((17196, 17189, 17193), ("3/10", "1/2", "1/5")), id="17196 over 17189 on 17193"),
]


@pytest.fixture(scope="module", params=TRIOS)
def trio(
    request: pytest.FixtureRequest, row: RowMaker, render: Render
) -> tuple[list[Reference], Rendering]:
    numbers, weights = request.param
    rows = [
        row(index, number, role, weight)
        for index, (number, role, weight) in enumerate(
            zip(numbers, ("melody", "timbre", "rhythm"), weights, strict=True)
        )
    ]
    return rows, render(rows)


@pytest.fixture(scope="module")
def ears(songs: dict[int, SongFiles]) -> dict[str, Heard]:
    out = {}
    for number, song in songs.items():
        samples, rate = soundfile.read(song.mix)
        out[str(number)] = Heard(samples.mean(axis=1), rate)
    return out


def among(ears: dict[str, Heard], rows: list[Reference]) -> dict[str, Heard]:
    """The candidates: chance is one third."""
    names = {one.recording for one in rows}
    assert len(names) == 3
    return {name: heard for name, heard in ears.items() if name in names}


def output(rendering: Rendering) -> Heard:
    return Heard(rendering.audio.mean(axis=1).astype(np.float64), rendering.sample_rate)


def assert_shares(rows: list[Reference], rendering: Rendering) -> None:
    assert sum(rendering.realized.values()) == 1
    for one in rows:
        assert abs(rendering.realized[one.row] - one.weight) <= SHARE_TOLERANCE


def test_the_melody_is_heard_where_the_evidence_says(
    trio: tuple[list[Reference], Rendering], ears: dict[str, Heard]
) -> None:
    rows, rendering = trio
    candidates = among(ears, rows)
    heard = output(rendering)
    units = [unit for unit in rendering.units if unit.role == "melody"]
    found = [
        tune_match(heard, unit.output_from_frame, unit.output_until_frame, candidates)[0]
        == unit.recording
        for unit in units
    ]
    assert len(found) >= 8
    assert sum(found) >= FOUND_MIN * len(found)


def test_the_timbre_is_heard_where_the_evidence_says(
    trio: tuple[list[Reference], Rendering], ears: dict[str, Heard]
) -> None:
    rows, rendering = trio
    candidates = among(ears, rows)
    heard = output(rendering)
    units = [unit for unit in rendering.units if unit.role == "timbre"]
    found = [
        color_match(heard, unit.output_from_frame, unit.output_until_frame, candidates)[0]
        == unit.recording
        for unit in units
    ]
    assert len(found) >= 8
    assert sum(found) >= FOUND_MIN * len(found)


def test_three_roles_take_the_shares_that_were_agreed(
    trio: tuple[list[Reference], Rendering],
) -> None:
    assert_shares(*trio)


@pytest.mark.parametrize(
    "weights",
    [("7/10", "2/10", "1/10"), THIRDS, ("1/2", "499/1000", "1/1000"), ("6/10", "3/10", "1/10")],
)
def test_three_recordings_share_one_role_by_their_weights(
    weights: tuple[str, ...], row: RowMaker, render: Render, ears: dict[str, Heard]
) -> None:
    numbers = (17189, 17193, 17194)
    rows = [
        row(index, number, "timbre", weight)
        for index, (number, weight) in enumerate(zip(numbers, weights, strict=True))
    ]
    rendering = render(rows)
    assert_shares(rows, rendering)
    assert {unit.row for unit in rendering.units} == {0, 1, 2}  # however small, none is dropped
    heard, candidates = output(rendering), among(ears, rows)
    found = [
        color_match(heard, unit.output_from_frame, unit.output_until_frame, candidates)[0]
        == unit.recording
        for unit in rendering.units
    ]
    assert sum(found) >= FOUND_MIN * len(found)


def test_shares_are_what_the_units_say(trio: tuple[list[Reference], Rendering]) -> None:
    rows, rendering = trio
    again = realized_shares(rendering.units, tuple(one.row for one in rows))
    assert again == rendering.realized


def test_every_interval_lies_where_it_may(
    trio: tuple[list[Reference], Rendering], songs: dict[int, SongFiles]
) -> None:
    rows, rendering = trio
    ends = {one.row: soundfile.info(songs[int(one.recording)].mix).frames for one in rows}
    for unit in rendering.units:
        assert 0 <= unit.output_from_frame < unit.output_until_frame <= len(rendering.audio)
        assert 0 <= unit.source_from_frame < unit.source_until_frame <= ends[unit.row]
        assert unit.certainty == (CONDITIONED if unit.role == "melody" else CONSTRUCTED)


def test_every_moment_has_its_row_of_evidence(trio: tuple[list[Reference], Rendering]) -> None:
    _, rendering = trio
    told = np.zeros(len(rendering.audio), dtype=bool)
    for unit in rendering.units:
        told[unit.output_from_frame : unit.output_until_frame] = True
    untold = rendering.audio[~told]
    # What no row accounts for is silence, but for what a filter rings on.
    assert untold.size == 0 or np.sqrt(np.mean(untold**2)) < 0.02
