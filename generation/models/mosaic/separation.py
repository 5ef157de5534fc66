"""Apart from a mix: what rings and what strikes.

A tone is a line along time in a spectrogram, a hit a line along frequency; two medians tell which
one a point belongs to (D. FitzGerald, "Harmonic/Percussive Separation Using Median Filtering",
2010). Both parts together are the whole.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import ndimage

from generation.models.mosaic.spectra import Singles, sound_of, spectrum

WINDOW: Final = 4096
HOP: Final = 1024
MASKED_BINS: Final = 1024  # up to 11 kHz; above, the highest band's mask is used on
TIME_MEDIAN: Final = 17
FREQUENCY_MEDIAN: Final = 31


def percussive(sound: Singles, *, purity: int = 1) -> Singles:
    """Return the struck part of stereo sound; with purity 1, the ringing part is the rest.

    A higher purity leaves out what is not clearly struck.
    """
    spectra = [spectrum(sound[:, channel], WINDOW, HOP) for channel in range(sound.shape[1])]
    magnitude = np.abs(np.stack(spectra)).mean(axis=0)
    low = magnitude[:, :MASKED_BINS]
    ringing = _median(low.T, TIME_MEDIAN).T
    struck = _median(low, FREQUENCY_MEDIAN)
    mask = np.square(struck) / (np.square(struck) + np.square(ringing) + 1e-12)
    mask **= purity
    above = magnitude.shape[1] - MASKED_BINS
    top = mask[:, -64:].mean(axis=1, keepdims=True)
    mask = np.concatenate([mask, np.repeat(top, above, axis=1)], axis=1)
    out = [sound_of(part * mask, WINDOW, HOP, sound.shape[0]) for part in spectra]
    return np.stack(out, axis=1)


def _median(rows: Singles, size: int) -> Singles:
    """Take the running median of each row, of odd size, mirrored at its ends.

    All rows are laid end to end: in one dimension scipy has an algorithm ten times as fast.
    """
    half = size // 2
    padded = np.pad(rows, ((0, 0), (half, half)), mode="symmetric")
    medians = ndimage.median_filter(padded.ravel(), size=size).reshape(padded.shape)
    return np.asarray(medians[:, half:-half])
