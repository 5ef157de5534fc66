"""Which piece of a reference fits: chunks of its steps, matched by chroma in twelve keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from generation.models.mosaic.grid import Grid
from generation.models.mosaic.holding import Cells
from generation.models.mosaic.material import Material
from generation.models.mosaic.meter import BAR_STEPS
from generation.models.mosaic.plan import Wanted
from generation.models.mosaic.spectra import Floats, Ints, product

SEMITONES: Final = np.arange(-5, 7)
SEMITONE_COST: Final = 0.1  # the further a sound is transposed, the less it is itself
FIT_GAIN: Final = 2.5  # what a perfect fit of pitches is worth; all else is small beside it
QUIET_COST: Final = 0.35
REUSE_COST: Final = 0.1
CONTINUE_GAIN: Final = 0.3  # a piece that goes on where the last one ended is a phrase
PHRASE_STEPS: Final = 16
"""After two bars in a row another place is as welcome: pieces make new music, not a replay."""
TASTE: Final = 0.05  # how much the seed may prefer one piece to another
PHASE_COSTS: Final = np.array([0.0, 0.2, 0.08, 0.2, 0.03, 0.2, 0.08, 0.2])
"""What it costs to sound in another place of the bar than at home, by eighths of distance."""


@dataclass(frozen=True)
class Piece:
    """A chunk of a reference: from which step of it, in which transposition."""

    step: int
    semitones: int


def span(cells: Cells, grid: Grid, material: Material) -> int:
    """Return how many steps of the reference a full cell takes, as far as it has that many."""
    longest = int(np.diff(cells.bounds).max())
    return max(1, min(-(-longest // grid.subdivision), material.meter.steps))


def costs(
    material: Material, wanted: Wanted, cells: Cells, grid: Grid, random: np.random.Generator
) -> Floats:
    """Price every piece for every cell: (cells, source steps, transpositions)."""
    length = span(cells, grid, material)
    targets, strength = _targets(wanted, cells, grid, length)
    starts = material.meter.steps - length + 1
    fit = np.zeros((cells.count, starts, SEMITONES.size))
    for index, semitones in enumerate(SEMITONES):
        rolled = np.roll(material.segment.chroma, semitones, axis=1)
        for k in range(length):
            fit[:, :, index] += product(targets[:, k], rolled[k : k + starts].T)
    fit *= FIT_GAIN * strength[:, None, None] / length
    quiet = np.maximum(0.0, 1.0 - _running_mean(material.loudness, length))
    at = cells.bounds[:-1] // grid.subdivision % BAR_STEPS
    away = (np.arange(starts)[None, :] - material.meter.downbeat - at[:, None]) % BAR_STEPS
    taste = random.random((1, starts, SEMITONES.size)) * TASTE
    priced: Floats = (
        -fit
        + SEMITONE_COST * np.abs(SEMITONES)
        + (QUIET_COST * quiet**2)[None, :, None]
        + PHASE_COSTS[away][:, :, None]
        + taste
    )
    return priced


def _targets(wanted: Wanted, cells: Cells, grid: Grid, length: int) -> tuple[Floats, Floats]:
    """Return each cell's wanted chroma for each source step of a piece, and its firmness."""
    last = wanted.chroma.shape[0] - 1
    steps = cells.bounds[:-1, None] + np.arange(length) * grid.subdivision
    steps = np.minimum(steps, last)
    return wanted.chroma[steps], 0.4 + 0.6 * wanted.strength[steps].mean(axis=1)


def _running_mean(values: Floats, length: int) -> Floats:
    return np.asarray(sliding_window_view(values, length).mean(axis=1))


def choose(priced: Floats, held: Ints, cells: Cells, grid: Grid, length: int) -> dict[int, Piece]:
    """Choose a piece for each held cell in turn: cheap, not worn out, going on if it can."""
    starts = priced.shape[1]
    used = np.zeros(starts + length - 1)
    chosen: dict[int, Piece] = {}
    run = 0
    for cell in held:
        total = priced[cell] + REUSE_COST * _running_mean(used, length)[:, None]
        before = chosen.get(int(cell) - 1)
        onward = -1
        if before is not None and run < PHRASE_STEPS:
            taken = int(cells.bounds[cell] - cells.bounds[cell - 1]) // grid.subdivision
            onward = before.step + taken
            if 0 <= onward < starts:
                total[onward, before.semitones - SEMITONES[0]] -= CONTINUE_GAIN
        step, index = np.unravel_index(int(np.argmin(total)), total.shape)
        chosen[int(cell)] = Piece(int(step), int(SEMITONES[index]))
        used[step : step + length] += 1.0
        run = run + length if step == onward else length
    return chosen
