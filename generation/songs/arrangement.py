"""From a score to four mono stems: who plays what when.

Stems are float64 at `RATE_HZ`, all of one length: the song's bars plus `TAIL_S` for what still
rings. Lengths are in eighths unless a name says otherwise; a bar has eight.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from generation.songs import instruments
from generation.songs.instruments import RATE_HZ, Sound
from generation.songs.scores import Score

BAR_STEPS: Final = 8
TAIL_S: Final = 1.2
STRUM_S: Final = 0.011  # from one string to the next

# A song plays few different notes many times.
_plucked = lru_cache(maxsize=512)(instruments.pluck)
_sung = lru_cache(maxsize=128)(instruments.sing)
_bassed = lru_cache(maxsize=128)(instruments.bass)


class _Stem:
    """A silent track that notes are added to."""

    def __init__(self, score: Score) -> None:
        self._eighth_s = 30.0 / score.bpm
        self._swing = score.swing
        seconds = score.bars * BAR_STEPS * self._eighth_s + TAIL_S
        self.sound: Sound = np.zeros(int(seconds * RATE_HZ))

    def add(self, step: int, note: Sound, gain: float, late_s: float = 0.0) -> None:
        """Add a note that begins on a step (off-beats swing), cut where the song ends."""
        swing = self._swing if step % 2 else 0.0
        start = int(((step + swing) * self._eighth_s + late_s) * RATE_HZ)
        note = note[: max(0, self.sound.size - start)]
        self.sound[start : start + note.size] += gain * note


def pitch(score: Score, degree: int, octaves: int = 0) -> int:
    """Turn a 1-based degree of the song's scale into a MIDI number."""
    octave, index = divmod(degree - 1, len(score.scale))
    return score.tonic + score.scale[index] + 12 * (octave + octaves)


def chord(score: Score, bar: int) -> tuple[int, int, int]:
    """Return the bar's triad as MIDI numbers, root first."""
    root = score.chords[bar % len(score.chords)]
    return pitch(score, root), pitch(score, root + 2), pitch(score, root + 4)


def guitar(score: Score) -> Sound:
    """Strum or pick the chords, voiced on five strings between E2 and E5."""
    stem = _Stem(score)
    eighth_s = 30.0 / score.bpm
    for bar in range(score.bars):
        strings = _voicing(chord(score, bar))
        for step, stroke in enumerate(score.strum):
            at = bar * BAR_STEPS + step
            if stroke == "a":
                order = (0, 2, 3, 4, 3, 2, 4, 1)
                note = _plucked(strings[order[step]], eighth_s * 2.5, score.guitar)
                stem.add(at, note, 0.8 if step else 1.0)
            elif stroke in "du":
                played = strings if stroke == "d" else strings[:1:-1]
                ring = eighth_s * (BAR_STEPS if score.guitar.drive == 0 else 1.4)
                for index, midi in enumerate(played):
                    note = _plucked(midi, min(ring, 1.2), score.guitar)
                    stem.add(at, note, 0.38 if step % 2 else 0.45, index * STRUM_S)
    return stem.sound


def _voicing(triad: tuple[int, int, int]) -> list[int]:
    """Spread a triad over five strings, the lowest near E2 (MIDI 40)."""
    root = 40 + (triad[0] - 40) % 12
    third = root + (triad[1] - triad[0]) % 12
    fifth = root + (triad[2] - triad[0]) % 12
    return [root, fifth, root + 12, third + 12, fifth + 12]


def voice(score: Score) -> Sound:
    """Sing the melody; a note glides from the one before it when nothing lies between."""
    stem = _Stem(score)
    eighth_s = 30.0 / score.bpm
    before: int | None = None
    for bar in range(score.bars):
        at = bar * BAR_STEPS
        for token in score.melody[bar % len(score.melody)].split():
            name, length = token.split(":")
            if name == "-":
                before = None
            else:
                octaves = name.count("'") - name.count(",")
                midi = pitch(score, int(name.strip("',")), octaves)
                note = _sung(midi, eighth_s * int(length) * 0.97, score.voice, before)
                stem.add(at, note, 0.9 if at % BAR_STEPS else 1.0)
                before = midi
            at += int(length)
    return stem.sound


def bass(score: Score) -> Sound:
    """Play the bass line under the chords, between E1 and E2."""
    stem = _Stem(score)
    eighth_s = 30.0 / score.bpm
    for bar in range(score.bars):
        triad = chord(score, bar)
        root = 28 + (triad[0] - 28) % 12
        notes = {"1": root, "5": root + (triad[2] - triad[0]) % 12, "8": root + 12}
        for step, name in enumerate(score.bass_line):
            if name != "-":
                held = len(score.bass_line[step + 1 :]) - len(
                    score.bass_line[step + 1 :].lstrip("-")
                )
                note = _bassed(notes[name], eighth_s * (held + 0.95), score.growl)
                stem.add(bar * BAR_STEPS + step, note, 1.0 if step == 0 else 0.85)
    return stem.sound


def drums(score: Score) -> Sound:
    """Play the kit, with an accent on the one and a fill before every fourth bar's end."""
    stem = _Stem(score)
    kick, snare = instruments.kick(score.kit), instruments.snare(score.kit)
    closed, opened = (instruments.hat(score.kit, is_open=is_open) for is_open in (False, True))
    for bar in range(score.bars):
        is_fill = (bar + 1) % 4 == 0
        for step in range(BAR_STEPS):
            at = bar * BAR_STEPS + step
            if score.kick[step] == "x":
                stem.add(at, kick, 1.0 if step == 0 else 0.9)
            if score.snare[step] == "x" or (is_fill and step == BAR_STEPS - 1):
                stem.add(at, snare, 0.75)
            if score.hat[step] != "-":
                hit = opened if score.hat[step] == "o" else closed
                stem.add(at, hit, 0.32 if step % 2 else 0.4)
    return stem.sound
