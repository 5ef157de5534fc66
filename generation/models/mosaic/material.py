"""What a reference brings: the sound of its segment, and what was measured in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import signal

from generation import audio
from generation.audio import AudioError
from generation.models.mosaic import meter, pitch, separation
from generation.models.mosaic.meter import Meter
from generation.models.mosaic.roles import BEAT_ROLES, CONDITIONING_ROLES
from generation.models.mosaic.spectra import ANALYSIS_HZ, RATE_HZ, Floats, Singles, rms
from generation.synthesizer import Reference

SEGMENT_MS_MIN: Final = 1_000  # below a second there is neither a beat nor a phrase
MATERIAL_MS_MIN: Final = 60_000
"""Of a segment longer than this, and than the output, the middle is used: nothing is missed."""
SILENCE_RMS: Final = 1e-4  # -80 dBFS
LEVEL_RMS: Final = 0.1  # -20 dBFS, so that no reference is heard by loudness alone
BOOST_MAX: Final = 30.0
BEAT_PURITY: Final = 4  # a beat must not bring its song's chords along
BASS_HZ_MAX: Final = 260.0


@dataclass(frozen=True)
class Material:
    """One reference, ready to be cut.

    `sound` is stereo at `RATE_HZ`, leveled, only the part that the role copies. Frame 0 is frame
    `native_from` of the recording at `native_hz`; nothing at or after `native_until` is used.
    Step-wise: `chroma`, `tune_chroma` (steps, 12), `tune` (MIDI), `loudness` (1 is the mean).
    """

    reference: Reference
    sound: Singles
    native_hz: int
    native_from: int
    native_until: int
    meter: Meter
    chroma: Floats
    tune_chroma: Floats
    tune: Floats
    loudness: Floats

    def native(self, frame: float) -> float:
        """Turn a frame of `sound` into a (fractional) frame of the recording."""
        return self.native_from + frame * self.native_hz / RATE_HZ


def load(reference: Reference, duration_ms: int, *, beats_apart: bool) -> Material:
    """Decode and measure a reference's segment; raise `AudioError` if nothing can be taken.

    `duration_ms` is the output's length. `beats_apart`: another row brings the beat, so the drums
    of a pitched row stay out.
    """
    info = audio.probe(reference.audio)
    first, last = audio.segment_frames(info, reference.source_from_ms, reference.source_until_ms)
    if (last - first) * 1000 < SEGMENT_MS_MIN * info.rate_hz:
        name = reference.audio.name
        message = f"{name} gives {(last - first) * 1000 // info.rate_hz} ms; a second is needed."
        raise AudioError("audio_too_short", message)
    enough = max(MATERIAL_MS_MIN, duration_ms) * info.rate_hz // 1000
    if last - first > enough:
        first += (last - first - enough) // 2
        last = first + enough
    decoded = audio.resample(audio.read(reference.audio, first, last), RATE_HZ)
    whole = _stereo(decoded.samples)
    if rms(whole) < SILENCE_RMS:
        raise AudioError("audio_silent", f"The segment of {reference.audio.name} is silent.")
    mono = whole.mean(axis=1)
    half = audio.resample(audio.Audio(mono[:, None], RATE_HZ), ANALYSIS_HZ).samples[:, 0]
    found = meter.pulse(half, whole.shape[0])
    strengths = pitch.notes(half, found.bounds)
    chroma = pitch.chroma(strengths, tune=False)
    measured = meter.barred(found, chroma)
    sound = _leveled(_part(whole, reference, beats_apart=beats_apart))
    return Material(
        reference=reference,
        sound=sound,
        native_hz=info.rate_hz,
        native_from=first,
        native_until=last,
        meter=measured,
        chroma=chroma,
        tune_chroma=pitch.chroma(strengths, tune=True),
        tune=pitch.tune(strengths),
        loudness=_loudness(sound, measured),
    )


def _stereo(samples: Singles) -> Singles:
    """Fold any channel count to two: one is doubled, of more the mean of odd and even ones."""
    if samples.shape[1] == 1:
        return np.repeat(samples, 2, axis=1)
    return np.stack([samples[:, 0::2].mean(axis=1), samples[:, 1::2].mean(axis=1)], axis=1)


def _part(whole: Singles, reference: Reference, *, beats_apart: bool) -> Singles:
    """Keep what the role copies: hits, the low end, what rings, or everything."""
    role, stem = reference.role, reference.stem
    if role in CONDITIONING_ROLES:
        return whole
    if role in BEAT_ROLES:
        return whole if stem == "drums" else separation.percussive(whole, purity=BEAT_PURITY)
    if role == "bass" and stem != "bass":
        low = signal.butter(4, BASS_HZ_MAX, "lowpass", fs=RATE_HZ, output="sos")
        return np.asarray(signal.sosfilt(low, whole, axis=0), dtype=np.float32)
    if beats_apart and stem is None:
        return whole - separation.percussive(whole)
    return whole


def _leveled(sound: Singles) -> Singles:
    """Bring the loud half of the sound to `LEVEL_RMS`, without lifting mere noise."""
    blocks = np.square(sound[: sound.shape[0] // 4410 * 4410]).reshape(-1, 4410 * 2).mean(axis=1)
    loud = float(np.sqrt(np.mean(np.sort(blocks)[blocks.size // 2 :])))
    return sound * np.float32(min(LEVEL_RMS / (loud + 1e-9), BOOST_MAX))


def _loudness(sound: Singles, measured: Meter) -> Floats:
    """Measure each step's RMS, as a multiple of the mean step's."""
    sums = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64).mean(axis=1))])
    power = np.diff(sums[measured.bounds]) / np.maximum(1, np.diff(measured.bounds))
    levels = np.sqrt(np.maximum(power, 0.0))
    out: Floats = levels / (levels.mean() + 1e-12)
    return out
