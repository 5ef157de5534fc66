"""Audio files in and out: decode, resample, write, and name by hash.

The only file that imports soundfile and soxr. Decoded sound is float32, shape (frames, channels),
full scale 1.0. Whatever is wrong with a file from outside becomes an `AudioError` with a code of
`AUDIO_ERRORS`; no caller ever sees a library's own exception. AAC is not read: libsndfile has no
decoder for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from schemas.drafts import OWNER_ONLY, write

Samples = npt.NDArray[np.float32]
"""Samples of a recording: frames by channels, between -1 and 1."""

AUDIO_ERRORS: Final = (
    "audio_missing",  # no such file
    "audio_empty",  # zero bytes, or a header with no sound behind it
    "audio_unreadable",  # not a format of ours, or broken beyond decoding
    "audio_truncated",  # the header promises more frames than the file holds
    "audio_too_long",  # beyond DURATION_S_MAX
    "audio_unsupported",  # more channels or another rate than we handle
    "audio_not_finite",  # NaN or infinity among the samples
    "segment_outside",  # the segment begins behind the recording's end
    "audio_too_short",  # too little sound to work with
    "audio_silent",  # sound was asked for and there is none
)
"""Every code an `AudioError` can carry, with what it means."""

FORMATS: Final = ("WAV", "WAVEX", "RF64", "FLAC", "MP3", "OGG", "AIFF")
"""libsndfile's names of the containers that we read."""

LOSSY_FORMATS: Final = ("MP3", "OGG")
PADDING_FRAMES_MAX: Final = 8_192  # two long Vorbis blocks, or the delay and padding of any MP3
MP3_GUESSED_PER: Final = 50  # without a Xing or Info frame an MP3's length is guessed: 2 % off

DURATION_S_MAX: Final = 2 * 60 * 60  # a long concert; decoded stereo of this length is 2.5 GB
CHANNELS_MAX: Final = 8  # 7.1, the widest layout that labels deliver
RATE_HZ_MIN: Final = 4_000  # below telephone quality there is no pitch to find
RATE_HZ_MAX: Final = 384_000  # the fastest converter on the market
BLOCK_FRAMES: Final = 1 << 16

DECODER: Final = f"{soundfile.__libsndfile_version__} soundfile-{soundfile.__version__}"
"""Name and version of what decodes; a frame hash without it means little for lossy files."""


class AudioError(Exception):
    """A file cannot be used as audio; `code` is one of `AUDIO_ERRORS`."""

    def __init__(self, code: str, message: str) -> None:
        assert code in AUDIO_ERRORS, code
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Audio:
    """Decoded sound: float32 samples of shape (frames, channels) and their rate in Hz."""

    samples: Samples
    rate_hz: int

    @property
    def frames(self) -> int:
        """Length in frames."""
        return int(self.samples.shape[0])


@dataclass(frozen=True)
class AudioInfo:
    """What a file's header says, without decoding the sound."""

    format: str
    subtype: str
    rate_hz: int
    channels: int
    frames: int

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds, rounded down."""
        return self.frames * 1000 // self.rate_hz


@dataclass(frozen=True)
class FrameHash:
    """SHA-256 of the decoded frames, interleaved as decoded, and how they were decoded.

    `dtype` is `int16` for 8- and 16-bit PCM, `int32` for deeper PCM, `float32` for everything else
    (all little-endian). The same music in WAV and FLAC of one depth has one frame hash.
    """

    sha256: str
    dtype: str
    frames: int
    channels: int
    rate_hz: int
    decoder: str


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open for decoding, with the library's failures named."""
    if not path.is_file():
        raise AudioError("audio_missing", f"There is no file {path.name}.")
    if path.stat().st_size == 0:
        raise AudioError("audio_empty", f"{path.name} is empty.")
    try:
        raw = path.open("rb")
    except OSError as error:
        message = f"{path.name} cannot be opened: {error.strerror}."
        raise AudioError("audio_unreadable", message) from error
    try:
        # Not by its name: libsndfile would look for `._name` beside it, which macOS writes on
        # foreign disks, and could then not open an MP3.
        with raw, soundfile.SoundFile(raw.fileno(), closefd=False) as file:
            _check_header(path, file)
            yield file
    except soundfile.LibsndfileError as error:
        # Without the library's prefix, which names a number of ours where a file name should be.
        why = error.error_string
        message = f"{path.name} is not WAV, FLAC, MP3, Ogg or AIFF that can be decoded: {why}"
        raise AudioError("audio_unreadable", message) from error


def _check_header(path: Path, file: Any) -> None:
    """Refuse what we could not hold or do not know, before any sound is decoded."""
    if file.format not in FORMATS:
        raise AudioError("audio_unreadable", f"{path.name} is {file.format}, which is not read.")
    if not RATE_HZ_MIN <= file.samplerate <= RATE_HZ_MAX or file.channels > CHANNELS_MAX:
        message = f"{path.name} has {file.channels} channels at {file.samplerate} Hz."
        raise AudioError("audio_unsupported", message)
    if file.frames <= 0:
        raise AudioError("audio_empty", f"{path.name} holds no sound.")
    if file.frames > DURATION_S_MAX * file.samplerate:
        raise AudioError("audio_too_long", f"{path.name} is longer than {DURATION_S_MAX} s.")


def probe(path: Path) -> AudioInfo:
    """Read a file's header; raise `AudioError` if it is not audio that we read."""
    with _opened(path) as file:
        return AudioInfo(
            format=file.format,
            subtype=file.subtype,
            rate_hz=file.samplerate,
            channels=file.channels,
            frames=file.frames,
        )


def segment_frames(info: AudioInfo, from_ms: int, until_ms: int | None) -> tuple[int, int]:
    """Turn a segment in ms into native frames [from, until), never wider than the segment.

    An end behind the recording's end means the recording's end; a beginning there is
    `segment_outside`.
    """
    first = -(-from_ms * info.rate_hz // 1000)
    last = info.frames if until_ms is None else min(until_ms * info.rate_hz // 1000, info.frames)
    if first >= info.frames:
        message = f"The segment begins at {from_ms} ms; the audio ends at {info.duration_ms} ms."
        raise AudioError("segment_outside", message)
    if last <= first:
        raise AudioError("audio_too_short", f"Segment {from_ms} to {until_ms} ms holds no sound.")
    return first, last


def read(path: Path, first_frame: int = 0, until_frame: int | None = None) -> Audio:
    """Decode native frames [first, until) of a file; raise `AudioError` if that fails.

    A lossy file may end a coder's padding before its header says; then the sound is that shorter.
    """
    with _opened(path) as file:
        until = file.frames if until_frame is None else until_frame
        _go_to(file, first_frame)
        samples: Samples = file.read(until - first_frame, dtype="float32", always_2d=True)
        rate_hz = int(file.samplerate)
        _check_length(path, file, until - first_frame, samples.shape[0])
    if not np.isfinite(samples).all():
        raise AudioError("audio_not_finite", f"{path.name} holds NaN or infinite samples.")
    return Audio(samples, rate_hz)


def _go_to(file: Any, frame: int) -> None:
    """Move to a frame. In a lossy file by decoding up to it: its seeking can land elsewhere.

    Seen with Ogg files in the wild: hundreds of frames off, so evidence would name wrong frames.
    """
    if file.format not in LOSSY_FORMATS:
        file.seek(frame)
        return
    left = frame
    while left > 0:
        skipped = file.read(min(left, BLOCK_FRAMES), dtype="float32", always_2d=True).shape[0]
        if skipped == 0:
            break
        left -= skipped


def _check_length(path: Path, file: Any, promised: int, decoded: int) -> None:
    """Refuse a file that holds less than its header promises, beyond what coders pad."""
    allowed = PADDING_FRAMES_MAX if file.format in LOSSY_FORMATS else 0
    if file.format == "MP3":
        # Its frames differ by a byte; the length is their number times that of the first.
        allowed = max(allowed, promised // MP3_GUESSED_PER)
    if decoded == 0 or promised - decoded > allowed:
        raise AudioError("audio_truncated", f"{path.name} ends before its header says.")


def resample(audio: Audio, rate_hz: int) -> Audio:
    """Convert to another rate (soxr, high quality); the same rate returns the same object."""
    if audio.rate_hz == rate_hz:
        return audio
    return Audio(stretch(audio.samples, audio.rate_hz / rate_hz), rate_hz)


def stretch(samples: Samples, ratio: float) -> Samples:
    """Read sound `ratio` times as fast: ratio 2 is half as long and an octave higher."""
    out: Samples = soxr.resample(samples, ratio, 1.0, quality="HQ")
    return np.ascontiguousarray(out, dtype=np.float32)


def write_wav(path: Path, audio: Audio) -> None:
    """Write 16-bit PCM WAV so that `path` either holds the whole file or what it held before.

    `OSError` where there is no room. Samples beyond full scale are clipped; no dither, so that
    equal samples give equal bytes.
    """
    if not np.isfinite(audio.samples).all():
        raise AudioError("audio_not_finite", "The samples to write hold NaN or infinity.")
    # In memory first: libsndfile passes over a disk that is full, and nobody would hear of it.
    content = io.BytesIO()
    pcm = np.clip(np.rint(audio.samples * 32767.0), -32768, 32767).astype("<i2")
    soundfile.write(content, pcm, audio.rate_hz, subtype="PCM_16", format="WAV")
    write(path, content.getbuffer(), mode=OWNER_ONLY)


def frame_hash(path: Path) -> FrameHash:
    """Hash the decoded frames of a whole file, block by block; raise `AudioError` if broken."""
    digest = hashlib.sha256()
    counted = 0
    with _opened(path) as file:
        dtype = _native_dtype(file.subtype)
        while True:
            block = file.read(BLOCK_FRAMES, dtype=dtype, always_2d=True)
            if block.shape[0] == 0:
                break
            counted += block.shape[0]
            digest.update(np.ascontiguousarray(block).astype(f"<{block.dtype.str[1:]}").tobytes())
        _check_length(path, file, file.frames, counted)
        return FrameHash(
            sha256=digest.hexdigest(),
            dtype=dtype,
            frames=counted,
            channels=file.channels,
            rate_hz=file.samplerate,
            decoder=DECODER,
        )


def _native_dtype(subtype: str) -> str:
    """Choose the sample type that loses nothing of what the decoder gives."""
    if subtype in {"PCM_16", "PCM_U8", "PCM_S8"}:
        return "int16"
    return "int32" if subtype in {"PCM_24", "PCM_32"} else "float32"
