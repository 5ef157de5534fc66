"""The clock of the output: equal steps of an eighth note, at a tempo that a reference gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.models.mosaic.material import Material
from generation.models.mosaic.spectra import RATE_HZ, Ints

STEP_S_MIN: Final = 0.15  # 200 beats a minute
STEP_S_MAX: Final = 0.5  # 60 beats a minute
STEPS_PER_ROW_MIN: Final = 4  # so that the smallest share is still whole steps
CLOCK_ORDER: Final = ("rhythm", "drums", "melody", "harmony")
FADE_S: Final = 0.015


@dataclass(frozen=True)
class Grid:
    """The output's steps: `bounds` are frames, the last one the end.

    `subdivision` is how many steps of ours make one step (an eighth) of a reference: one, unless
    there are more references than eighths to give them. `clock_row` is the row that gave the tempo.
    """

    bounds: Ints
    subdivision: int
    clock_row: int

    @property
    def steps(self) -> int:
        """How many steps there are; the last may be shorter."""
        return int(self.bounds.size - 1)

    @property
    def frames(self) -> int:
        """Length of the output in frames."""
        return int(self.bounds[-1])

    @property
    def bar(self) -> int:
        """Steps in a bar."""
        return 8 * self.subdivision

    @property
    def fade(self) -> int:
        """Frames over which one unit gives way to the next."""
        step = int(self.bounds[1] - self.bounds[0])
        return max(1, min(int(FADE_S * RATE_HZ), step // 4))


def lay(materials: list[Material], duration_ms: int) -> Grid:
    """Lay the output's steps: the rhythm's tempo, else the drums', else the heaviest row's."""
    ranked = sorted(
        materials,
        key=lambda m: (
            CLOCK_ORDER.index(m.reference.role)
            if m.reference.role in CLOCK_ORDER
            else len(CLOCK_ORDER),
            -m.reference.weight,
            m.reference.row,
        ),
    )
    clock = ranked[0]
    step = clock.meter.step_frames
    while step > STEP_S_MAX * RATE_HZ:
        step /= 2
    while step < STEP_S_MIN * RATE_HZ:
        step *= 2
    frames = duration_ms * RATE_HZ // 1000
    subdivision = 1
    while frames / step * subdivision < STEPS_PER_ROW_MIN * len(materials):
        subdivision *= 2
    step /= subdivision
    inner = np.rint(np.arange(0, frames, step)).astype(np.int64)
    # A last step shorter than half a step joins the one before it.
    if inner.size > 1 and frames - inner[-1] < step / 2:
        inner = inner[:-1]
    return Grid(np.append(inner, frames), subdivision, clock.reference.row)
