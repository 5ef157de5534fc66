"""Longer without lower: a step of a quick recording made to last a step of a slow output.

Without it, a cut would run into the next beat of its source and strike twice. Waveform-similarity
overlap-add (W. Verhelst and M. Roelands, 1993): short windows are laid further apart than they were
cut, each moved a little to where it continues the one before.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.models.mosaic.spectra import Ints, Singles, mono

WINDOW: Final = 1_764  # 40 ms: two periods of the lowest E of a bass
HOP: Final = WINDOW // 2
SEARCH: Final = 352  # 8 ms to either side
THIN: Final = 4  # likeness is judged on every fourth sample


def lengthen(sound: Singles, frames: int) -> Singles:
    """Stretch stereo sound to `frames`; the first window, the attack, stays as it was."""
    if sound.shape[0] >= frames:
        return sound[:frames]
    if sound.shape[0] < WINDOW + 2 * SEARCH:
        return np.pad(sound, ((0, frames - sound.shape[0]), (0, 0)))
    count = -(-frames // HOP) + 1
    starts = _starts(mono(sound), count, sound.shape[0] / frames)
    shape = (0.5 - 0.5 * np.cos(2.0 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW))[:, None]
    out = np.zeros((count * HOP + WINDOW, 2), dtype=np.float32)
    for index, start in enumerate(starts):
        out[index * HOP : index * HOP + WINDOW] += sound[start : start + WINDOW] * shape
    out[:HOP] += sound[:HOP] * shape[HOP:]  # what a window before the first would have held
    return out[:frames]


def _starts(sound: Singles, count: int, speed: float) -> Ints:
    """Choose where each window is cut: near its time, and going on from the one before."""
    latest = sound.size - WINDOW
    starts = np.zeros(count, dtype=np.int64)
    for index in range(1, count):
        wish = min(latest, int(index * HOP * speed))
        first, last = max(0, wish - SEARCH), min(latest, wish + SEARCH)
        onward = min(latest, int(starts[index - 1]) + HOP)
        pattern = sound[onward : onward + WINDOW : THIN]
        likeness = np.correlate(sound[first : last + WINDOW : THIN], pattern, mode="valid")
        starts[index] = min(last, first + THIN * int(np.argmax(likeness)))
    return starts
