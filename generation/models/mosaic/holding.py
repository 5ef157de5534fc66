"""Which row holds which step of a layer.

Layers are given away in cells of whole steps: a bar of beats, a phrase of melody, half a bar of
sound. A layer that is not due in full keeps the rest empty where that is least missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from generation.models.mosaic import allotment
from generation.models.mosaic.allotment import FORBIDDEN, NOBODY
from generation.models.mosaic.grid import Grid
from generation.models.mosaic.material import Material
from generation.models.mosaic.spectra import Floats, Ints

FEW_STEPS: Final = 16
"""A row that is due fewer steps than this is given them one at a time."""


@dataclass(frozen=True)
class Cells:
    """Steps given away together: cell `i` is steps [bounds[i], bounds[i + 1])."""

    bounds: Ints

    @property
    def count(self) -> int:
        """How many cells there are."""
        return int(self.bounds.size - 1)

    def of_steps(self, holder: Ints) -> Ints:
        """Repeat each cell's holder for each of its steps."""
        return np.repeat(holder, np.diff(self.bounds))


def divide(materials: Sequence[Material], due: Sequence[Fraction], grid: Grid, size: int) -> Cells:
    """Divide the output into cells of at most `size` steps, so that every quota comes out.

    Cells also end where an `output` interval does, so each lies wholly inside or outside of it.
    """
    edges: set[int] = set()
    for material, share in zip(materials, due, strict=True):
        if material.reference.output is not None:
            edges.update(allotment.steps_allowed(material.reference, grid))
            # The more edges and the less to give away, the finer the cells, or quotas drift.
            size = min(size, 2 if share >= FEW_STEPS else 1)
    size = allotment.cell_size(due, grid.steps, size)
    regular = set(range(0, grid.steps, size)) | {grid.steps}
    bounds = sorted(regular | {edge for edge in edges if 0 < edge < grid.steps})
    return Cells(np.array(bounds, dtype=np.int64))


def hold(
    materials: Sequence[Material],
    due: Sequence[Fraction],
    grid: Grid,
    cells: Cells,
    costs: Floats,
    *,
    strong_first: bool,
) -> Ints:
    """Give cells to rows by their quotas at the least cost; the holder's index for each cell.

    `strong_first` keeps a sparse layer on the strong beats; otherwise it is spread evenly. The
    layer of the heaviest role has no gaps, unless an `output` interval leaves nobody to sound.
    """
    costs = costs.copy()
    for index, material in enumerate(materials):
        first, last = allotment.steps_allowed(material.reference, grid)
        outside = (cells.bounds[:-1] < first) | (cells.bounds[1:] > last)
        costs[index, outside] = FORBIDDEN
    steps_a_cell = Fraction(grid.steps, cells.count)
    counts = allotment.largest_remainder([value / steps_a_cell for value in due], cells.count)
    rest = _rest_costs(cells, grid, sum(counts), strong_first=strong_first)
    holder = allotment.assign(counts, costs, rest)
    bounded = any(material.reference.output is not None for material in materials)
    if bounded and sum(due) * 2 > grid.steps:
        holder = allotment.fill(holder, costs)
    return holder


def _rest_costs(cells: Cells, grid: Grid, held: int, *, strong_first: bool) -> Floats:
    """Price the emptiness of each cell: dear where something should sound."""
    index = np.arange(cells.count)
    if not strong_first:
        due = (index + 1) * held // cells.count - index * held // cells.count
        return due.astype(np.float64)
    within = cells.bounds[:-1] % grid.bar
    strength = sum((within % (grid.bar >> level) == 0).astype(np.float64) for level in range(4))
    bars = cells.bounds[:-1] // grid.bar
    # Among equally strong steps, bars take turns in the order 0, 4, 2, 6, 1, 5, 3, 7.
    turn = sum((bars >> bit & 1) / 2.0 ** (bit + 1) for bit in range(5))
    return np.asarray(strength - 0.5 * turn, dtype=np.float64)


def coverage(holder: Ints) -> Ints:
    """Return the indices of the cells or steps that somebody holds."""
    return np.flatnonzero(holder != NOBODY)
