"""Taking in audio: into the artifact store by its hash, and known by its two hashes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generation import audio
from generation.artifacts import Artifacts
from schemas.terms import AudioIdentity


@dataclass(frozen=True, slots=True)
class Ingested:
    """Audio that is in the store: its identity, length in milliseconds, and rate in hertz."""

    audio: AudioIdentity
    duration_ms: int
    sample_rate_hz: int


def ingest(path: Path, artifacts: Artifacts) -> Ingested:
    """Store a WAV, FLAC, MP3, Ogg or AIFF file; raise `AudioError` if it cannot be decoded.

    Decoded first, stored after: a broken file leaves nothing behind.
    """
    info = audio.probe(path)
    frames = audio.frame_hash(path)
    digest = artifacts.put(path)
    return Ingested(
        audio=AudioIdentity(
            file_sha256=digest, frames_sha256=frames.sha256, decoder=frames.decoder
        ),
        duration_ms=frames.frames * 1000 // frames.rate_hz,  # an MP3's header may only guess it
        sample_rate_hz=info.rate_hz,
    )
