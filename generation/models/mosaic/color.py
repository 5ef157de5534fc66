"""The color of a sound: how its power lies over broad bands, whatever its pitches are.

Transposing and tuning move tones; what a listener knows a recording by is its color, so both give
it back.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from scipy import fft

from generation.models.mosaic.spectra import RATE_HZ, Floats, Singles, product

LOWEST_HZ: Final = 70.0
BANDS: Final = 24  # a third of an octave each
RESTORE_MAX: Final = 6.0  # 16 dB; more would lift what is hardly there
FLOOR: Final = 1e-6


@lru_cache(maxsize=64)
def bands(bins: int) -> Floats:
    """Return how much each of `bins` bins (0 Hz to half of `RATE_HZ`) belongs to each band.

    Shape (bins, bands); bands overlap as triangles and every row sums to one.
    """
    hertz = np.maximum(np.linspace(0.0, RATE_HZ / 2, bins), LOWEST_HZ)
    place = np.log(hertz / LOWEST_HZ) / np.log(RATE_HZ / 2 / LOWEST_HZ) * (BANDS - 1)
    away = np.abs(place[:, None] - np.arange(BANDS)[None, :])
    out: Floats = np.maximum(0.0, 1.0 - away)
    return out


def correction(wanted: Floats, present: Floats) -> Floats:
    """Turn band powers wanted and present into a gain a band, within `RESTORE_MAX` either way."""
    gain: Floats = np.sqrt((wanted + FLOOR) / (present + FLOOR))
    return np.clip(gain, 1.0 / RESTORE_MAX, RESTORE_MAX)


def restored(moved: Singles, original: Singles) -> Singles:
    """Give a transposed cut the color of its original; both stereo, of any lengths."""
    size = fft.next_fast_len(moved.shape[0] + 2048)
    spectra = fft.rfft(moved, n=size, axis=0)
    present = _power(spectra, moved.shape[0])
    size_original = fft.next_fast_len(original.shape[0])
    wanted = _power(fft.rfft(original, n=size_original, axis=0), original.shape[0])
    gain = product(bands(spectra.shape[0]), correction(wanted, present)[:, None])
    out = fft.irfft(spectra * gain, n=size, axis=0)[: moved.shape[0]]
    return np.asarray(out, dtype=np.float32)


def _power(spectra: np.ndarray, frames: int) -> Floats:
    """Sum power by band, per frame of sound."""
    power = np.square(np.abs(spectra)).sum(axis=1).astype(np.float64)
    weights = bands(spectra.shape[0])
    per_bin = product(power[None, :], weights)[0] / np.maximum(weights.sum(axis=0), 1e-9)
    return np.asarray(per_bin / frames)
