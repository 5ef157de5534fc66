"""Sounds for tests that need an audio file and do not care which: plucked notes in a row."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE_HZ = 44_100
NOTES_HZ = (220.0, 277.18, 329.63, 440.0, 329.63, 277.18)


def write_notes(path: Path, *, seconds: int = 8, transpose: float = 1.0) -> Path:
    """Write a mono WAV of 16 bits: half-second notes that fade."""
    beat = np.arange(RATE_HZ // 2) / RATE_HZ
    notes = [
        np.sin(2 * np.pi * NOTES_HZ[i % len(NOTES_HZ)] * transpose * beat) * np.exp(-4 * beat)
        for i in range(seconds * 2)
    ]
    samples = (np.concatenate(notes) * 20_000).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path
