"""The output as a piece of music: level, ends, seams, beat, and what it does with odd sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from scipy import signal

from generation.songs import SongFiles
from generation.synthesizer import Reference, Rendering
from tests.unit.generation.conftest import Render, RowMaker

ROLES = ("melody", "harmony", "rhythm", "timbre", "lead", "accompaniment", "bass", "drums")


@pytest.fixture(scope="module")
def duo(row: RowMaker, render: Render) -> Rendering:
    """Two recordings of different tempo and key, cut into each other at song level."""
    return render([row(0, 17189, "timbre", "1/2"), row(1, 17196, "timbre", "1/2")])


def decibel(value: float) -> float:
    return 20.0 * float(np.log10(value + 1e-12))


def assert_sane(rendering: Rendering, duration_ms: int = 30_000) -> None:
    sound = rendering.audio
    assert rendering.sample_rate == 44_100
    assert sound.dtype == np.float32
    assert sound.shape == (duration_ms * 441 // 10, 2)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 0.9
    assert -24.0 < decibel(float(np.sqrt(np.mean(sound**2)))) < -12.0
    assert np.abs(sound.mean(axis=0)).max() < 1e-3


def test_it_is_as_loud_as_music_is_and_never_clips(duo: Rendering) -> None:
    assert_sane(duo)


def test_it_begins_and_ends_in_silence(duo: Rendering) -> None:
    assert np.abs(duo.audio[0]).max() < 1e-3
    assert np.abs(duo.audio[-1]).max() < 1e-3


def test_no_stretch_of_it_is_silent(duo: Rendering) -> None:
    blocks = duo.audio[:-22_050].reshape(-1, 22_050, 2)
    assert decibel(float(np.sqrt(np.mean(blocks**2, axis=(1, 2))).min())) > -40.0


def test_seams_do_not_click(duo: Rendering) -> None:
    """A click is a sudden step: the highest octave alone, far above its surroundings."""
    high = signal.butter(4, 14_000, "highpass", fs=44_100, output="sos")
    edge = np.abs(signal.sosfilt(high, duo.audio.mean(axis=1)))
    loudest = np.quantile(edge, 0.9999)
    seams = {unit.output_from_frame for unit in duo.units} - {0}
    assert len(seams) > 20
    clicks = [seam for seam in seams if edge[seam : seam + 64].max() > loudest]
    assert len(clicks) <= len(seams) // 20


def test_units_begin_on_the_beat_of_one_clock(duo: Rendering) -> None:
    begins = np.array([unit.output_from_frame for unit in duo.units])
    step = 44_100 * 60 / 96 / 2  # an eighth at the tempo of the heavier, here the first, row
    away = np.abs(begins / step - np.rint(begins / step))
    assert np.quantile(away, 0.9) < 0.25  # drift over 30 s included


def test_stereo_stays_stereo(duo: Rendering) -> None:
    sides = duo.audio[:, 0] - duo.audio[:, 1]
    assert decibel(float(np.sqrt(np.mean(sides**2)))) > -40.0


@pytest.fixture(scope="module")
def odd_sources(songs: dict[int, SongFiles], sound_file: Callable[..., Path]) -> dict[str, Path]:
    samples, rate = soundfile.read(songs[17189].mix)
    ten = samples[: 10 * rate]
    return {
        "mono": sound_file("mono.wav", ten.mean(axis=1), rate),
        "8 kHz": sound_file("8k.wav", soxr.resample(ten.mean(axis=1), rate, 8_000), 8_000),
        "37.8 kHz": sound_file("odd.flac", soxr.resample(ten, rate, 37_800), 37_800),
        "96 kHz 24 bit": sound_file(
            "96k.wav", soxr.resample(ten, rate, 96_000), 96_000, subtype="PCM_24"
        ),
        "six channels": sound_file("six.wav", np.tile(ten, (1, 3)), rate),
        "MP3": sound_file("song.mp3", ten, rate, format="MP3"),
        "Ogg": sound_file("song.ogg", ten, rate, format="OGG", subtype="VORBIS"),
        "three seconds": sound_file("three.wav", samples[4 * rate : 7 * rate], rate),
        "one second": sound_file("one.wav", samples[4 * rate : 5 * rate], rate),
        "very quiet": sound_file("quiet.wav", ten * 3e-3, rate, subtype="FLOAT"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "mono",
        "8 kHz",
        "37.8 kHz",
        "96 kHz 24 bit",
        "six channels",
        "MP3",
        "Ogg",
        "three seconds",
        "one second",
        "very quiet",
    ],
)
def test_odd_sources_give_whole_outputs(
    kind: str, odd_sources: dict[str, Path], row: RowMaker, render: Render
) -> None:
    path = odd_sources[kind]
    rendering = render([row(0, 17189, "timbre", "1", audio=path)], duration_ms=12_000)
    assert_sane(rendering, 12_000)
    frames = soundfile.info(path).frames
    assert all(unit.source_until_frame <= frames for unit in rendering.units)


def all_roles(row: RowMaker, path: Path) -> list[Reference]:
    return [row(index, 17189, role, "1/8", audio=path) for index, role in enumerate(ROLES)]


@pytest.mark.parametrize("kind", ["three seconds", "8 kHz"])
def test_every_role_at_once_from_one_poor_source(
    kind: str, odd_sources: dict[str, Path], row: RowMaker, render: Render
) -> None:
    rendering = render(all_roles(row, odd_sources[kind]), duration_ms=8_000)
    assert_sane(rendering, 8_000)
    assert {unit.role for unit in rendering.units} == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_alone_makes_sound(role: str, row: RowMaker, render: Render) -> None:
    rows = [row(0, 17193, role, "1", source_until_ms=8_000)]
    assert_sane(render(rows, duration_ms=6_000), 6_000)


@pytest.mark.parametrize("duration_ms", [2_000, 2_001, 12_345])
def test_the_output_is_as_long_as_was_asked(
    duration_ms: int, row: RowMaker, render: Render
) -> None:
    rendering = render([row(0, 17193, "timbre", "1")], duration_ms=duration_ms)
    assert len(rendering.audio) == duration_ms * 44_100 // 1000


def test_noise_and_a_bare_tone_are_music_enough(
    sound_file: Callable[..., Path], row: RowMaker, render: Render
) -> None:
    noise = np.random.default_rng(1).standard_normal((5 * 44_100, 2)) * 0.1
    tone = np.sin(np.arange(5 * 44_100) * 0.06) * 0.3
    rows = [
        row(0, 17189, "rhythm", "1/2", audio=sound_file("noise.wav", noise, 44_100)),
        row(1, 17193, "timbre", "1/2", audio=sound_file("tone.wav", tone, 44_100)),
    ]
    assert_sane(render(rows, duration_ms=6_000), 6_000)


def test_three_seconds_are_enough_for_thirty(
    odd_sources: dict[str, Path], row: RowMaker, render: Render
) -> None:
    rendering = render([row(0, 17189, "timbre", "1", audio=odd_sources["three seconds"])])
    assert_sane(rendering)
    assert len(rendering.units) > 10
