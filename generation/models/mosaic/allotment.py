"""Who sounds when: exact quotas of steps from the weights, then the best place for each.

Every role is a layer with one place a step. A row's share is its steps among the steps of all rows,
so the role with the most weight fills its layer and the others hold as many steps as is their due.
A row's `output` interval bounds where it may act; inside it, the quotas hold as far as they fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from generation.models.mosaic.grid import Grid
from generation.models.mosaic.spectra import RATE_HZ, Floats, Ints
from generation.synthesizer import Reference

FORBIDDEN: Final = 1e6
ROUNDING_MAX: Final = Fraction(1, 60)
"""Cells are halved until no share is further from its due than this; the tolerance is 1/20."""

NOBODY: Final = -1
"""The row of a cell that no reference holds."""


def window(reference: Reference, grid: Grid) -> tuple[int, int]:
    """Return the frames [from, until) of the output within which a row may act."""
    if reference.output is None:
        return 0, grid.frames
    first, last = (ms * RATE_HZ // 1000 for ms in reference.output)
    return min(first, grid.frames), min(last, grid.frames)


def steps_allowed(reference: Reference, grid: Grid) -> tuple[int, int]:
    """Return the steps [from, until) that touch the window of a row."""
    first, last = window(reference, grid)
    begin = int(np.searchsorted(grid.bounds, first, side="right")) - 1
    end = int(np.searchsorted(grid.bounds, last, side="left"))
    return max(0, begin), max(begin + 1, end)


def quotas(references: Sequence[Reference], grid: Grid) -> dict[int, Fraction]:
    """Compute how many steps each row is due, exactly.

    The heaviest role fills its layer. Where rows bounded by `output` intervals want more than lies
    inside, those are cut in proportion (Hall's condition, checked on every pair of bounds).
    """
    by_role: dict[str, Fraction] = {}
    for one in references:
        by_role[one.role] = by_role.get(one.role, Fraction(0)) + one.weight
    scale = grid.steps / max(by_role.values())
    due = {one.row: one.weight * scale for one in references}
    allowed = {one.row: steps_allowed(one, grid) for one in references}
    for role in by_role:
        rows = [one.row for one in references if one.role == role]
        for first in {allowed[row][0] for row in rows}:
            for last in {allowed[row][1] for row in rows}:
                inside = [r for r in rows if first <= allowed[r][0] and allowed[r][1] <= last]
                wanted = sum((due[row] for row in inside), Fraction(0))
                if wanted > last - first > 0:
                    for row in inside:
                        due[row] *= (last - first) / wanted
    return due


def cell_size(due: Sequence[Fraction], steps: int, largest: int) -> int:
    """Choose how many steps to give away at once: the most that keeps shares near their due."""
    size = largest
    while size > 1:
        cells = -(-steps // size)
        counts = largest_remainder([value / size for value in due], cells)
        error = max(abs(count * size - value) for count, value in zip(counts, due, strict=True))
        if sum(counts) <= cells and error <= ROUNDING_MAX * steps:
            break
        size //= 2
    return size


def largest_remainder(due: Sequence[Fraction], cells: int) -> list[int]:
    """Round amounts to whole cells, at least one each, their sum rounded and at most `cells`."""
    counts = [max(1, int(value)) for value in due]
    total = min(cells, max(len(due), round(sum(due, Fraction(0)))))
    order = sorted(range(len(due)), key=lambda i: (-(due[i] - int(due[i])), i))
    turn = 0
    while sum(counts) < total:
        counts[order[turn % len(order)]] += 1
        turn += 1
    while sum(counts) > total and max(counts) > 1:
        over = [i for i in range(len(due)) if counts[i] > 1]
        counts[max(over, key=lambda i: (counts[i] - due[i], i))] -= 1
    return counts


def assign(counts: Sequence[int], costs: Floats, rest: Floats) -> Ints:
    """Give every row exactly its count of cells at the least total cost (Hungarian method).

    `costs` is (rows, cells), `FORBIDDEN` where a row may not act; `rest` is the cost of leaving a
    cell empty. Returns the row's index for each cell, or `NOBODY`.
    """
    cells = costs.shape[1]
    seats = np.repeat(np.arange(len(counts)), counts)
    empty = max(0, cells - seats.size)
    matrix = np.vstack([costs[seats], np.tile(rest, (empty, 1))])
    owners = np.concatenate([seats, np.full(empty, NOBODY, dtype=seats.dtype)])
    taken, at = linear_sum_assignment(matrix)
    holder = np.full(cells, NOBODY, dtype=np.int64)
    for seat, cell in zip(taken, at, strict=True):
        if matrix[seat, cell] < FORBIDDEN:
            holder[cell] = owners[seat]
    return holder


def fill(holder: Ints, costs: Floats) -> Ints:
    """Give cells that nobody holds to whoever may act there at the least cost."""
    out = holder.copy()
    for cell in np.flatnonzero(holder == NOBODY):
        best = int(np.argmin(costs[:, cell]))
        if costs[best, cell] < FORBIDDEN:
            out[cell] = best
    return out
