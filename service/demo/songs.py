"""The four songs of the paper, in sound: the reader's own files first, the rest synthesized."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.audio import probe
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
    Raises `FileNotFoundError` if the reader's folder is none, `AudioError` for the first of the
    four that is no audio: before anything is made of the others.
    """
    found = [] if audio is None else _files(audio)
    for path in found[: len(NUMBERS)]:
        probe(path)
    made = {song.number: song for song in write_songs(folder)} if len(found) < len(NUMBERS) else {}
    songs = []
    for place, number in enumerate(NUMBERS):
        if place < len(found):
            path = found[place]
            songs.append(Song(number, _shown(path.stem), "from your folder", path, {}, own=True))
        else:
            one = made[number]
            songs.append(Song(number, one.title, one.artist, one.mix, one.stems, own=False))
    return songs, [_shown(path.name) for path in found[len(NUMBERS) :]]


def _files(folder: Path) -> list[Path]:
    """Return the audio files of a folder by name; hidden ones are notes of the system's own."""
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def _shown(name: str) -> str:
    """Return a file's name as text: bytes that are none, and what steers a terminal, replaced."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name)
