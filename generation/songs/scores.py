"""The four demo songs as data: key, tempo, chords, melody, patterns, sounds.

They carry the numbers of the four songs of the example tables that the demo replays. Titles and
artists are invented. A melody bar is a row of `degree:eighths` (degree of the song's scale, `'` an
octave up, `,` an octave down, `-` a rest); a drum or strum bar has one character per eighth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from generation.songs.instruments import Kit, Pluck, Voice

MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
DORIAN: Final = (0, 2, 3, 5, 7, 9, 10)
MIXOLYDIAN: Final = (0, 2, 4, 5, 7, 9, 10)
"""Scales, in semitones above their root."""


@dataclass(frozen=True)
class Score:
    """One song. `chords` and `melody` repeat until `bars` are full; pitches are MIDI numbers."""

    number: int
    title: str
    artist: str
    bpm: int
    tonic: int  # MIDI number of the voice's tonic
    scale: tuple[int, ...]
    bars: int
    chords: tuple[int, ...]  # scale degree (1-based) of each bar's chord
    melody: tuple[str, ...]
    strum: str  # d: down, u: up, a: one string after the other, -: let ring
    guitar: Pluck
    voice: Voice
    bass_line: str  # 1: root, 5: fifth, 8: octave, -: hold
    growl: float
    kick: str
    snare: str
    hat: str  # x: closed, o: open
    kit: Kit
    swing: float  # how late the off-beat eighths come, as a part of an eighth
    levels: tuple[float, float, float, float]  # guitar, voice, bass, drums


SONGS: Final = (
    Score(
        number=17189,
        title="Harbor Lights Out",
        artist="Marrow Lane",
        bpm=96,
        tonic=69,
        scale=MINOR,
        bars=10,
        chords=(1, 6, 3, 7),
        melody=(
            "1:2 3:1 5:1 4:1 3:1 1:2",
            "6,:1 1:1 3:2 4:2 3:1 1:1",
            "5:2 3:1 4:1 5:2 7:2",
            "7,:1 2:1 4:2 2:2 -:2",
        ),
        strum="aaaaaaaa",
        guitar=Pluck(brightness=1.5, decay_s=1.1, pick=0.31),
        voice=Voice((700, 1150, 2700), (150, 200, 350), 5.2, 28, 0.02),
        bass_line="1---5---",
        growl=0.1,
        kick="x---x---",
        snare="--x---x-",
        hat="xxxxxxxx",
        kit=Kit(52, 0.28, 185, 0.14, 0.55, 8_000, 0.035),
        swing=0.0,
        levels=(0.62, 0.55, 0.6, 0.5),
    ),
    Score(
        number=17193,
        title="Copper Sun",
        artist="Tidewater Choir",
        bpm=120,
        tonic=62,
        scale=MAJOR,
        bars=12,
        chords=(1, 5, 6, 4),
        melody=(
            "3:1 3:1 5:2 1':2 7:1 6:1",
            "5:3 2:1 2:2 3:2",
            "6:2 5:1 3:1 1:2 3:2",
            "4:1 5:1 6:2 5:4",
        ),
        strum="d-dud-du",
        guitar=Pluck(brightness=0.75, decay_s=1.6, pick=0.13, detune_cents=6),
        voice=Voice((320, 870, 2250), (110, 140, 300), 5.8, 18, 0.035),
        bass_line="11111155",
        growl=0.45,
        kick="x-x-x-x-",
        snare="--x---x-",
        hat="-o-o-o-o",
        kit=Kit(58, 0.2, 210, 0.18, 0.9, 7_000, 0.03),
        swing=0.0,
        levels=(0.5, 0.6, 0.55, 0.55),
    ),
    Score(
        number=17194,
        title="Night Bus Home",
        artist="Ines Amaro",
        bpm=84,
        tonic=66,
        scale=DORIAN,
        bars=8,
        chords=(1, 4, 1, 5),
        melody=(
            "5:3 4:1 3:1 4:1 1:2",
            "6:2 5:1 4:1 6:1 1':3",
            "7:1 5:2 3:1 4:2 3:1 1:1",
            "2:2 4:2 5:3 -:1",
        ),
        strum="d--ud-ud",
        guitar=Pluck(brightness=1.05, decay_s=0.35, pick=0.5),
        voice=Voice((480, 1750, 2500), (120, 220, 320), 4.6, 35, 0.06),
        bass_line="1--15-8-",
        growl=0.25,
        kick="x---x-x-",
        snare="----x---",
        hat="xxoxxxxx",
        kit=Kit(46, 0.35, 165, 0.22, 0.4, 9_500, 0.022),
        swing=0.24,
        levels=(0.55, 0.6, 0.7, 0.45),
    ),
    Score(
        number=17196,
        title="Glass Orchard",
        artist="Kestrel and Wren",
        bpm=140,
        tonic=63,
        scale=MIXOLYDIAN,
        bars=14,
        chords=(1, 7, 4, 1),
        melody=(
            "1':2 7:2 5:2 6:2",
            "7:1 6:1 4:2 2:2 4:2",
            "6:4 4:1 5:1 6:2",
            "5:2 3:2 1:4",
        ),
        strum="dddddddd",
        guitar=Pluck(brightness=0.9, decay_s=2.2, pick=0.21, drive=4.0),
        voice=Voice((560, 1480, 2900), (160, 240, 380), 6.4, 22, 0.03),
        bass_line="11111111",
        growl=0.85,
        kick="x--xx-x-",
        snare="--x---x-",
        hat="x-x-x-x-",
        kit=Kit(62, 0.16, 230, 0.12, 1.2, 6_000, 0.05),
        swing=0.0,
        levels=(0.38, 0.6, 0.5, 0.6),
    ),
)
"""The four songs, by their number."""
