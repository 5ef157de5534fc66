"""One cut: which frames of a reference, transposed and lengthened to which length."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from generation import audio
from generation.models.mosaic import color
from generation.models.mosaic.lengthening import lengthen
from generation.models.mosaic.placing import Placement
from generation.models.mosaic.spectra import RATE_HZ, Singles

CONTEXT: Final = 256  # frames beside a cut that the transposing filter may look at
DRIFT_S_MAX: Final = 0.02
"""Sound reads on past a step's bound while it stays this close to the beat: no seam is heard."""
OVERRUN_MAX: Final = 1.06
"""A cut may read this much further than its step of the source before it is lengthened instead."""


@dataclass(frozen=True)
class Cut:
    """Source frames [start, start + taken) at `RATE_HZ`, to sound for `length` output frames.

    `goes_on`: it begins where the cut before it gave way, so both are one unit of sound.
    """

    placed: Placement
    start: int
    taken: int
    length: int
    goes_on: bool

    @property
    def ratio(self) -> float:
        """How much faster than recorded it is read: two to the octave."""
        return float(2.0 ** (self.placed.semitones / 12.0))

    @property
    def stopped(self) -> int:
        """The source frame at which it gives way to the next."""
        return self.start + round((self.placed.end - self.placed.begin) * self.ratio)

    @property
    def lengthened(self) -> bool:
        """Whether there is less source than output."""
        return self.taken < self.length * self.ratio


def decide(placed: Placement, length: int, fade: int, before: Cut | None) -> Cut:
    """Choose the frames for a placement: going on from the cut before, or from the beat."""
    ratio = 2.0 ** (placed.semitones / 12.0)
    needed = math.ceil(length * ratio)
    room = float(placed.material.meter.bounds[placed.source_step + 1]) - placed.source
    overruns = (placed.end - placed.begin) * ratio > room * OVERRUN_MAX
    latest = placed.material.sound.shape[0] - needed - 1  # the material is a second at least
    if overruns:
        needed = min(needed, math.ceil(room + fade * ratio))
    elif before is not None and before.stopped <= latest and _may_go_on(placed, before):
        return Cut(placed, before.stopped, needed, length, goes_on=True)
    return Cut(placed, max(0, min(int(placed.source), latest)), needed, length, goes_on=False)


def _may_go_on(placed: Placement, before: Cut) -> bool:
    """Tell whether to read on: the same sound, next in time, and still on the beat."""
    last = before.placed
    same = placed.material is last.material and placed.semitones == last.semitones
    near = abs(placed.source - before.stopped) <= DRIFT_S_MAX * RATE_HZ
    return same and near and placed.begin == last.end and not before.lengthened


def sound(cut: Cut) -> Singles:
    """Render a cut: stereo, exactly `length` frames."""
    whole = cut.placed.material.sound
    if cut.placed.semitones == 0:
        return lengthen(whole[cut.start : cut.start + cut.taken], cut.length)
    before = min(CONTEXT, cut.start)
    taken = whole[cut.start - before : cut.start + cut.taken + CONTEXT]
    moved = color.restored(audio.stretch(taken, cut.ratio), taken)
    first = round(before / cut.ratio)
    return lengthen(moved[first : first + math.ceil(cut.taken / cut.ratio)], cut.length)


def envelope(length: int, fade: int) -> Singles:
    """Rise and fall over `fade` frames; a fall and the next rise add up to one."""
    fade = min(fade, length // 2)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    shape = np.ones(length, dtype=np.float32)
    shape[:fade] = rise
    shape[length - fade :] = rise[::-1]
    return shape[:, None]
