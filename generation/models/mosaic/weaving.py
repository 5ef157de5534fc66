"""From placements to sound: cuts that fade into each other, and a note of what was taken."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from generation.models.mosaic import cutting
from generation.models.mosaic.allotment import window
from generation.models.mosaic.cutting import Cut
from generation.models.mosaic.grid import Grid
from generation.models.mosaic.placing import Layer, Placement
from generation.models.mosaic.spectra import Singles
from generation.synthesizer import CONDITIONED, CONSTRUCTED, Unit


def weave(layer: Layer, grid: Grid) -> tuple[Singles, list[Unit]]:
    """Render a copying layer: stereo of the output's length, and a unit for each stretch of sound.

    Cuts that go on from one another are one stretch, and so one unit.
    """
    out = np.zeros((grid.frames, 2), dtype=np.float32)
    units: list[Unit] = []
    cut: Cut | None = None
    for placed in layer.placements:
        until = min(placed.end + grid.fade, window(placed.material.reference, grid)[1])
        length = until - placed.begin
        cut = cutting.decide(placed, length, grid.fade, cut)
        shaped = cutting.sound(cut) * cutting.envelope(length, grid.fade)
        out[placed.begin : until] += shaped
        source = cut.start, cut.start + cut.taken
        unit = _unit(layer.role, placed, until=until, source=source, certainty=CONSTRUCTED)
        if cut.goes_on:
            unit = dataclasses.replace(
                unit,
                output_from_frame=units[-1].output_from_frame,
                source_from_frame=units[-1].source_from_frame,
            )
            units.pop()
        units.append(unit)
    return out, units


def _unit(
    role: str, placed: Placement, *, until: int, source: tuple[int, int], certainty: str
) -> Unit:
    """Write the row of evidence; the source interval is rounded outward, inside the segment."""
    material = placed.material
    first = max(material.segment.native_from, math.floor(material.native(source[0])))
    last = min(material.segment.native_until, math.ceil(material.native(source[1])))
    return Unit(
        row=material.reference.row,
        recording=material.reference.recording,
        role=role,
        output_from_frame=placed.begin,
        output_until_frame=until,
        source_from_frame=first,
        source_until_frame=last,
        transposition_semitones=placed.semitones,
        certainty=certainty,
    )


def conditioning_units(layer: Layer) -> list[Unit]:
    """Write a row for each run of steps that one reference steers from a run of its own steps."""
    units: list[Unit] = []
    run: list[Placement] = []
    for placed in (*layer.placements, None):
        if run and (placed is None or not _goes_on(run[-1], placed)):
            units.append(_run_unit(layer.role, run))
            run = []
        if placed is not None:
            run.append(placed)
    return units


def _goes_on(before: Placement, after: Placement) -> bool:
    """Tell whether two placements are one run, cut at bars so that evidence stays fine."""
    return (
        before.material is after.material
        and before.end == after.begin
        and after.source_step - before.source_step in (0, 1)
        and after.source_step >= before.source_step
        and (after.source_step - after.material.meter.downbeat) % 8 != 0
    )


def _run_unit(role: str, run: list[Placement]) -> Unit:
    bounds = run[-1].material.meter.bounds
    source = int(bounds[run[0].source_step]), int(bounds[run[-1].source_step + 1])
    return _unit(role, run[0], until=run[-1].end, source=source, certainty=CONDITIONED)
