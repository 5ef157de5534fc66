"""The last stage: no rumble, a sane level, no peak above the ceiling, soft ends."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import ndimage, signal

from generation.models.mosaic.spectra import RATE_HZ, Singles, rms

RUMBLE_HZ: Final = 28.0
TARGET_RMS: Final = 0.14  # -17 dBFS, near where streaming services play music
GAIN_MAX: Final = 40.0
CEILING: Final = 0.89  # -1 dBFS: room for lossy encoders
LOOKAHEAD_S: Final = 0.004
FADE_IN_S: Final = 0.004
FADE_OUT_S: Final = 0.35


def master(mix: Singles) -> Singles:
    """Finish a stereo mix; the length stays."""
    rumble = signal.butter(2, RUMBLE_HZ, "highpass", fs=RATE_HZ, output="sos")
    clean = np.asarray(signal.sosfilt(rumble, mix, axis=0), dtype=np.float32)
    gain = min(GAIN_MAX, TARGET_RMS / (_loud_rms(clean) + 1e-9))
    return _ends(_limited(clean * np.float32(gain)))


def _loud_rms(sound: Singles) -> float:
    """Measure the level where there is sound: pauses must not make the rest louder."""
    size = RATE_HZ // 10
    blocks = [rms(sound[at : at + size]) for at in range(0, sound.shape[0], size)]
    loudest = max(blocks)
    return float(np.sqrt(np.mean([level**2 for level in blocks if level > loudest / 10])))


def _limited(sound: Singles) -> Singles:
    """Turn down before each peak, smoothly, so that none passes `CEILING`."""
    reach = int(LOOKAHEAD_S * RATE_HZ) | 1
    loudest = np.maximum(np.abs(sound[:, 0]), np.abs(sound[:, 1]))
    needed = np.minimum(1.0, CEILING / np.maximum(loudest, 1e-9))
    lowest = ndimage.minimum_filter1d(needed, 2 * reach + 1, mode="nearest")
    smooth = ndimage.uniform_filter1d(lowest, reach, mode="nearest")
    smooth = ndimage.uniform_filter1d(smooth, reach, mode="nearest")
    return np.asarray(sound * np.minimum(smooth, needed)[:, None], dtype=np.float32)


def _ends(sound: Singles) -> Singles:
    """Fade in at once and out gently."""
    frames = sound.shape[0]
    rise, fall = (min(int(s * RATE_HZ), frames // 4) for s in (FADE_IN_S, FADE_OUT_S))
    shape = np.ones(frames, dtype=np.float32)
    shape[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    shape[frames - fall :] *= np.cos(np.linspace(0.0, np.pi / 2, fall)).astype(np.float32) ** 2
    return sound * shape[:, None]
