"""From placements to sound: cut, transpose, fade into each other, and note what was taken."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from generation import audio
from generation.models.mosaic.allotment import window
from generation.models.mosaic.grid import Grid
from generation.models.mosaic.placing import Layer, Placement
from generation.models.mosaic.spectra import RATE_HZ, Singles
from generation.synthesizer import CONDITIONED, CONSTRUCTED, Unit

CONTEXT: Final = 256  # frames beside a cut that the transposing filter may look at
DRIFT_S_MAX: Final = 0.02
"""Sound reads on past a step's bound while it stays this close to the beat: no seam is heard."""


def weave(layer: Layer, grid: Grid) -> tuple[Singles, list[Unit]]:
    """Render a copying layer; returns stereo of the output's length and one unit a placement."""
    out = np.zeros((grid.frames, 2), dtype=np.float32)
    units = []
    reading: tuple[Placement, float] | None = None
    for placed in layer.placements:
        until = min(placed.end + grid.fade, window(placed.material.reference, grid)[1])
        ratio = 2.0 ** (placed.semitones / 12.0)
        start = placed.source if reading is None else _read_on(placed, *reading)
        start = _fitting(start, (until - placed.begin) * ratio, placed)
        length = until - placed.begin
        out[placed.begin : until] += _cut(placed, start, length, ratio) * _envelope(
            length, grid.fade
        )
        units.append(
            _unit(
                layer.role,
                placed,
                until=until,
                start=start,
                taken=length * ratio,
                certainty=CONSTRUCTED,
            )
        )
        reading = placed, start + (placed.end - placed.begin) * ratio
    return out, units


def _read_on(placed: Placement, before: Placement, stopped: float) -> float:
    """Go on where the unit before stopped, if that is the same sound and still on the beat."""
    same = placed.material is before.material and placed.semitones == before.semitones
    near = abs(placed.source - stopped) <= DRIFT_S_MAX * RATE_HZ
    return stopped if same and near and placed.begin == before.end else placed.source


def _fitting(start: float, needed: float, placed: Placement) -> float:
    """Move a cut back so that it ends inside the material, which is at least a second long."""
    latest = placed.material.sound.shape[0] - math.ceil(needed) - 1
    return max(0.0, min(start, float(latest)))


def _cut(placed: Placement, start: float, length: int, ratio: float) -> Singles:
    """Cut `length` output frames from `start` on, read `ratio` times as fast."""
    sound = placed.material.sound
    at = int(start)
    if placed.semitones == 0:
        return _sized(sound[at : at + length], length)
    before = min(CONTEXT, at)
    taken = sound[at - before : at + math.ceil(length * ratio) + CONTEXT]
    moved = audio.stretch(taken, ratio)[round(before / ratio) :]
    return _sized(moved[:length], length)


def _sized(sound: Singles, length: int) -> Singles:
    """Fill up the last frames that rounding left out."""
    missing = length - sound.shape[0]
    return np.pad(sound, ((0, missing), (0, 0))) if missing > 0 else sound


def _envelope(length: int, fade: int) -> Singles:
    """Rise and fall over `fade` frames; a fall and the next rise add up to one."""
    fade = min(fade, length // 2)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    shape = np.ones(length, dtype=np.float32)
    shape[:fade] = rise
    shape[length - fade :] = rise[::-1]
    return shape[:, None]


def _unit(
    role: str, placed: Placement, *, until: int, start: float, taken: float, certainty: str
) -> Unit:
    """Write the row of evidence; the source interval is rounded outward, inside the segment."""
    material = placed.material
    first = max(material.native_from, math.floor(material.native(int(start))))
    last = min(material.native_until, math.ceil(material.native(int(start) + taken)))
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
    begin, end = float(bounds[run[0].source_step]), float(bounds[run[-1].source_step + 1])
    return _unit(
        role, run[0], until=run[-1].end, start=begin, taken=end - begin, certainty=CONDITIONED
    )
