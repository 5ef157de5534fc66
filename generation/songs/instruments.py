"""Instruments made of sines and noise: guitar, voice, bass and drums.

Every function returns one note or hit as mono float64 samples at `RATE_HZ`, peak near one. Nothing
here is sampled or trained, so the demo recordings belong to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import signal

RATE_HZ: Final = 44_100
HARMONIC_HZ_MAX: Final = 11_000.0
"""Frames a second of the songs, and the pitch above which no overtone is made."""

Sound = npt.NDArray[np.float64]
"""Samples of one instrument, mono."""


@dataclass(frozen=True)
class Pluck:
    """How a string sounds: how bright, how long, where it is picked, how hard it is driven."""

    brightness: float  # exponent of the harmonic roll-off; smaller is brighter
    decay_s: float
    pick: float  # position of the pick along the string, 0 to 0.5
    drive: float = 0.0
    detune_cents: float = 0.0


@dataclass(frozen=True)
class Voice:
    """How a voice sounds: its formants (Hz), their widths (Hz), vibrato and breath."""

    formants_hz: tuple[float, float, float]
    widths_hz: tuple[float, float, float]
    vibrato_hz: float
    vibrato_cents: float
    breath: float


@dataclass(frozen=True)
class Kit:
    """How a drum kit sounds: pitches, lengths, and how much noise its snare has."""

    kick_hz: float
    kick_s: float
    snare_hz: float
    snare_s: float
    snare_noise: float
    hat_hz: float
    hat_s: float


def hertz(midi: float) -> float:
    """Turn a MIDI note number into its frequency, equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def _times(seconds: float) -> Sound:
    return np.arange(int(seconds * RATE_HZ), dtype=np.float64) / RATE_HZ


def _faded(sound: Sound, attack_s: float, release_s: float) -> Sound:
    """Begin and end at zero, so that no note clicks."""
    attack, release = int(attack_s * RATE_HZ), int(release_s * RATE_HZ)
    sound[:attack] *= np.linspace(0.0, 1.0, attack)
    sound[-release:] *= np.linspace(1.0, 0.0, release)
    return sound


def pluck(midi: float, seconds: float, style: Pluck) -> Sound:
    """Play one string: harmonics that fade faster the higher they are, combed by the pick."""
    t = _times(seconds + 0.06)
    out = np.zeros_like(t)
    for cents in (-style.detune_cents, style.detune_cents) if style.detune_cents else (0.0,):
        base = hertz(midi + cents / 100.0)
        for k in range(1, int(HARMONIC_HZ_MAX / base) + 1):
            level = abs(np.sin(np.pi * k * style.pick)) / k**style.brightness
            if level < 0.01:  # noqa: PLR2004 - 40 dB below the first harmonic is not heard
                continue
            stretched = base * k * np.sqrt(1.0 + 0.00006 * k * k)  # a stiff string is sharp above
            fade = np.exp(-t * (1.0 + 0.32 * k) / style.decay_s)
            out += level * fade * np.sin(2.0 * np.pi * stretched * t + 0.7 * k)
    out /= np.max(np.abs(out)) + 1e-9
    if style.drive:
        out = np.tanh(style.drive * out) / np.tanh(style.drive)
    return _faded(out, 0.002, 0.05)


def sing(midi: float, seconds: float, style: Voice, glide_from: float | None) -> Sound:
    """Sing one note: a bright source through three formants, with vibrato that grows in."""
    t = _times(seconds)
    start = 0.0 if glide_from is None else glide_from - midi
    bend = start * np.exp(-t / 0.035) * 100.0
    depth = style.vibrato_cents * np.clip((t - 0.18) / 0.3, 0.0, 1.0)
    cents = bend + depth * np.sin(2.0 * np.pi * style.vibrato_hz * t)
    base = hertz(midi)
    phase = 2.0 * np.pi * np.cumsum(base * 2.0 ** (cents / 1200.0)) / RATE_HZ
    out = np.zeros_like(t)
    for k in range(1, int(6_000.0 / base) + 1):
        level = sum(
            gain * np.exp(-(((base * k - formant) / width) ** 2))
            for formant, width, gain in zip(
                style.formants_hz, style.widths_hz, (1.0, 0.55, 0.28), strict=True
            )
        )
        out += (0.06 / k + level / k**0.45) * np.sin(k * phase)
    noise = np.random.default_rng(int(midi * 100)).standard_normal(t.size)
    band = signal.butter(2, [1_500, 6_000], "bandpass", fs=RATE_HZ, output="sos")
    out = out / (np.max(np.abs(out)) + 1e-9) + style.breath * signal.sosfilt(band, noise)
    return _faded(out, min(0.05, seconds / 4), min(0.09, seconds / 3))


def bass(midi: float, seconds: float, growl: float) -> Sound:
    """Play one bass note: a round fundamental with as much growl as asked."""
    t = _times(seconds)
    base = hertz(midi)
    out = np.zeros_like(t)
    for k in range(1, 12):
        level = 1.0 / k ** (3.0 - 1.8 * growl)
        out += level * np.exp(-t * (0.8 + 0.5 * k)) * np.sin(2.0 * np.pi * base * k * t)
    out = np.tanh(out * (1.0 + growl))
    return _faded(out / (np.max(np.abs(out)) + 1e-9), 0.006, min(0.05, seconds / 3))


def kick(kit: Kit) -> Sound:
    """Hit the kick: a sine that falls to its pitch, and a click."""
    t = _times(kit.kick_s * 2.2)
    sweep = kit.kick_hz * (1.0 + 3.5 * np.exp(-t / 0.018))
    body = np.sin(2.0 * np.pi * np.cumsum(sweep) / RATE_HZ) * np.exp(-t / kit.kick_s * 2.2)
    click = np.random.default_rng(1).standard_normal(t.size) * np.exp(-t / 0.002) * 0.2
    return _faded(np.tanh(1.6 * (body + click)), 0.0005, 0.02)


def snare(kit: Kit) -> Sound:
    """Hit the snare: two skin modes and the wires."""
    t = _times(kit.snare_s * 2.5)
    skin = np.sin(2 * np.pi * kit.snare_hz * t) + 0.6 * np.sin(2 * np.pi * kit.snare_hz * 1.62 * t)
    wires = np.random.default_rng(2).standard_normal(t.size)
    band = signal.butter(2, [900, 9_500], "bandpass", fs=RATE_HZ, output="sos")
    out = 0.5 * skin * np.exp(-t / 0.045) + kit.snare_noise * signal.sosfilt(band, wires) * np.exp(
        -t / kit.snare_s * 2.0
    )
    return _faded(out / (np.max(np.abs(out)) + 1e-9), 0.0005, 0.02)


def hat(kit: Kit, *, is_open: bool) -> Sound:
    """Hit the hi-hat, open or closed: bright noise."""
    length = kit.hat_s * (4.0 if is_open else 1.0)
    t = _times(length * 2.0)
    noise = np.random.default_rng(3).standard_normal(t.size)
    high = signal.butter(4, kit.hat_hz, "highpass", fs=RATE_HZ, output="sos")
    out = signal.sosfilt(high, noise) * np.exp(-t / length * 2.5)
    return _faded(out / (np.max(np.abs(out)) + 1e-9), 0.0005, 0.01)
