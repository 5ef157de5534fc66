"""Sound brought to the pitches wanted: what belongs to them stays, what does not steps back.

A mask over the spectrogram, by pitch class and step. What the mask takes from a band of a third of
an octave or so, the tones that stay in that band get back: so the sound keeps its color.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.models.mosaic import color
from generation.models.mosaic.grid import Grid
from generation.models.mosaic.plan import Wanted
from generation.models.mosaic.spectra import RATE_HZ, Floats, Singles, product, sound_of, spectrum

WINDOW: Final = 8192
HOP: Final = 2048
TUNED_HZ_MIN: Final = 70.0
TUNED_HZ_MAX: Final = 2_000.0  # above, tones are overtones: color
DEPTH: Final = 0.93  # at full strength a foreign tone is 23 dB lower, before color comes back
TUNED_BINS: Final = 840  # up to 4.5 kHz, where nothing is left of the mask
WIDTH_SEMITONES: Final = 0.38
"""How wide a tone that is wanted stands open, in semitones."""


def tune(sound: Singles, wanted: Wanted, grid: Grid) -> Singles:
    """Lower the tones of stereo sound that are not wanted in their step."""
    hops = np.arange(-(-sound.shape[0] // HOP) + 1) * HOP
    steps = np.clip(np.searchsorted(grid.bounds, hops, side="right") - 1, 0, grid.steps - 1)
    keep = (wanted.chroma / wanted.chroma.max(axis=1, keepdims=True))[steps]
    depth = (DEPTH * wanted.strength)[steps, None]
    bins, within = _bands()
    broad = color.bands(WINDOW // 2 + 1)[:TUNED_BINS].astype(np.float32)
    mask = (1.0 - depth * within[None, :] * (1.0 - product(keep, bins))).astype(np.float32)
    out = []
    for channel in range(sound.shape[1]):
        spectra = spectrum(sound[:, channel], WINDOW, HOP)
        tuned = spectra[:, :TUNED_BINS]
        gain = mask[: spectra.shape[0]]
        power: Singles = np.square(np.abs(tuned))
        before = product(power, broad).astype(np.float64)
        after = product(power * np.square(gain), broad).astype(np.float64)
        lift = color.correction(before, after)
        tuned *= gain * product(lift.astype(np.float32), broad.T)
        out.append(sound_of(spectra, WINDOW, HOP, sound.shape[0]))
    return np.stack(out, axis=1)


def _bands() -> tuple[Floats, Floats]:
    """Return how much each bin belongs to each pitch class (12, bins), and to the tuned range."""
    hertz = np.maximum(np.arange(TUNED_BINS) * RATE_HZ / WINDOW, 1.0)
    semitones = 69.0 + 12.0 * np.log2(hertz / 440.0)
    away = (semitones[None, :] - np.arange(12)[:, None] + 6.0) % 12.0 - 6.0
    # Low down a bin is wider than a semitone; it belongs to all that it covers.
    width = np.maximum(WIDTH_SEMITONES, 12.0 * np.log2(1.0 + RATE_HZ / WINDOW / hertz) / 2.0)
    bands = np.exp(-0.5 * (away / width) ** 2)
    bands /= np.maximum(1.0, bands.sum(axis=0))
    low = 1.0 / (1.0 + np.exp(-(hertz - TUNED_HZ_MIN) / 10.0))
    high = 1.0 / (1.0 + np.exp((hertz - TUNED_HZ_MAX) / 500.0))
    return bands, low * high
