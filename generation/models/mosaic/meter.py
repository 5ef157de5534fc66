"""Where the beats of a recording are, cut into steps of an eighth note.

Onset strength is the rise of loudness over frequency bands; the tempo is the strongest period of
its autocorrelation near a human walking pace; beats follow by dynamic programming (D. Ellis, "Beat
Tracking by Dynamic Programming", 2007); the bar begins where the low end hits hardest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import fft, ndimage

from generation.models.mosaic.spectra import ANALYSIS_HZ, RATE_HZ, Floats, Ints, Singles, spectrum

WINDOW: Final = 1024
HOP: Final = 256
FRAMES_S: Final = ANALYSIS_HZ / HOP
BPM_USUAL: Final = 112.0
BPM_MIN: Final = 60.0
BPM_MAX: Final = 190.0
BAR_STEPS: Final = 8
PREROLL_S: Final = 0.015
"""Steps begin this much before the beat, so that a cut never takes the attack's first samples."""
TIGHTNESS: Final = 120.0  # how much an uneven beat costs; Ellis uses 100 to 400
LOW_BANDS: Final = 8
LOW_WEIGHT: Final = 1.0  # kick and bass sit on the beat, guitars often beside it
CHANGE_WEIGHT: Final = 1.5  # a new chord tells more of a bar than a kick
BEATS_MIN: Final = 4  # fewer are no evidence of a tempo


@dataclass(frozen=True)
class Meter:
    """A recording's steps: `bounds` are frames at `RATE_HZ`, one more than there are steps.

    `downbeat` is the index of the first step that begins a bar.
    """

    bounds: Ints
    downbeat: int

    @property
    def steps(self) -> int:
        """How many whole steps there are."""
        return int(self.bounds.size - 1)

    @property
    def step_frames(self) -> float:
        """Usual length of a step in frames at `RATE_HZ`: the median bar's, finer than a window."""
        reach = min(BAR_STEPS, self.steps)
        return float(np.median(self.bounds[reach:] - self.bounds[:-reach])) / reach

    def at(self, step: Floats) -> Floats:
        """Return the frames of fractional step positions, interpolated between bounds."""
        out: Floats = np.interp(step, np.arange(self.bounds.size), self.bounds)
        return out


@dataclass(frozen=True)
class Pulse:
    """Steps whose bars are not known yet; `beats` is 0 or 1, the index of the first beat.

    `low` is how hard the low end hits at each step.
    """

    bounds: Ints
    beats: int
    low: Floats


def pulse(mono: Singles, frames: int) -> Pulse:
    """Find the steps of mono sound at `ANALYSIS_HZ`; `frames` is its length at `RATE_HZ`."""
    overall, low = onset_strength(mono)
    period = beat_period(overall)
    beats = track(overall, period).astype(np.float64)
    if beats.size < BEATS_MIN:
        beats = np.arange(float(np.argmax(overall)) % period, overall.size, period)
    beats = _extended(beats, overall.size)
    halves = np.interp(np.arange(2 * beats.size - 1) / 2.0, np.arange(beats.size), beats)
    bounds = np.rint(halves / FRAMES_S * RATE_HZ - PREROLL_S * RATE_HZ).astype(np.int64)
    bounds = np.where((bounds < 0) & (bounds >= -2 * PREROLL_S * RATE_HZ), 0, bounds)
    inside = np.flatnonzero((bounds >= 0) & (bounds <= frames))
    if inside.size < 2:  # noqa: PLR2004 - shorter than one step: the whole is the step
        return Pulse(np.array([0, frames], dtype=np.int64), 0, np.zeros(1))
    near = np.rint(halves[inside[:-1]]).astype(int)[:, None] + np.arange(-2, 3)
    hits = low[np.clip(near, 0, low.size - 1)].max(axis=1)
    return Pulse(bounds[inside], int(inside[0]) % 2, hits)


def barred(found: Pulse, chroma: Floats) -> Meter:
    """Choose the beat that begins the bar: where the low end hits and the harmony changes."""
    before = np.vstack([chroma[:1], chroma[:1], chroma[:-2]])  # two steps ago: a beat
    after = np.vstack([chroma[1:], chroma[-1:]])
    here = chroma + after
    change = 1.0 - (here * (before + np.roll(before, -1, axis=0))).sum(axis=1) / (
        np.linalg.norm(here, axis=1) * np.linalg.norm(before + np.roll(before, -1, axis=0), axis=1)
        + 1e-9
    )
    evidence = found.low / (found.low.std() + 1e-9) + CHANGE_WEIGHT * change / (change.std() + 1e-9)
    means = {
        phase: float(evidence[phase::BAR_STEPS].mean())
        for phase in range(found.beats, min(BAR_STEPS, evidence.size), 2)
    }
    return Meter(found.bounds, max(means, key=lambda phase: means[phase]) if means else 0)


def onset_strength(mono: Singles) -> tuple[Floats, Floats]:
    """Measure how much louder each window is than the one before: all bands, and the low ones."""
    power = np.abs(spectrum(mono, WINDOW, HOP))
    edges = np.unique(np.geomspace(2, WINDOW // 2, 41).astype(int))
    bands = np.add.reduceat(power, edges, axis=1)[:, :-1]
    level = np.log1p(100.0 * bands / (np.mean(bands) + 1e-9))
    rise = np.maximum(0.0, np.diff(level, axis=0, prepend=level[:1])).astype(np.float64)
    low = rise[:, :LOW_BANDS].mean(axis=1)
    overall = rise.mean(axis=1) + LOW_WEIGHT * low
    slow = ndimage.uniform_filter1d(overall, int(FRAMES_S))
    return np.maximum(0.0, overall - slow), low


def beat_period(strength: Floats) -> float:
    """Find the beat's period in windows: the best-supported one, near `BPM_USUAL`."""
    size = 2 * strength.size
    transformed = fft.rfft(strength - strength.mean(), n=size)
    self_similar = fft.irfft(np.abs(transformed) ** 2, n=size)[: strength.size]
    lags = np.arange(int(FRAMES_S * 60 / BPM_MAX), int(FRAMES_S * 60 / BPM_MIN) + 1)
    lags = lags[lags < strength.size - 1]
    if lags.size == 0 or self_similar[0] <= 0:
        return FRAMES_S * 60 / BPM_USUAL
    at = np.arange(strength.size)
    # A true beat is supported by its own double and by the bar.
    support = self_similar[lags] + sum(
        weight * np.interp(lags * multiple, at, self_similar, right=0.0)
        for multiple, weight in ((2, 0.5), (4, 0.35), (0.5, 0.2))
    )
    usual = np.exp(-0.5 * (np.log2(60 * FRAMES_S / lags / BPM_USUAL) / 0.7) ** 2)
    best = int(lags[np.argmax(support * usual)])
    return best + _vertex(self_similar, best)


def _vertex(curve: Floats, at: int) -> float:
    """Refine a peak by a parabola through its neighbors; between -0.5 and 0.5."""
    before, here, after = (float(value) for value in curve[at - 1 : at + 2])
    bend = before - 2 * here + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def track(strength: Floats, period: float) -> Ints:
    """Place beats where onsets are strong and distances are near the period."""
    spread = strength / (strength.std() + 1e-9)
    score = spread.copy()
    origin = np.full(strength.size, -1, dtype=np.int64)
    reach = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -TIGHTNESS * np.log(-reach / period) ** 2
    for now in range(-int(reach[-1]), strength.size):
        first = max(0, now + int(reach[0]))
        past = score[first : now + int(reach[-1]) + 1]
        reached = past + cost[-past.size :]
        best = int(np.argmax(reached))
        if reached[best] > 0:
            score[now] += reached[best]
            origin[now] = first + best
    return _walked_back(score, origin, round(period))


def _walked_back(score: Floats, origin: Ints, period: int) -> Ints:
    """Follow the best chain of beats from the end of the recording to its beginning."""
    now = score.size - period + int(np.argmax(score[-period:])) if score.size > period else 0
    beats = []
    while now >= 0:
        beats.append(now)
        now = int(origin[now])
    return np.array(beats[::-1], dtype=np.int64)


def _extended(beats: Floats, windows: int) -> Floats:
    """Continue the first and last distance to both ends of the recording."""
    first, last = beats[1] - beats[0], beats[-1] - beats[-2]
    before = np.arange(beats[0] - first, -first, -first)[::-1]
    after = np.arange(beats[-1] + last, windows + last, last)
    return np.concatenate([before, beats, after])
