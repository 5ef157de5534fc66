"""Four demo recordings with stems, synthesized: nobody's music, so anybody may use them.

They differ in key, tempo, progression and sound, so that an ear, and a test, can tell which of them
is heard in an output. The same code gives the same files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from generation import audio
from generation.songs import arrangement, mixing
from generation.songs.instruments import RATE_HZ, Sound
from generation.songs.scores import SONGS, Score

STEMS = ("guitar", "voice", "bass", "drums")
"""The stems of every song, in the order in which they are listed."""


@dataclass(frozen=True)
class SongFiles:
    """One synthesized recording on disk: its number, names, mix, and a file for each stem."""

    number: int
    title: str
    artist: str
    mix: Path
    stems: dict[str, Path]


def write_songs(folder: Path) -> list[SongFiles]:
    """Write the four songs as 16-bit stereo WAV, `<number>.wav` and `<number>-<stem>.wav`.

    `folder` is made if it is missing; files that are there are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(score, folder) for score in SONGS]


def _write(score: Score, folder: Path) -> SongFiles:
    stems = render(score)
    files = {name: folder / f"{score.number}-{name}.wav" for name in STEMS}
    for name, path in files.items():
        audio.write_wav(path, audio.Audio(stems[name].astype(np.float32), RATE_HZ))
    mix = folder / f"{score.number}.wav"
    total = np.sum([stems[name] for name in STEMS], axis=0)
    audio.write_wav(mix, audio.Audio(total.astype(np.float32), RATE_HZ))
    return SongFiles(score.number, score.title, score.artist, mix, files)


def render(score: Score) -> dict[str, Sound]:
    """Play and place the four stems of a score; stereo float64 whose sum is the mix."""
    played = {
        "guitar": arrangement.guitar(score),
        "voice": arrangement.voice(score),
        "bass": arrangement.bass(score),
        "drums": arrangement.drums(score),
    }
    return mixing.leveled(
        {
            name: mixing.placed(played[name], name, level, score.number)
            for name, level in zip(STEMS, score.levels, strict=True)
        }
    )
