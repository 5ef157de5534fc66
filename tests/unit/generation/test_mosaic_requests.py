"""What a request may ask: segments, intervals, stems, levels; and what is refused by name."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from generation.models.mosaic import Mosaic
from generation.songs import SongFiles
from generation.synthesizer import (
    CANNOT_HONOR,
    Backend,
    CannotHonor,
    Capabilities,
    Rendering,
    RenderingCanceled,
)
from tests.unit.generation.conftest import Render, RowMaker, request_of

RATE = 44_100


def test_segments_bound_what_is_taken(row: RowMaker, render: Render) -> None:
    rows = [
        row(0, 17189, "timbre", "7/10", source_from_ms=2_000, source_until_ms=8_000),
        row(1, 17189, "timbre", "3/10", source_from_ms=10_000, source_until_ms=12_000),
        # Rows of one recording are told apart by their segments.
    ]
    rendering = render(rows, duration_ms=15_000)
    for unit in rendering.units:
        one = rows[unit.row]
        assert one.source_until_ms is not None
        assert unit.source_from_frame * 1000 >= one.source_from_ms * RATE
        assert unit.source_until_frame * 1000 <= one.source_until_ms * RATE
    assert abs(rendering.realized[0] - Fraction(7, 10)) < Fraction(1, 20)


def test_a_segment_of_a_conditioning_row_bounds_it_too(row: RowMaker, render: Render) -> None:
    rows = [
        row(0, 17194, "melody", "1/2", source_from_ms=5_000, source_until_ms=14_500),
        row(1, 17193, "timbre", "1/2"),
    ]
    for unit in render(rows, duration_ms=12_000).units:
        if unit.row == 0:
            assert 5 * RATE <= unit.source_from_frame < unit.source_until_frame <= 14.5 * RATE


@pytest.mark.parametrize("role", ["timbre", "rhythm", "melody"])
def test_an_output_interval_bounds_where_a_row_acts(
    role: str, row: RowMaker, render: Render
) -> None:
    rows = [
        row(0, 17189, role, "1/3", output=(3_210, 7_654), source_until_ms=9_000),
        row(1, 17193, role, "1/3", output=(7_654, 12_000), source_until_ms=9_000),
        row(2, 17194, role, "1/3", source_until_ms=9_000),
    ]
    rendering = render(rows, duration_ms=12_000)
    assert {unit.row for unit in rendering.units} == {0, 1, 2}
    for unit in rendering.units:
        bounds = rows[unit.row].output
        if bounds is not None:
            assert unit.output_from_frame * 1000 >= bounds[0] * RATE - 1000
            assert unit.output_until_frame * 1000 <= bounds[1] * RATE


def test_halves_of_the_output_go_to_whom_they_were_given(row: RowMaker, render: Render) -> None:
    rows = [
        row(0, 17189, "timbre", "1/2", output=(0, 10_000)),
        row(1, 17193, "timbre", "1/2", output=(10_000, 20_000)),
    ]
    rendering = render(rows, duration_ms=20_000)
    assert abs(rendering.realized[0] - Fraction(1, 2)) < Fraction(1, 50)
    assert all((unit.output_from_frame >= 10 * RATE) == (unit.row == 1) for unit in rendering.units)


def test_an_interval_shorter_than_a_step_is_honored(row: RowMaker, render: Render) -> None:
    rows = [
        row(0, 17189, "timbre", "1/2", output=(1_234, 1_300)),
        row(1, 17193, "melody", "1/2"),
    ]
    units = [unit for unit in render(rows, duration_ms=6_000).units if unit.row == 0]
    assert min(unit.output_from_frame for unit in units) == 1_234 * RATE // 1000
    assert max(unit.output_until_frame for unit in units) == 1_300 * RATE // 1000


def test_guitar_and_voice_of_one_song_with_the_voice_of_another(
    row: RowMaker, render: Render, songs: dict[int, SongFiles]
) -> None:
    rows = [
        row(0, 17189, "lead", "2/5", use="parameter", parameters=("guitar",), stem="guitar"),
        row(1, 17189, "timbre", "2/5", use="parameter", parameters=("voice",), stem="voice"),
        row(2, 17194, "timbre", "1/5", use="parameter", parameters=("voice",), stem="voice"),
    ]
    assert rows[0].audio == songs[17189].stems["guitar"]
    rendering = render(rows)
    for one in rows:
        assert abs(rendering.realized[one.row] - one.weight) < Fraction(1, 20)
    assert {unit.row: unit.role for unit in rendering.units} == {
        0: "lead",
        1: "timbre",
        2: "timbre",
    }


def test_melody_parameter_without_a_stem(row: RowMaker, render: Render) -> None:
    rows = [
        row(0, 17193, "melody", "1/2", use="parameter", parameters=("melody",)),
        row(1, 17189, "timbre", "1/2"),
    ]
    assert {unit.row for unit in render(rows, duration_ms=6_000).units} == {0, 1}


def test_sixty_four_references_and_none_is_dropped(row: RowMaker, render: Render) -> None:
    numbers = (17189, 17193, 17194, 17196)
    rows = [
        row(
            index,
            numbers[index % 4],
            ("timbre", "rhythm", "melody", "bass")[index // 16],
            "1/64",
            source_until_ms=4_000,
        )
        for index in range(64)
    ]
    rendering = render(rows, duration_ms=10_000)
    assert {unit.row for unit in rendering.units} == set(range(64))
    assert all(
        abs(share - Fraction(1, 64)) < Fraction(1, 50) for share in rendering.realized.values()
    )


def test_one_role_heavier_than_the_rest_fills_and_the_others_are_sparse(
    row: RowMaker, render: Render
) -> None:
    rows = [
        row(0, 17196, "melody", "8/10"),
        row(1, 17189, "timbre", "1/10"),
        row(2, 17193, "drums", "1/10"),
    ]
    rendering = render(rows)
    for one in rows:
        assert abs(rendering.realized[one.row] - one.weight) < Fraction(1, 20)


def same(first: Rendering, second: Rendering) -> bool:
    return first.audio.tobytes() == second.audio.tobytes() and first.units == second.units


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(
    row: RowMaker, render: Render
) -> None:
    rows = [
        row(0, 17189, "melody", "1/3", source_until_ms=8_000),
        row(1, 17193, "timbre", "1/3", source_until_ms=8_000),
        row(2, 17194, "rhythm", "1/3", source_until_ms=8_000),
    ]
    first = render(rows, duration_ms=5_000, seed=7)
    assert same(first, render(rows, duration_ms=5_000, seed=7))
    assert same(first, render(rows[::-1], duration_ms=5_000, seed=7))  # rows are told by number
    assert not same(first, render(rows, duration_ms=5_000, seed=8))


SEPARATE_PROCESS = """
import hashlib, sys
from fractions import Fraction
from pathlib import Path
from generation.models.mosaic import Mosaic
from generation.synthesizer import Reference, RenderRequest
rows = tuple(
    Reference(i, role, "song", (), role, Fraction(1, 2), 0, 6000, None, None, Path(sys.argv[1 + i]))
    for i, role in enumerate(("melody", "timbre"))
)
request = RenderRequest("gen", rows, 4000, 7, "mod")
rendering = Mosaic().generate(request, lambda *_: None, lambda: False)
print(hashlib.sha256(rendering.audio.tobytes() + repr(rendering.units).encode()).hexdigest())
"""


def test_another_process_with_other_threads_and_hashes_gives_the_same_bytes(
    songs: dict[int, SongFiles],
) -> None:
    printed = {
        subprocess.run(  # noqa: S603 - our own interpreter and our own text
            [sys.executable, "-c", SEPARATE_PROCESS, songs[17189].mix, songs[17196].mix],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for threads, seed in (("1", "1"), ("2", "2"))
    }
    assert len(printed) == 1


def test_one_recording_alone_sounds_different_for_another_seed(
    row: RowMaker, render: Render
) -> None:
    rows = [row(0, 17193, "timbre", "1")]
    assert not same(
        render(rows, duration_ms=8_000, seed=1), render(rows, duration_ms=8_000, seed=2)
    )


def test_progress_rises_from_zero_to_one(row: RowMaker) -> None:
    told: list[tuple[float, str]] = []
    request = request_of([row(0, 17189, "timbre", "1")], duration_ms=4_000)
    Mosaic().generate(request, lambda done, words: told.append((done, words)), lambda: False)
    fractions = [done for done, _ in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert all(words for _, words in told)


@pytest.mark.parametrize("asked", [1, 2, 4])
def test_cancellation_ends_the_work_at_the_next_stage(asked: int, row: RowMaker) -> None:
    rows = [row(0, 17189, "melody", "1/2"), row(1, 17193, "timbre", "1/2")]
    calls = 0

    def canceled() -> bool:
        nonlocal calls
        calls += 1
        return calls >= asked

    with pytest.raises(RenderingCanceled):
        Mosaic().generate(request_of(rows, duration_ms=4_000), lambda *_: None, canceled)
    assert calls == asked


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("use_not_offered", {"use": "temporal"}, {}),
    ("use_not_offered", {"use": "training"}, {}),
    ("role_not_offered", {"role": "lyrics"}, {}),
    ("role_not_offered", {"role": "structure"}, {}),
    ("parameters_unexpected", {"parameters": ("melody",)}, {}),
    ("parameters_missing", {"use": "parameter"}, {}),
    ("parameter_not_offered", {"use": "parameter", "parameters": ("mood",)}, {}),
    ("stem_missing", {"use": "parameter", "parameters": ("guitar",)}, {}),
    ("stem_missing", {"use": "parameter", "parameters": ("voice",), "stem": "guitar"}, {}),
    ("segment_empty", {"source_from_ms": 5_000, "source_until_ms": 5_000}, {}),
    ("segment_empty", {"source_from_ms": -1}, {}),
    ("output_out_of_range", {"output": (0, 30_001)}, {}),
    ("output_out_of_range", {"output": (5, 5)}, {}),
    ("weights_not_normalized", {"weight": Fraction(1, 2)}, {}),
    ("weights_not_normalized", {"weight": Fraction(0)}, {}),
    ("duration_out_of_range", {}, {"duration_ms": 1_999}),
    ("duration_out_of_range", {}, {"duration_ms": 300_001}),
    ("no_references", {}, {"references": ()}),
]


@pytest.mark.parametrize(("code", "changed", "request_changed"), REFUSED)
def test_what_cannot_be_honored_is_refused_by_name(
    code: str, changed: dict[str, Any], request_changed: dict[str, Any], row: RowMaker
) -> None:
    request = request_of([replace(row(0, 17189, "timbre", "1"), **changed)])
    request = replace(request, **request_changed)
    with pytest.raises(CannotHonor) as refusal:
        Mosaic().validate(request)
    assert refusal.value.code == code
    assert code in CANNOT_HONOR


def test_two_rows_of_one_number_and_too_many_rows_are_refused(row: RowMaker) -> None:
    twins = [row(0, 17189, "timbre", "1/2"), row(0, 17193, "timbre", "1/2")]
    crowd = [row(index, 17189, "timbre", "1/65") for index in range(65)]
    for rows, code in ((twins, "rows_not_unique"), (crowd, "too_many_references")):
        with pytest.raises(CannotHonor) as refusal:
            Mosaic().validate(request_of(rows))
        assert refusal.value.code == code


def test_what_is_declared_is_consistent() -> None:
    backend: Backend = Mosaic()
    declared: Capabilities = backend.capabilities()
    assert set(declared.copying_roles) < set(declared.roles)
    assert {"timbre", "rhythm"} <= set(declared.copying_roles)
    assert not {"melody", "harmony"} & set(declared.copying_roles)
    assert set(declared.stem_parameters) <= set(declared.parameters)
    assert len(declared.weights_sha256) == 64
    assert declared == Mosaic().capabilities()
    assert declared.training == "none"
    assert declared.commercial_allowed
