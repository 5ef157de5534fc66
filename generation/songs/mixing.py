"""From mono stems to a stereo record: places, a room, and a sane level.

The mix is exactly the sum of its stems, so a stem is what it says: that part of that record.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import signal

from generation.songs.instruments import RATE_HZ, Sound

PEAK: Final = 0.84  # -1.5 dBFS: room for lossy encoders
RMS: Final = 0.13  # -17.7 dBFS
ROOM_S: Final = 0.5

PANS: Final = {"guitar": -0.35, "voice": 0.0, "bass": 0.0, "drums": 0.12}
WETS: Final = {"guitar": 0.16, "voice": 0.24, "bass": 0.0, "drums": 0.07}
"""Where a stem stands from left (-1) to right (1), and how much of the room it has."""


def room(seed: int) -> Sound:
    """Make a small room: two channels of noise that fade within `ROOM_S`, duller with time."""
    frames = int(ROOM_S * RATE_HZ)
    noise = np.random.default_rng(seed).standard_normal((frames, 2))
    dull = signal.butter(1, 4_500, "lowpass", fs=RATE_HZ, output="sos")
    tail = signal.sosfilt(dull, noise, axis=0) * np.exp(-np.arange(frames) / frames * 6.0)[:, None]
    tail[: int(0.008 * RATE_HZ)] = 0.0  # what comes first is the instrument itself
    shaped: Sound = tail / np.sqrt(np.sum(tail**2, axis=0))
    return shaped


def placed(stem: Sound, name: str, level: float, seed: int) -> Sound:
    """Put a mono stem at its level and place in the room; returns stereo of the same length."""
    rumble = signal.butter(2, 25.0, "highpass", fs=RATE_HZ, output="sos")
    stem = signal.sosfilt(rumble, stem)  # distortion leaves a constant that no one hears
    angle = (PANS[name] + 1.0) * np.pi / 4.0
    dry = stem[:, None] * np.array([np.cos(angle), np.sin(angle)])
    if WETS[name]:
        wet = signal.oaconvolve(stem[:, None], room(seed), axes=0)[: stem.size]
        dry = dry + WETS[name] * wet
    return np.asarray(level * dry / (np.sqrt(np.mean(stem**2)) + 1e-9), dtype=np.float64)


def leveled(stems: dict[str, Sound]) -> dict[str, Sound]:
    """Scale all stems by one factor: the mix gets `RMS`, or less where its peak would pass."""
    mix = np.sum(list(stems.values()), axis=0)
    peak, rms = float(np.max(np.abs(mix))), float(np.sqrt(np.mean(mix**2)))
    gain = min(RMS / rms, PEAK / peak)
    fade = np.ones(mix.shape[0])
    tail = int(0.4 * RATE_HZ)
    fade[-tail:] = np.cos(np.linspace(0.0, np.pi / 2.0, tail)) ** 2
    return {name: stem * gain * fade[:, None] for name, stem in stems.items()}
