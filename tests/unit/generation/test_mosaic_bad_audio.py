"""Broken, foreign, empty, silent and too short audio: a code each, and never half an output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from generation.audio import AUDIO_ERRORS, AudioError
from generation.models.mosaic import Mosaic
from generation.songs import SongFiles
from tests.unit.generation.conftest import RowMaker, request_of

RATE = 44_100


@pytest.fixture(scope="module")
def bad(
    songs: dict[int, SongFiles],
    sound_file: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bad")
    whole = songs[17189].mix.read_bytes()

    def raw(name: str, content: bytes) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    hole = np.zeros((3 * RATE, 2))
    hole[RATE] = np.nan
    return {
        "missing": folder / "nowhere.wav",
        "empty": raw("empty.wav", b""),
        "a text": raw("text.wav", b"This is not music.\n" * 100),
        "a picture": raw("picture.mp3", b"\x89PNG\r\n\x1a\n" + bytes(4_000)),
        "a film": raw("film.m4a", b"\x00\x00\x00\x20ftypM4A " + bytes(4_000)),
        "a header alone": raw("header.wav", whole[:44]),
        "half a header": raw("half.wav", whole[:20]),
        "noise named flac": raw("noise.flac", b"fLaC" + bytes(range(256)) * 20),
        "silence": sound_file("silence.wav", np.zeros((5 * RATE, 2)), RATE),
        "a constant": sound_file("constant.wav", np.full((5 * RATE, 2), 0.3), RATE),
        "half a second": sound_file("blip.wav", np.full((RATE // 2, 2), 0.1), RATE),
        "not a number": sound_file("nan.wav", hole, RATE, subtype="FLOAT"),
        "too many channels": sound_file("nine.wav", np.full((2 * RATE, 9), 0.1), RATE),
        "too slow": sound_file("slow.wav", np.full((4_000, 1), 0.1), 2_000),
    }


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("missing", "audio_missing"),
        ("empty", "audio_empty"),
        ("a text", "audio_unreadable"),
        ("a picture", "audio_unreadable"),
        ("a film", "audio_unreadable"),
        ("a header alone", "audio_empty"),
        ("half a header", "audio_unreadable"),
        ("noise named flac", "audio_unreadable"),
        ("silence", "audio_silent"),
        ("a constant", "audio_silent"),
        ("half a second", "audio_too_short"),
        ("not a number", "audio_not_finite"),
        ("too many channels", "audio_unsupported"),
        ("too slow", "audio_unsupported"),
    ],
)
def test_bad_audio_has_a_code_and_ends_the_rendering(
    kind: str, code: str, bad: dict[str, Path], row: RowMaker
) -> None:
    rows = [row(0, 17193, "timbre", "1/2"), row(1, 17189, "rhythm", "1/2", audio=bad[kind])]
    with pytest.raises(AudioError) as error:
        Mosaic().generate(request_of(rows, duration_ms=4_000), lambda *_: None, lambda: False)
    assert error.value.code == code
    assert code in AUDIO_ERRORS
    assert str(error.value).endswith(f"[{code}]")


def test_a_segment_behind_the_end_has_a_code(row: RowMaker) -> None:
    rows = [row(0, 17193, "timbre", "1", source_from_ms=60_000)]
    with pytest.raises(AudioError) as error:
        Mosaic().generate(request_of(rows), lambda *_: None, lambda: False)
    assert error.value.code == "segment_outside"


def test_a_segment_of_half_a_second_is_too_short(row: RowMaker) -> None:
    rows = [row(0, 17193, "melody", "1", source_from_ms=1_000, source_until_ms=1_500)]
    with pytest.raises(AudioError) as error:
        Mosaic().generate(request_of(rows), lambda *_: None, lambda: False)
    assert error.value.code == "audio_too_short"
