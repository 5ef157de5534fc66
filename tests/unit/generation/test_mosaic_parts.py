"""The pieces of mosaic by themselves: quotas, cells, separation, color, lengthening."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from generation import audio
from generation.models.mosaic import allotment, color, cutting, mastering, separation, spectra
from generation.models.mosaic.allotment import FORBIDDEN, NOBODY
from generation.models.mosaic.lengthening import lengthen

RATE = 44_100


@given(st.lists(st.fractions(min_value=0, max_value=40), min_size=1, max_size=20))
def test_whole_cells_come_near_to_their_due(due: list[Fraction]) -> None:
    counts = allotment.largest_remainder(due, 10_000)
    assert min(counts) >= 1
    total = max(len(due), round(sum(due, Fraction(0))))
    assert sum(counts) == total or all(count == 1 for count in counts)
    if min(due) >= 1:
        assert all(abs(count - value) < 1 for count, value in zip(counts, due, strict=True))


def test_assignment_keeps_counts_and_takes_the_cheapest() -> None:
    costs = np.array([[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]])
    holder = allotment.assign([2, 2], costs, np.zeros(4))
    assert holder.tolist() == [0, 1, 1, 0]


def test_assignment_never_uses_a_forbidden_cell() -> None:
    costs = np.array([[FORBIDDEN, FORBIDDEN, 0.0, 0.0]])
    holder = allotment.assign([3], costs, np.zeros(4))
    assert holder.tolist() == [NOBODY, NOBODY, 0, 0]


def test_empty_cells_are_filled_by_who_may() -> None:
    costs = np.array([[FORBIDDEN, 0.0, 0.3], [FORBIDDEN, 1.0, 0.2]])
    filled = allotment.fill(np.array([NOBODY, NOBODY, NOBODY]), costs)
    assert filled.tolist() == [NOBODY, 0, 1]


def tone(hz: float, seconds: float = 2.0) -> np.ndarray:
    mono = 0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


def clicks(seconds: float = 2.0) -> np.ndarray:
    sound = np.zeros((int(seconds * RATE), 2), np.float32)
    sound[RATE // 4 :: RATE // 2] = 0.9
    return sound


def test_hits_and_tones_are_taken_apart() -> None:
    struck = separation.percussive(tone(440) + clicks())
    inner = slice(RATE // 8, -RATE // 8)
    rest = (tone(440) + clicks() - struck)[inner]
    near = np.convolve(clicks()[:, 0], np.ones(2_049), "same")[inner] > 0
    away = ~near
    assert spectra.rms(struck[inner][away]) < 0.1 * spectra.rms(tone(440))
    assert spectra.rms(rest[away]) > 0.9 * spectra.rms(tone(440))
    assert np.abs(struck[inner]).max() > 0.5  # the hits are hits still


def test_a_spectrum_turned_back_is_the_sound() -> None:
    sound = np.random.default_rng(1).standard_normal(30_000).astype(np.float32)
    for size, hop in ((4096, 1024), (8192, 2048)):
        back = spectra.sound_of(spectra.spectrum(sound, size, hop), size, hop, sound.size)
        assert np.abs(back - sound)[size:-size].max() < 1e-3


def test_lengthening_keeps_pitch_attack_and_level() -> None:
    sound = tone(330, 0.3)
    longer = lengthen(sound, int(0.45 * RATE))
    assert longer.shape == (int(0.45 * RATE), 2)
    assert np.array_equal(longer[:882], sound[:882]) or np.allclose(
        longer[:882], sound[:882], atol=1e-6
    )
    body = longer[2_000:-4_000, 0]
    peak = np.argmax(np.abs(np.fft.rfft(body * np.hanning(body.size)))) * RATE / body.size
    assert abs(peak - 330) < 4
    assert abs(spectra.rms(body) / spectra.rms(sound) - 1) < 0.1


def test_lengthening_what_is_too_short_pads() -> None:
    assert lengthen(tone(330, 0.01), 2_000).shape == (2_000, 2)
    assert lengthen(tone(330, 0.1), 2_000).shape == (2_000, 2)


def test_color_survives_transposition() -> None:
    """A third up, a vowel's resonance would move by a third as well; it must not."""
    noise = np.random.default_rng(2).standard_normal((RATE, 2))
    vowel = signal.sosfilt(
        signal.butter(2, [600, 900], "bandpass", fs=RATE, output="sos"), noise, axis=0
    ).astype(np.float32)
    moved = audio.stretch(vowel, 2 ** (4 / 12))

    def center(sound: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(sound[:, 0])) ** 2
        hertz = np.fft.rfftfreq(sound.shape[0], 1 / RATE)
        return float(np.sum(power * hertz) / np.sum(power))

    away = abs(center(moved) - center(vowel))
    assert away > 100
    assert abs(center(color.restored(moved, vowel)) - center(vowel)) < away / 3


@pytest.mark.parametrize(("length", "fade"), [(1_000, 100), (100, 100), (3, 100)])
def test_neighboring_envelopes_add_up_to_one(length: int, fade: int) -> None:
    shape = cutting.envelope(length, fade)[:, 0]
    used = min(fade, length // 2)
    assert np.allclose(shape[:used] + shape[length - used :], 1.0)
    assert shape[used : length - used].min(initial=1.0) == 1.0


@pytest.mark.parametrize("gain", [0.01, 0.1, 1.0, 50.0])
def test_mastering_never_passes_the_ceiling(gain: float) -> None:
    spiky = (tone(200) + clicks() * 3) * np.float32(gain)
    out = mastering.master(spiky)
    assert out.shape == spiky.shape
    assert np.abs(out).max() <= mastering.CEILING + 1e-6
    assert spectra.rms(out) > 0.01
