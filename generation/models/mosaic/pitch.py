"""Which pitch classes sound in each step, how high the tune is, and in which key.

A chroma is twelve non-negative numbers, C first, of length one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import fft, ndimage

from generation.models.mosaic.spectra import ANALYSIS_HZ, RATE_HZ, Floats, Ints, Singles, product

WINDOW: Final = 8192  # 2.7 Hz a bin: a semitone is three bins wide at A2
HEARD_BINS: Final = 640  # up to 1.7 kHz, a third above the highest note
PITCH_CLASSES: Final = 12
MIDI_LOW: Final = 40
MIDI_HIGH: Final = 88
TUNE_LOW: Final = 57  # a sung or played tune lies between A3 and G5
TUNE_HIGH: Final = 79

MAJOR_PROFILE: Final = np.array(
    [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
)
MINOR_PROFILE: Final = np.array(
    [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]
)
"""How well each degree fits a key: Krumhansl and Kessler (1982), table 2."""


def notes(mono: Singles, bounds: Ints) -> Floats:
    """Measure how strongly each MIDI note from `MIDI_LOW` sounds in each step; (steps, notes)."""
    ratio = RATE_HZ // ANALYSIS_HZ
    centers = (bounds[:-1] + bounds[1:]) // (2 * ratio)
    padded = np.pad(mono, WINDOW)
    starts = np.clip(centers + WINDOW // 2, 0, padded.size - WINDOW)
    cut = padded[starts[:, None] + np.arange(WINDOW)] * np.hanning(WINDOW).astype(np.float32)
    magnitude = np.abs(fft.rfft(cut, axis=1)[:, :HEARD_BINS]).astype(np.float64)
    # Only what stands out of its surroundings is a tone; the rest is noise and drums.
    floor = ndimage.uniform_filter1d(magnitude, 61, axis=1)
    peaks = np.sqrt(np.maximum(0.0, magnitude - 1.5 * floor))
    return product(peaks, _note_bands())


def _note_bands() -> Floats:
    """Weigh each bin for each note: a Gaussian of a quarter tone around the note's frequency."""
    hertz = np.maximum(np.arange(HEARD_BINS) * ANALYSIS_HZ / WINDOW, 1.0)
    midi = 69.0 + 12.0 * np.log2(hertz / 440.0)
    distance = midi[:, None] - np.arange(MIDI_LOW, MIDI_HIGH)[None, :]
    bands: Floats = np.exp(-0.5 * (distance / 0.3) ** 2)
    bands /= bands.sum(axis=0, keepdims=True) + 1e-9
    return bands


def chroma(strengths: Floats, *, tune: bool) -> Floats:
    """Fold note strengths into a chroma a step; `tune` listens where melodies lie, and sharply."""
    midi = np.arange(MIDI_LOW, MIDI_HIGH)
    middle, width = (70.0, 7.0) if tune else (58.0, 12.0)
    weighed = strengths * np.exp(-0.5 * ((midi - middle) / width) ** 2)
    folded = np.zeros((strengths.shape[0], PITCH_CLASSES))
    for index, note in enumerate(midi):
        folded[:, note % PITCH_CLASSES] += weighed[:, index]
    return unit(folded**3 if tune else folded)


def unit(rows: Floats) -> Floats:
    """Scale each row to length one; a row of nothing becomes an even one."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    even = np.full(rows.shape[1], 1.0 / np.sqrt(rows.shape[1]))
    return np.where(length > 1e-9, rows / np.maximum(length, 1e-9), even)  # noqa: PLR2004 - silence - silence


def tune(strengths: Floats) -> Floats:
    """Return the strongest MIDI note of the melody's range in each step."""
    low, high = TUNE_LOW - MIDI_LOW, TUNE_HIGH - MIDI_LOW
    octave = np.pad(strengths, ((0, 0), (0, 12)))[:, 12 : 12 + strengths.shape[1]]
    salience = strengths + 0.4 * octave
    out: Floats = TUNE_LOW + np.argmax(salience[:, low:high], axis=1).astype(np.float64)
    return out


def key(chromas: Floats) -> tuple[int, bool]:
    """Name the key that fits a sequence of chromas best: its tonic's class, and whether minor."""
    mean = chromas.mean(axis=0)
    fits = [
        (float(np.corrcoef(np.roll(profile, tonic), mean)[0, 1]), tonic, minor)
        for minor, profile in ((False, MAJOR_PROFILE), (True, MINOR_PROFILE))
        for tonic in range(PITCH_CLASSES)
    ]
    _, tonic, minor = max(fits)
    return tonic, minor
