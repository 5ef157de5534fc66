"""What a reference brings in its role: the part of its segment that is copied, leveled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import signal

from generation.models.mosaic.meter import Meter
from generation.models.mosaic.roles import BEAT_ROLES, CONDITIONING_ROLES
from generation.models.mosaic.segment import Segment
from generation.models.mosaic.spectra import RATE_HZ, Floats, Singles, power
from generation.synthesizer import Reference

LEVEL_RMS: Final = 0.1  # -20 dBFS, so that no reference is heard by loudness alone
BOOST_MAX: Final = 300.0  # 50 dB: quiet music is music, what is quieter still is noise
BASS_HZ_MAX: Final = 260.0
BLOCK: Final = RATE_HZ // 10


@dataclass(frozen=True)
class Material:
    """One reference, ready to be cut. `loudness` is each step's, as a multiple of the mean."""

    reference: Reference
    segment: Segment
    sound: Singles
    loudness: Floats

    @property
    def meter(self) -> Meter:
        """The steps of the segment."""
        return self.segment.meter

    def native(self, frame: float) -> float:
        """Turn a frame of `sound` into a (fractional) frame of the recording."""
        return self.segment.native_from + frame * self.segment.native_hz / RATE_HZ


def prepare(reference: Reference, segment: Segment, *, beats_apart: bool) -> Material:
    """Take the reference's part of its segment.

    `beats_apart`: another row brings the beat, so the drums of a pitched row stay out.
    """
    if reference.role in CONDITIONING_ROLES:
        sound = segment.sound  # listened to, never copied
    else:
        sound = _leveled(_part(reference, segment, beats_apart=beats_apart))
    return Material(reference, segment, sound, _loudness(sound, segment.meter))


def _part(reference: Reference, segment: Segment, *, beats_apart: bool) -> Singles:
    """Keep what the role copies: hits, the low end, what rings, or everything."""
    role, stem = reference.role, reference.stem
    if role in BEAT_ROLES:
        return segment.sound if stem == "drums" else segment.beats
    if role == "bass" and stem != "bass":
        low = signal.butter(4, BASS_HZ_MAX, "lowpass", fs=RATE_HZ, output="sos")
        return np.asarray(signal.sosfilt(low, segment.sound, axis=0), dtype=np.float32)
    if beats_apart and stem is None:
        return segment.sound - segment.struck
    return segment.sound


def _leveled(sound: Singles) -> Singles:
    """Bring the loud half of the sound to `LEVEL_RMS`, without lifting mere noise."""
    powers = power(sound[: sound.shape[0] // BLOCK * BLOCK]).reshape(-1, BLOCK).mean(axis=1)
    loud = float(np.sqrt(np.mean(np.sort(powers)[powers.size // 2 :])))
    return sound * np.float32(min(LEVEL_RMS / (loud + 1e-9), BOOST_MAX))


def _loudness(sound: Singles, measured: Meter) -> Floats:
    """Measure each step's RMS, as a multiple of the mean step's."""
    sums = np.concatenate([[0.0], np.cumsum(power(sound))])
    powers = np.diff(sums[measured.bounds]) / np.maximum(1, np.diff(measured.bounds))
    levels = np.sqrt(np.maximum(powers, 0.0))
    out: Floats = levels / (levels.mean() + 1e-12)
    return out
