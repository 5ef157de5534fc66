"""What pitches the output wants in each step, and who asked for them.

A melody row is followed where it holds the step, a harmony row likewise; elsewhere a plain
progression in the key of the piece keeps the cut sounds together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.models.mosaic import pitch
from generation.models.mosaic.grid import Grid
from generation.models.mosaic.material import Material
from generation.models.mosaic.spectra import Floats

PROGRESSIONS_MAJOR: Final = ((1, 5, 6, 4), (1, 6, 4, 5), (1, 4, 6, 5), (6, 4, 1, 5))
PROGRESSIONS_MINOR: Final = ((1, 6, 3, 7), (1, 4, 6, 5), (1, 7, 6, 7), (1, 3, 7, 6))
SCALE_MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
SCALE_MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
"""Chord degrees of four bars, and the semitones of the scales they stand on."""

FOLLOW_STRENGTH: Final = 0.95
PLAN_STRENGTH: Final = 0.45
"""How firmly sound is tuned to what a row asks, and to our own progression."""


@dataclass(frozen=True)
class Wanted:
    """Pitches for one layer: a chroma a step, and how firmly it is wanted (0 to 1)."""

    chroma: Floats
    strength: Floats


def progression(tonic: int, *, minor: bool, grid: Grid, random: np.random.Generator) -> Floats:
    """Lay one of the usual progressions over the output, a bar a chord; a chroma a step."""
    scale = SCALE_MINOR if minor else SCALE_MAJOR
    choices = PROGRESSIONS_MINOR if minor else PROGRESSIONS_MAJOR
    degrees = choices[int(random.integers(len(choices)))]
    out = np.full((grid.steps, pitch.PITCH_CLASSES), 0.05)
    for step in range(grid.steps):
        root = degrees[step // grid.bar % len(degrees)] - 1
        for third, weight in ((0, 1.0), (2, 0.7), (4, 0.8)):
            out[step, (tonic + scale[(root + third) % 7]) % pitch.PITCH_CLASSES] += weight
    return pitch.unit(out)


def home_key(materials: list[Material]) -> tuple[int, bool]:
    """Name the key of the piece: of its harmony, its melody, or its heaviest pitched row."""
    order = {"harmony": 0, "melody": 1}
    ranked = sorted(
        materials,
        key=lambda m: (
            order.get(m.reference.role, 2),
            m.reference.role in {"rhythm", "drums"},
            -m.reference.weight,
            m.reference.row,
        ),
    )
    return pitch.key(ranked[0].segment.chroma)
