"""The four songs of the paper, in sound: the reader's own files first, the rest synthesized."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.songs import write_songs

NUMBERS: Final = (17189, 17193, 17194, 17196)
"""The songs of the paper's Tables 1 and 2 (Morreale et al., Attribution-by-Design, section 5)."""

SUFFIXES: Final = (".wav", ".flac", ".mp3", ".ogg", ".oga")
"""What counts as a song in a reader's folder."""


@dataclass(frozen=True, slots=True)
class Song:
    """One of the four: its number in the paper, its names, its files. `own`: the reader's."""

    number: int
    title: str
    artist: str
    mix: Path
    stems: dict[str, Path]
    own: bool


def gather(audio: Path | None, folder: Path) -> tuple[list[Song], list[str]]:
    """Return the four songs, and the names of files in the reader's folder that were left out.

    The first four by name stand for the four songs; missing ones are synthesized into `folder`.
    Raises `FileNotFoundError` if the reader's folder is none.
    """
    found: list[Path] = []
    if audio is not None:
        if not audio.is_dir():
            raise FileNotFoundError(f"there is no folder {audio}")
        found = sorted(
            path for path in audio.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()
        )
    made = {song.number: song for song in write_songs(folder)} if len(found) < len(NUMBERS) else {}
    songs = []
    for place, number in enumerate(NUMBERS):
        if place < len(found):
            path = found[place]
            songs.append(Song(number, path.stem, "from your folder", path, {}, own=True))
        else:
            one = made[number]
            songs.append(Song(number, one.title, one.artist, one.mix, one.stems, own=False))
    return songs, [path.name for path in found[len(NUMBERS) :]]
