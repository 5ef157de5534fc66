"""A plain tone of our own, for pitches that a reference asks for and no sound carries.

Where a melody or harmony row holds a step in which no copied sound rings, its pitch classes are
still heard: as sines, which are nobody's recording.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

from generation.models.mosaic.grid import Grid
from generation.models.mosaic.spectra import RATE_HZ, Floats, Ints, Singles

LEVEL: Final = 0.16
PARTIALS: Final = ((1, 1.0), (2, 0.28), (3, 0.12), (4, 0.04))
ATTACK_S: Final = 0.012
RELEASE_S: Final = 0.06
REST: Final = -1
"""How the guide's voice sounds: loudness, overtones, swell; and the step without a note."""


def sing(tune: Ints, grid: Grid) -> Singles:
    """Sound one MIDI note a step (`REST` for none); equal neighbors are one held note."""
    out = np.zeros(grid.frames, dtype=np.float32)
    edges = np.flatnonzero(np.diff(tune, prepend=REST - 1, append=REST - 1))
    for first, last in itertools.pairwise(edges):
        if tune[first] != REST:
            begin = int(grid.bounds[first])
            end = min(grid.frames, int(grid.bounds[last]) + int(RELEASE_S * RATE_HZ))
            out[begin:end] += _note(int(tune[first]), end - begin)
    return np.repeat(out[:, None], 2, axis=1)


def _note(midi: int, frames: int) -> Floats:
    time = np.arange(frames) / RATE_HZ
    hertz = 440.0 * 2.0 ** ((midi - 69) / 12.0)
    wave = sum(
        level * np.exp(-time * (0.7 + 0.5 * k)) * np.sin(2.0 * np.pi * hertz * k * time)
        for k, level in PARTIALS
    )
    attack = np.minimum(1.0, time / ATTACK_S)
    release = np.minimum(1.0, (frames - np.arange(frames)) / (RELEASE_S * RATE_HZ))
    shaped: Floats = LEVEL * wave * np.sin(0.5 * np.pi * attack) * np.sin(0.5 * np.pi * release)
    return shaped
