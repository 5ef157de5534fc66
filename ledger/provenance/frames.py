"""The hash of decoded frames: knows sound again whose file was rewritten without loss.

Frames are hashed interleaved and little-endian, as `int16` for PCM of 8 and 16 bits, `int32` for
deeper PCM, `float32` for all else; so WAV and FLAC of one depth share one hash. The worker has the
same rule for itself (`generation.audio`); a test holds the two together.
"""

import hashlib
import sys
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

import soundfile

SampleType = Literal["int16", "int32", "float32"]
"""How one sample is hashed: little-endian."""

DECODER: Final = f"{soundfile.__libsndfile_version__} soundfile-{soundfile.__version__}"
"""Name and version of what decodes: lossy files decode alike only under one decoder."""

DURATION_S_MAX: Final = 2 * 60 * 60  # a long concert; what is longer is known by its file alone

_BLOCK_FRAMES: Final = 1 << 16
_SAMPLE_TYPES: Final[dict[str, SampleType]] = {
    "PCM_16": "int16",
    "PCM_U8": "int16",
    "PCM_S8": "int16",
    "PCM_24": "int32",
    "PCM_32": "int32",
}


@dataclass(frozen=True)
class FrameHash:
    """SHA-256 (hex) of the decoded frames, their number and kind, and what decoded them."""

    sha256: str
    dtype: SampleType
    frames: int
    channels: int
    rate_hz: int
    decoder: str


class FramesError(Exception):
    """No hash of frames can be taken; `code` is `undecodable`, `too_long` or `no_frames`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def hash_frames(file: BinaryIO) -> FrameHash:
    """Decode an open file block by block and hash the frames; raises `FramesError`."""
    file.seek(0)
    try:
        with soundfile.SoundFile(file) as sound:
            if sound.frames > DURATION_S_MAX * sound.samplerate:
                raise FramesError("too_long")
            return _hash(sound)
    except soundfile.LibsndfileError as error:
        raise FramesError("undecodable") from error


def _hash(sound: soundfile.SoundFile) -> FrameHash:
    assert sys.byteorder == "little", "frames are hashed as they lie in memory"
    dtype = _SAMPLE_TYPES.get(sound.subtype, "float32")
    digest = hashlib.sha256()
    counted = 0
    while counted <= DURATION_S_MAX * sound.samplerate:
        block = sound.read(_BLOCK_FRAMES, dtype=dtype, always_2d=True)
        if not len(block):
            break
        counted += len(block)
        digest.update(block.tobytes())
    if counted == 0:
        raise FramesError("no_frames")
    if counted < sound.frames:
        raise FramesError("undecodable")  # the header promises more than there is
    return FrameHash(
        sha256=digest.hexdigest(),
        dtype=dtype,
        frames=counted,
        channels=sound.channels,
        rate_hz=sound.samplerate,
        decoder=DECODER,
    )
