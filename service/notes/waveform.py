"""A waveform as SVG, drawn once from the decoded sound: it prints, and needs no script."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from generation.audio import Audio, read

POINTS: Final = 400
"""Columns: more than a screen's width in CSS pixels shows apart at this height."""

HEIGHT: Final = 84
"""Height of a drawn waveform, in user units of its SVG."""


def waveform(path: Path) -> str:
    """Return the SVG of a file's waveform: of each column the lowest and the highest sample.

    The loudest sample fills the height. Raises `AudioError` where the file cannot be decoded.
    """
    return draw(read(path))


def draw(audio: Audio) -> str:
    """Return the SVG of decoded sound."""
    # Channels one over the other: what is loud on one side must not vanish against the other.
    lows = audio.samples.min(axis=1)
    highs = audio.samples.max(axis=1)
    edges = np.linspace(0, audio.frames, POINTS + 1).astype(int)[:-1]
    edges = np.unique(edges)
    lowest, highest = np.minimum.reduceat(lows, edges), np.maximum.reduceat(highs, edges)
    loudest = max(float(np.abs(lowest).max()), float(np.abs(highest).max()), 1e-9)
    middle = HEIGHT / 2
    tops = [f"{at} {middle - middle * value / loudest:.1f}" for at, value in enumerate(highest)]
    bottoms = [f"{at} {middle - middle * value / loudest:.1f}" for at, value in enumerate(lowest)]
    outline = " L".join([*tops, *reversed(bottoms)])
    return (
        f'<svg class="wave" viewBox="0 0 {len(edges)} {HEIGHT}" preserveAspectRatio="none"'
        f' role="img" aria-label="Waveform"><path d="M{outline} Z"/></svg>'
    )
