"""A segment of a recording, decoded and measured once, however many references take from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from generation import audio
from generation.audio import AudioError
from generation.models.mosaic import meter, pitch, separation
from generation.models.mosaic.meter import Meter
from generation.models.mosaic.spectra import ANALYSIS_HZ, RATE_HZ, Floats, Singles, mono
from generation.synthesizer import Reference

SEGMENT_MS_MIN: Final = 1_000  # below a second there is neither a beat nor a phrase
SILENCE_SWING: Final = 2e-4  # from lowest to highest sample, -80 dBFS; a constant is silent
TOTAL_MS_MAX: Final = 600_000  # of all references together, so that memory stays below 1 GB
SHARE_MS_MIN: Final = 20_000
SHARE_MS_MAX: Final = 60_000
BEAT_PURITY: Final = 4  # a beat must not bring its song's chords along


@dataclass(frozen=True)
class Segment:
    """Native frames [native_from, native_until) of a recording, as stereo at `RATE_HZ`.

    Step-wise measures: `chroma` and `tune_chroma` (steps, 12), `tune` (MIDI numbers).
    """

    sound: Singles
    native_hz: int
    native_from: int
    native_until: int
    meter: Meter
    chroma: Floats
    tune_chroma: Floats
    tune: Floats

    @cached_property
    def struck(self) -> Singles:
        """All that is struck; the rest rings."""
        return separation.percussive(self.sound)

    @cached_property
    def beats(self) -> Singles:
        """What is clearly struck, and nothing that rings."""
        return separation.percussive(self.sound, purity=BEAT_PURITY)


class Segments:
    """The segments of one request. Of a longer one the middle is used, enough for the output."""

    def __init__(self, references: int, duration_ms: int) -> None:
        fair_ms = max(SHARE_MS_MIN, TOTAL_MS_MAX // references)
        self._enough_ms = min(fair_ms, max(SHARE_MS_MAX, duration_ms))
        self._known: dict[tuple[Path, int, int], Segment] = {}

    def take(self, reference: Reference) -> Segment:
        """Decode and measure a reference's segment; raise `AudioError` if nothing can be taken."""
        info = audio.probe(reference.audio)
        bounds = audio.segment_frames(info, reference.source_from_ms, reference.source_until_ms)
        first, last = bounds
        if (last - first) * 1000 < SEGMENT_MS_MIN * info.rate_hz:
            name = reference.audio.name
            message = f"{name} gives {(last - first) * 1000 // info.rate_hz} ms of a needed second."
            raise AudioError("audio_too_short", message)
        enough = self._enough_ms * info.rate_hz // 1000
        if last - first > enough:
            first += (last - first - enough) // 2
            last = first + enough
        known = self._known.get((reference.audio, first, last))
        if known is None:
            known = measure(reference.audio, first, last)
            self._known[reference.audio, first, last] = known
        return known


def measure(path: Path, first: int, last: int) -> Segment:
    """Decode native frames [first, last) and measure beat and pitch; raise `AudioError`."""
    decoded = audio.read(path, first, last)
    if max(float(np.ptp(channel)) for channel in decoded.samples.T) < SILENCE_SWING:
        raise AudioError("audio_silent", f"The segment of {path.name} is silent.")
    sound = _stereo(audio.resample(decoded, RATE_HZ).samples)
    mixed = audio.Audio(mono(sound)[:, None], RATE_HZ)
    half = audio.resample(mixed, ANALYSIS_HZ).samples[:, 0]
    pulse = meter.pulse(half, sound.shape[0])
    strengths = pitch.notes(half, pulse.bounds)
    chroma = pitch.chroma(strengths, tune=False)
    return Segment(
        sound=sound,
        native_hz=decoded.rate_hz,
        native_from=first,
        native_until=first + decoded.frames,
        meter=meter.barred(pulse, chroma),
        chroma=chroma,
        tune_chroma=pitch.chroma(strengths, tune=True),
        tune=pitch.tune(strengths),
    )


def _stereo(samples: Singles) -> Singles:
    """Fold any channel count to two: one is doubled, of more the mean of odd and even ones."""
    if samples.shape[1] == 1:
        return np.repeat(samples, 2, axis=1)
    return np.stack([samples[:, 0::2].mean(axis=1), samples[:, 1::2].mean(axis=1)], axis=1)
