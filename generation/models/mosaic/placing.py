"""Layers as placements: which frames of a reference sound, or steer, at which frames of the output.

A placement is a unit of evidence in the making; the weaver turns copying ones into sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from generation.models.mosaic import choosing, holding
from generation.models.mosaic.allotment import NOBODY, window
from generation.models.mosaic.grid import Grid
from generation.models.mosaic.material import Material
from generation.models.mosaic.meter import BAR_STEPS
from generation.models.mosaic.plan import PLAN_STRENGTH, Wanted
from generation.models.mosaic.spectra import Floats, Ints

HALF_BAR: Final = 4
"""Steps of a piece where only our own chords are to be met; one step where a row steers."""
IN_FULL: Final = Fraction(9, 10)
"""A layer due in more than this is given away in bars, a sparser one hit by hit."""


@dataclass(frozen=True)
class Placement:
    """Output frames [begin, end) take from `source` on, a frame of the material's sound.

    `step` is the output's step. `source_step` is the reference's step that is read.
    """

    material: Material
    step: int
    begin: int
    end: int
    source: float
    source_step: int
    semitones: int


@dataclass(frozen=True)
class Layer:
    """One role: the rows that may sound in it, who holds each step, and what is placed."""

    role: str
    materials: tuple[Material, ...]
    holder: Ints
    placements: tuple[Placement, ...]


def _placed(
    material: Material, grid: Grid, step: int, source_step: float, semitones: int
) -> Placement | None:
    """Place one step, cut to the row's window; nothing is left if the window misses the step."""
    first, last = window(material.reference, grid)
    begin = max(first, int(grid.bounds[step]))
    end = min(last, int(grid.bounds[step + 1]))
    if end <= begin:
        return None
    source = float(material.meter.at(np.array([source_step]))[0])
    source += (begin - int(grid.bounds[step])) * 2.0 ** (semitones / 12.0)
    return Placement(material, step, begin, end, source, int(source_step), semitones)


def running(
    role: str,
    materials: Sequence[Material],
    due: Sequence[Fraction],
    *,
    grid: Grid,
    random: np.random.Generator,
) -> Layer:
    """Place rows that run on in their own order: beats, and what conditions.

    The source position depends on the output's step alone, so bars stay bars and a tune stays a
    tune, whoever holds the steps between. The seed chooses the bar to begin with.
    """
    sparse_beat = role in {"rhythm", "drums"} and sum(due) < grid.steps * IN_FULL
    cells = holding.divide(materials, due, grid, 1 if sparse_beat else grid.bar)
    costs = random.random((len(materials), cells.count)) * 0.5
    holder = cells.of_steps(
        holding.hold(materials, due, grid, cells, costs, strong_first=sparse_beat)
    )
    offsets = [_beginning(material, random) for material in materials]
    placements = []
    for step in holding.coverage(holder):
        row = int(holder[step])
        position = _position(materials[row], int(step), offsets[row], grid)
        placed = _placed(materials[row], grid, int(step), position, 0)
        if placed is not None:
            placements.append(placed)
    return Layer(role, tuple(materials), holder, tuple(placements))


def _loop(material: Material) -> tuple[int, int]:
    """Return the first step and the length of the longest run of whole bars, else of all steps."""
    bars = (material.meter.steps - material.meter.downbeat) // BAR_STEPS
    if bars > 0:
        return material.meter.downbeat, bars * BAR_STEPS
    return 0, material.meter.steps


def _beginning(material: Material, random: np.random.Generator) -> int:
    """Choose the bar of the loop to begin with."""
    _, length = _loop(material)
    return BAR_STEPS * int(random.integers(max(1, length // BAR_STEPS)))


def _position(material: Material, step: int, offset: int, grid: Grid) -> float:
    """Return the (fractional) source step for an output step."""
    first, length = _loop(material)
    whole, part = divmod(step, grid.subdivision)
    return first + (whole + offset) % length + part / grid.subdivision


def matched(
    role: str,
    materials: Sequence[Material],
    due: Sequence[Fraction],
    *,
    grid: Grid,
    wanted: Wanted,
    random: np.random.Generator,
) -> Layer:
    """Place pitched rows: who fits a cell best gets it, within the quotas, with its best piece."""
    steered = bool((wanted.strength > PLAN_STRENGTH).any())
    size = (1 if steered else HALF_BAR) * grid.subdivision
    cells = holding.divide(materials, due, grid, size)
    priced = [choosing.costs(one, wanted, cells, grid, random) for one in materials]
    best: Floats = np.stack([one.min(axis=(1, 2)) for one in priced])
    held = holding.hold(materials, due, grid, cells, best, strong_first=False)
    placements: list[Placement] = []
    for row, material in enumerate(materials):
        mine = np.flatnonzero(held == row)
        length = choosing.span(cells, grid, material)
        pieces = choosing.choose(priced[row], mine, cells, grid, length)
        for cell, piece in pieces.items():
            placements += _piece_placements(material, cells, cell, piece, grid)
    placements.sort(key=lambda one: one.begin)
    holder = cells.of_steps(held)
    assert all(holder[one.step] != NOBODY for one in placements)
    return Layer(role, tuple(materials), holder, tuple(placements))


def _piece_placements(
    material: Material, cells: holding.Cells, cell: int, piece: choosing.Piece, grid: Grid
) -> list[Placement]:
    """Place each step of a cell on its step of the piece."""
    out = []
    first, last = int(cells.bounds[cell]), int(cells.bounds[cell + 1])
    for step in range(first, last):
        whole, part = divmod(step - first, grid.subdivision)
        # A reference shorter than the cell begins again.
        source_step = (piece.step + whole) % material.meter.steps + part / grid.subdivision
        placed = _placed(material, grid, step, source_step, piece.semitones)
        if placed is not None:
            out.append(placed)
    return out
