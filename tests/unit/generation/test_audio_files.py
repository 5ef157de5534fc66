"""Decoding, resampling, writing and hashing audio files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from generation import audio
from generation.audio import Audio, AudioError

RATE = 44_100
ROOT = Path(__file__).parents[3]


def music(seconds: float = 1.5, channels: int = 2) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    tones = [0.3 * np.sin(2 * np.pi * (220 + 110 * k) * time) for k in range(channels)]
    return np.stack(tones, axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "more", "tolerance"),
    [
        ("a.wav", {}, 1e-4),
        ("b.wav", {"subtype": "PCM_24"}, 1e-6),
        ("c.wav", {"subtype": "FLOAT"}, 0.0),
        ("d.flac", {}, 1e-4),
        ("e.aiff", {}, 1e-4),
        ("f.mp3", {"format": "MP3"}, 0.05),
        ("g.ogg", {"format": "OGG", "subtype": "VORBIS"}, 0.05),
        ("h.wav", {"format": "RF64"}, 1e-4),
    ],
)
def test_each_format_is_decoded(
    name: str, more: dict[str, str], tolerance: float, sound_file: Callable[..., Path]
) -> None:
    path = sound_file(name, music(), RATE, **more)
    decoded = audio.read(path)
    info = audio.probe(path)
    assert decoded.rate_hz == info.rate_hz == RATE
    assert decoded.samples.shape == (info.frames, info.channels)
    assert decoded.samples.dtype == np.float32
    assert abs(info.duration_ms - 1_500) < 60  # lossy coders pad
    inner = slice(2_000, 50_000)
    assert np.abs(decoded.samples[inner] - music()[inner]).max() <= tolerance


@pytest.mark.parametrize("name", ["a.mp3", "b.wav", "c.flac", "d.ogg"])
def test_what_macos_writes_beside_a_file_does_not_matter(
    name: str, sound_file: Callable[..., Path]
) -> None:
    path = sound_file(name, music(), RATE)
    path.with_name(f"._{name}").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X")
    assert audio.probe(path).frames == music().shape[0]


def test_a_part_is_the_part_of_the_whole(sound_file: Callable[..., Path]) -> None:
    for name, more in (("p.wav", {}), ("p.flac", {}), ("p.ogg", {"format": "OGG"})):
        path = sound_file(name, music(), RATE, **more)
        whole = audio.read(path).samples
        assert np.array_equal(audio.read(path, 10_000, 20_000).samples, whole[10_000:20_000])


def test_a_truncated_file_is_refused(sound_file: Callable[..., Path], tmp_path: Path) -> None:
    whole = sound_file("whole.flac", music(), RATE).read_bytes()
    cut = tmp_path / "cut.flac"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioError) as error:
        audio.read(cut)
    assert error.value.code in {"audio_truncated", "audio_unreadable"}
    with pytest.raises(AudioError):
        audio.frame_hash(cut)


def test_an_mp3_that_does_not_know_its_length_is_read_whole(
    sound_file: Callable[..., Path],
) -> None:
    noise = np.random.default_rng(1).standard_normal((22_050 * 150, 1)).astype(np.float32) / 10
    how = {"bitrate_mode": "CONSTANT", "compression_level": 0.9}
    path = sound_file("no-xing.mp3", noise, 22_050, **how)
    found = audio.frame_hash(path).frames
    assert audio.probe(path).frames - found > audio.PADDING_FRAMES_MAX, "it has to be guessed wrong"
    assert abs(found - len(noise)) < audio.PADDING_FRAMES_MAX
    assert audio.read(path).frames == found


def test_a_file_whose_header_lies_about_its_length_is_refused_before_decoding(
    sound_file: Callable[..., Path], tmp_path: Path
) -> None:
    content = bytearray(sound_file("long.flac", music(), RATE).read_bytes())
    content[21:26] = b"\xf1\xff\xff\xff\xff"  # STREAMINFO: 2^33 frames and more, 26 hours
    path = tmp_path / "liar.flac"
    path.write_bytes(content)
    with pytest.raises(AudioError) as error:
        audio.read(path)
    assert error.value.code == "audio_too_long"


@pytest.mark.parametrize(
    ("from_ms", "until_ms", "frames"),
    [
        (0, None, (0, 8_000)),
        (0, 1_000, (0, 8_000)),
        (500, 5_000, (4_000, 8_000)),  # an end behind the end is the end
        (1, 2, (8, 16)),
        (333, 334, (2_664, 2_672)),
    ],
)
def test_a_segment_is_never_wider_than_asked(
    from_ms: int, until_ms: int | None, frames: tuple[int, int]
) -> None:
    info = audio.AudioInfo("WAV", "PCM_16", 8_000, 1, 8_000)
    assert audio.segment_frames(info, from_ms, until_ms) == frames


def test_segments_round_inward() -> None:
    info = audio.AudioInfo("WAV", "PCM_16", 44_100, 1, 44_100)
    assert audio.segment_frames(info, 1, 2) == (45, 88)  # 44.1 up, 88.2 down


@pytest.mark.parametrize(
    ("from_ms", "until_ms", "code"),
    [
        (1_000, None, "segment_outside"),
        (2_000, 3_000, "segment_outside"),
        (5, 5, "audio_too_short"),
    ],
)
def test_segments_without_sound_are_refused(from_ms: int, until_ms: int | None, code: str) -> None:
    info = audio.AudioInfo("WAV", "PCM_16", 8_000, 1, 8_000)
    with pytest.raises(AudioError) as error:
        audio.segment_frames(info, from_ms, until_ms)
    assert error.value.code == code


def test_resampling_keeps_pitch_and_length() -> None:
    there = audio.resample(Audio(music(), RATE), 22_050)
    assert there.rate_hz == 22_050
    assert abs(there.frames * 2 - music().shape[0]) <= 2
    peak = np.argmax(np.abs(np.fft.rfft(there.samples[:22_050, 0])))
    assert abs(peak - 220) <= 1
    same = Audio(music(), RATE)
    assert audio.resample(same, RATE) is same


def test_stretching_raises_pitch() -> None:
    up = audio.stretch(music(), 2.0)
    assert abs(up.shape[0] * 2 - music().shape[0]) <= 2
    assert abs(np.argmax(np.abs(np.fft.rfft(up[:22_050, 0]))) * 2 - 440) <= 2


def test_written_files_are_sixteen_bit_and_equal_for_equal_samples(tmp_path: Path) -> None:
    first, second = tmp_path / "1.wav", tmp_path / "2.wav"
    for path in (first, second):
        audio.write_wav(path, Audio(music(), RATE))
    assert first.read_bytes() == second.read_bytes()
    assert audio.probe(first).subtype == "PCM_16"
    assert np.abs(audio.read(first).samples - music()).max() < 2 / 32_768


def test_writing_clips_what_is_beyond_full_scale(tmp_path: Path) -> None:
    audio.write_wav(tmp_path / "loud.wav", Audio(music() * 10, RATE))
    samples, _ = soundfile.read(tmp_path / "loud.wav", dtype="int16")
    assert samples.min() == -32_768
    assert samples.max() == 32_767


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(b"what was there")
    broken = music()
    broken[100] = np.nan
    with pytest.raises(AudioError) as error:
        audio.write_wav(path, Audio(broken, RATE))
    assert error.value.code == "audio_not_finite"
    nine_hundred = Audio(np.zeros((10, 1_100), np.float32), RATE)  # more channels than WAV takes
    with pytest.raises(soundfile.LibsndfileError):
        audio.write_wav(path, nine_hundred)
    assert path.read_bytes() == b"what was there"
    assert [file.name for file in tmp_path.iterdir()] == ["out.wav"]


def test_one_music_has_one_frame_hash_whatever_holds_it(sound_file: Callable[..., Path]) -> None:
    exact = np.rint(music() * 32_767).astype(np.int16)
    wav = audio.frame_hash(sound_file("h1.wav", exact, RATE))
    flac = audio.frame_hash(sound_file("h2.flac", exact, RATE))
    assert wav == flac
    assert (wav.dtype, wav.frames, wav.channels, wav.rate_hz) == ("int16", 66_150, 2, RATE)
    assert "soundfile" in wav.decoder
    deep = audio.frame_hash(sound_file("h3.wav", music(), RATE, subtype="PCM_24"))
    assert deep.dtype == "int32"
    assert deep.sha256 != wav.sha256
    assert audio.frame_hash(sound_file("h4.mp3", music(), RATE, format="MP3")).dtype == "float32"


def test_one_changed_sample_changes_the_frame_hash(sound_file: Callable[..., Path]) -> None:
    changed = music()
    changed[1_000, 1] += 1 / 16_384
    assert (
        audio.frame_hash(sound_file("s1.wav", music(), RATE)).sha256
        != audio.frame_hash(sound_file("s2.wav", changed, RATE)).sha256
    )


def test_the_frame_hash_is_of_interleaved_little_endian_samples(
    sound_file: Callable[..., Path],
) -> None:
    import hashlib  # noqa: PLC0415 - recomputed by hand

    path = sound_file("hand.wav", music(), RATE)
    content = path.read_bytes()
    data = content[content.index(b"data") + 8 :]  # a canonical WAV holds exactly these bytes
    assert audio.frame_hash(path).sha256 == hashlib.sha256(data).hexdigest()


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from generation.audio import Audio, write_wav
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    write_wav(Path(sys.argv[1]), Audio(np.zeros((88_200, 2), dtype=np.float32), 44_100))
except OSError:
    sys.exit(7)
"""


def test_a_disk_that_is_full_is_the_worlds_fault_and_leaves_nothing(tmp_path: Path) -> None:
    """So the job is tried again, and is not given up as a mistake of ours."""
    command = [sys.executable, "-c", FULL, str(tmp_path / "song.wav")]
    ended = subprocess.run(command, check=False, capture_output=True, cwd=ROOT)  # noqa: S603 - ours
    assert ended.returncode == 7, ended.stderr
    assert list(tmp_path.iterdir()) == []
