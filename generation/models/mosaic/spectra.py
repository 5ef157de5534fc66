"""Short-time spectra: cutting sound into windows, and putting windows together again."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft

RATE_HZ: Final = 44_100
"""The rate at which everything is cut, woven and written."""
ANALYSIS_HZ: Final = 22_050
"""The rate at which meter and pitch are measured: half, so that a frame is two of `RATE_HZ`."""

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Real = TypeVar("Real", np.float32, np.float64)
"""Arrays by what they hold."""


def windows(sound: Singles, size: int, hop: int) -> Singles:
    """Cut mono sound into Hann windows centered on multiples of `hop`; shape (count, size)."""
    padded = np.pad(sound, size // 2)
    cut = sliding_window_view(padded, size)[::hop]
    return np.asarray(cut * np.hanning(size + 1)[:-1].astype(np.float32), dtype=np.float32)


def spectrum(sound: Singles, size: int, hop: int) -> npt.NDArray[np.complex64]:
    """Transform mono sound; shape (windows, size // 2 + 1)."""
    out: npt.NDArray[np.complex64] = fft.rfft(windows(sound, size, hop), axis=1)
    return out


def sound_of(spectra: npt.NDArray[np.complex64], size: int, hop: int, frames: int) -> Singles:
    """Overlap and add what `spectrum` cut, windowed once more, to `frames` samples.

    Needs `size` to be a multiple of `hop` with at least four windows overlapping.
    """
    shape = np.hanning(size + 1)[:-1].astype(np.float32)
    parts = fft.irfft(spectra, n=size, axis=1).astype(np.float32) * shape
    total = np.zeros((parts.shape[0] - 1) * hop + size, dtype=np.float32)
    per_window = size // hop
    for lane in range(per_window):
        # Every `per_window`-th window is disjoint from the others of its lane: one addition each.
        chosen = parts[lane::per_window].reshape(-1)
        total[lane * hop : lane * hop + chosen.size] += chosen
    total /= float(np.sum(shape.astype(np.float64) ** 2) / hop)
    out = np.zeros(frames, dtype=np.float32)
    have = total[size // 2 : size // 2 + frames]
    out[: have.size] = have
    return out


def product(left: npt.NDArray[Real], right: npt.NDArray[Real]) -> npt.NDArray[Real]:
    """Multiply two matrices, adding in one fixed order.

    The operator `@` hands over to BLAS, whose last bits depend on how many threads it may use, and
    equal requests must give equal bytes.
    """
    transposed = np.ascontiguousarray(right.T)
    out: npt.NDArray[Real] = np.einsum("ij,kj->ik", left, transposed)
    return out


def mono(sound: Singles) -> Singles:
    """Mix stereo down; ten times as fast as a mean over an axis of two."""
    out: Singles = np.float32(0.5) * (sound[:, 0] + sound[:, 1])
    return out


def power(sound: Singles) -> Floats:
    """Return the power of stereo sound, frame by frame."""
    left, right = (sound[:, channel].astype(np.float64) for channel in (0, 1))
    return 0.5 * (left * left + right * right)


def rms(sound: Singles) -> float:
    """Root mean square of all samples; zero for no samples."""
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0
