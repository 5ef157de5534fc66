"""An ear of its own: which of the candidate recordings is heard in a stretch of sound?

Nothing of `generation` is imported, and of the evidence only intervals of the *output* are used.
`tune_match` compares the course of pitch classes, at any place and tempo of a candidate;
`color_match` compares the spectral envelope of what rings (hits are taken out by a median over
time) with every moment of a candidate. Both return the candidate's name that is nearest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage, signal

Floats = npt.NDArray[Any]

TEMPO_RATIOS = np.geomspace(0.55, 1.8, 25)
TUNE_WINDOWS = 8
HOP_S = 0.02


@dataclass(frozen=True)
class Heard:
    """Sound to listen to: mono samples and their rate."""

    mono: Floats
    rate: int

    @cached_property
    def spectrogram(self) -> tuple[Floats, Floats]:
        """Magnitudes (frames every `HOP_S`, bins) and the bins' frequencies."""
        hop = round(HOP_S * self.rate)
        size = 4096 if self.rate > 30_000 else 2048
        hz, _, z = signal.stft(
            self.mono, self.rate, nperseg=size, noverlap=size - hop, boundary="even"
        )
        return np.abs(z).T.astype(np.float64), hz

    @cached_property
    def ringing(self) -> Floats:
        """The spectrogram without short hits."""
        bins = np.pad(self.spectrogram[0].T, ((0, 0), (4, 4)), mode="edge")
        return ndimage.median_filter(bins.ravel(), size=9).reshape(bins.shape)[:, 4:-4].T

    @cached_property
    def classes(self) -> Floats:
        """Energy in each of twelve pitch classes, 200 to 2000 Hz, every `HOP_S`."""
        magnitude, hz = self.ringing, self.spectrogram[1]
        inside = (hz > 200) & (hz < 2000)
        which = np.rint(12 * np.log2(hz[inside] / 440.0)).astype(int) % 12
        folded = np.zeros((magnitude.shape[0], 12))
        for k in range(12):
            folded[:, k] = (magnitude[:, inside][:, which == k] ** 1.0).sum(axis=1)
        return folded

    @cached_property
    def colors(self) -> Floats:
        """Cepstral coefficients 1 to 12 of thirty mel bands, every `HOP_S`."""
        magnitude, hz = self.ringing, self.spectrogram[1]
        mel = 1127.0 * np.log(1.0 + hz / 700.0)
        centers = np.linspace(90.0, 1127.0 * np.log(1.0 + 8_000 / 700.0), 32)
        wide = centers[1] - centers[0]
        bands = np.maximum(0.0, 1.0 - np.abs(mel[:, None] - centers[1:-1]) / wide)
        power = (magnitude**2) @ (bands / bands.sum(axis=0))
        return fft.dct(np.log(power + 1e-7), axis=1, norm="ortho")[:, 1:13]


def _course(classes: Floats, begins: Floats, ends: Floats) -> Floats:
    """Mean pitch classes in windows between begins and ends (frames), centered, length one."""
    sums = np.vstack([np.zeros(12), np.cumsum(classes, axis=0)])
    parts = np.linspace(0.0, 1.0, TUNE_WINDOWS + 1)
    at = begins[:, None] + (ends - begins)[:, None] * parts
    index = np.clip(np.rint(at).astype(int), 0, classes.shape[0])
    course = sums[index[:, 1:]] - sums[index[:, :-1]]
    course = course / (np.linalg.norm(course, axis=2, keepdims=True) + 1e-9)
    course = course - course.mean(axis=2, keepdims=True)
    flat = course.reshape(course.shape[0], -1)
    unit: Floats = flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9)
    return unit


def tune_match(
    output: Heard, begin: int, end: int, candidates: dict[str, Heard]
) -> tuple[str, dict[str, float]]:
    """Name the candidate whose pitches run most like those of output frames [begin, end)."""
    unit = 1.0 / (HOP_S * output.rate)
    asked = _course(output.classes, np.array([begin * unit]), np.array([end * unit]))[0]
    length = (end - begin) * unit
    found = {}
    for name, candidate in candidates.items():
        best = -1.0
        for ratio in TEMPO_RATIOS:
            starts = np.arange(0.0, candidate.classes.shape[0] - length * ratio, 3.0)
            if starts.size:
                courses = _course(candidate.classes, starts, starts + length * ratio)
                best = max(best, float((courses @ asked).max()))
        found[name] = best
    return max(found, key=lambda name: found[name]), found


def color_match(
    output: Heard, begin: int, end: int, candidates: dict[str, Heard]
) -> tuple[str, dict[str, float]]:
    """Name the candidate with the moment that sounds most like output frames [begin, end)."""
    unit = 1.0 / (HOP_S * output.rate)
    first, last = int(begin * unit), max(int(begin * unit) + 1, int(end * unit))
    asked = output.colors[first:last].mean(axis=0)
    found = {}
    for name, candidate in candidates.items():
        smooth = ndimage.uniform_filter1d(candidate.colors, last - first, axis=0)
        found[name] = -float(np.linalg.norm(smooth - asked, axis=1).min())
    return max(found, key=lambda name: found[name]), found
