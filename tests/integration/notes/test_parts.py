"""Parts of a page that no small instance needs: many intervals, long sounds, many entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.audio import Audio
from schemas.manifest import RENDERED_MAX, FrameSpan, Rendered, RenderedDigest, bounded
from schemas.refusals import Malformed
from service.notes import evidence as evidence_module
from service.notes import generation_page, sound, statement_page
from service.notes.sound import EMPTY, fill_sound, intervals_beside, sound_element
from service.notes.waveform import HEIGHT, POINTS, draw
from tests.kit.earning import earned
from tests.kit.instance import Place
from tests.support.node import ROOT, node

CARRIED = ROOT / "service" / "notes" / "carried.mjs"


def units(folder: Path, count: int) -> list[Rendered]:
    """Write what a worker keeps beside its file, and return the same as the file would say it."""
    rows = [
        {
            "row": at % 3,
            "recording": "rec_01h455vb4pex5vsknk084sn02q",
            "role": "timbre",
            "output_from_frame": 100 * at,
            "output_until_frame": 100 * at + 100,
            "source_from_frame": 7 * at,
            "source_until_frame": 7 * at + 100,
            "transposition_semitones": 0,
            "certainty": "constructed",
        }
        for at in range(count)
    ]
    (folder / "units.json").write_text(json.dumps(rows))
    return [
        Rendered(
            row=at % 3,
            source=FrameSpan(from_frame=7 * at, until_frame=7 * at + 100),
            output=FrameSpan(from_frame=100 * at, until_frame=100 * at + 100),
        )
        for at in range(count)
    ]


def read_intervals(carried: Any, beside: Any) -> Any:
    """Return what the page's script takes them for: how many, or the refusal."""
    script = (
        f"const {{ carriedIntervals }} = await import({json.dumps(CARRIED.as_uri())});"
        f"const given = {json.dumps([carried, beside])};"
        "let said; try { said = carriedIntervals(...given)?.length ?? null; }"
        " catch (error) { said = error.message; } console.log(JSON.stringify(said));"
    )
    done = node("--input-type=module", "--eval", script)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_more_intervals_than_a_file_carries_lie_beside_it(tmp_path: Path) -> None:
    digest = bounded(units(tmp_path, RENDERED_MAX + 1))
    assert isinstance(digest, RenderedDigest)
    beside = intervals_beside(tmp_path)
    assert beside is not None
    assert read_intervals(digest.data(), beside) == RENDERED_MAX + 1
    beside[5]["row"] = 1
    assert "not those that it names" in read_intervals(digest.data(), beside)
    assert read_intervals(digest.data(), None) is None


def test_as_many_as_a_file_carries_are_not_said_twice(tmp_path: Path) -> None:
    assert isinstance(bounded(units(tmp_path, RENDERED_MAX)), tuple)
    assert intervals_beside(tmp_path) is None
    assert intervals_beside(tmp_path / "elsewhere") is None


def test_a_long_sound_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sound"
    path.write_bytes(bytes(100))
    monkeypatch.setattr(sound, "SOUND_BYTES_MAX", 99)
    assert sound_element(path) == EMPTY
    monkeypatch.setattr(sound, "SOUND_BYTES_MAX", 100)
    page = fill_sound(f"<p>{EMPTY}</p>", path)
    assert EMPTY not in page
    assert fill_sound(page, path) == page


def test_more_entries_than_a_page_holds(noted: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_module, "ENTRIES_MAX", 5)
    with (
        noted.open() as instance,
        pytest.raises(Malformed, check=lambda error: error.code == "entry_too_large"),
    ):
        generation_page(instance, earned(noted)["generation"])


@pytest.mark.parametrize("of", ["gen_01h455vb4pex5vsknk084sn02q", "rst_01h455vb4pex5vsknk084sn02q"])
def test_what_there_is_not(noted: Place, of: str) -> None:
    make = generation_page if of.startswith("gen") else statement_page
    with (
        noted.open() as instance,
        pytest.raises(Malformed, check=lambda error: error.code == "unknown_id"),
    ):
        make(instance, of)


@pytest.mark.parametrize(("frames", "columns"), [(1, 1), (3, 3), (44_100, POINTS)])
def test_a_waveform_has_a_column_for_each_part(frames: int, columns: int) -> None:
    samples = np.sin(np.arange(frames, dtype=np.float32))[:, None] * np.float32(0.5)
    drawing = draw(Audio(samples, 44_100))
    assert f'viewBox="0 0 {columns} {HEIGHT}"' in drawing
    assert drawing.count(" L") == 2 * columns - 1


def test_silence_is_a_line() -> None:
    drawing = draw(Audio(np.zeros((1000, 2), dtype=np.float32), 44_100))
    assert set(drawing.partition("M")[2].partition(" Z")[0].replace(" L", " ").split()[1::2]) == {
        f"{HEIGHT / 2:.1f}"
    }
