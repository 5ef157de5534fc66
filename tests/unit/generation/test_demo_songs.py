"""The four demo recordings: whole, sane, distinct, and the same every time."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from generation.models.mosaic import pitch, segment
from generation.songs import STEMS, SongFiles, render
from generation.songs.scores import SONGS, Score

NUMBERS = (17189, 17193, 17194, 17196)


def loaded(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path)
    assert rate == 44_100
    return np.asarray(samples)


def test_the_four_songs_of_the_example_tables(songs: dict[int, SongFiles]) -> None:
    assert tuple(songs) == NUMBERS
    assert len({song.title for song in songs.values()}) == 4
    assert len({song.artist for song in songs.values()}) == 4
    for song in songs.values():
        assert tuple(song.stems) == STEMS


@pytest.mark.parametrize("number", NUMBERS)
def test_a_song_is_a_sane_record(number: int, songs: dict[int, SongFiles]) -> None:
    mix = loaded(songs[number].mix)
    assert mix.shape[1] == 2
    assert 20 <= mix.shape[0] / 44_100 <= 30
    assert np.abs(mix).max() < 0.85
    assert 0.1 < np.sqrt(np.mean(mix**2)) < 0.16
    assert np.abs(mix.mean(axis=0)).max() < 1e-3
    assert np.abs(mix[-100:]).max() < 1e-3  # it ends


@pytest.mark.parametrize("number", NUMBERS)
def test_a_mix_is_the_sum_of_its_stems(number: int, songs: dict[int, SongFiles]) -> None:
    song = songs[number]
    stems = [loaded(path) for path in song.stems.values()]
    assert np.abs(np.sum(stems, axis=0) - loaded(song.mix)).max() < 4 / 32_768
    for stem in stems:
        assert np.sqrt(np.mean(stem**2)) > 0.02  # each is there to be heard


def test_songs_differ_in_tempo_key_and_sound(songs: dict[int, SongFiles]) -> None:
    tempos = {score.bpm for score in SONGS}
    scales = {(score.tonic % 12, score.scale) for score in SONGS}
    assert len(tempos) == len(scales) == 4
    spectra = []
    for song in songs.values():
        mono = loaded(song.mix).mean(axis=1)[: 20 * 44_100]
        power = np.abs(np.fft.rfft(mono)) ** 2
        edges = np.geomspace(40, 15_000, 25) * 20
        spectra.append(np.log([part.mean() for part in np.split(power, edges.astype(int))[1:-1]]))
    for one, other in itertools.combinations(spectra, 2):
        assert np.sqrt(np.mean((one - other) ** 2)) > 0.5


@pytest.mark.parametrize("score", SONGS, ids=lambda score: str(score.number))
def test_tempo_bar_and_key_are_found_again(score: Score, songs: dict[int, SongFiles]) -> None:
    mix = songs[score.number].mix
    found = segment.measure(mix, 0, soundfile.info(mix).frames)
    eighth_s = 30 / score.bpm
    assert abs(found.meter.step_frames / 44_100 / eighth_s - 1) < 0.01
    first_bar = found.meter.bounds[found.meter.downbeat] / 44_100
    bars = first_bar / (8 * eighth_s)
    assert abs(bars - round(bars)) < 0.02
    tonic, minor = pitch.key(found.chroma)
    scale = {
        (tonic + step) % 12
        for step in ((0, 2, 3, 5, 7, 8, 10) if minor else (0, 2, 4, 5, 7, 9, 11))
    }
    true = {(score.tonic + step) % 12 for step in score.scale}
    assert len(scale & true) >= 6  # the key, its relative or its neighbor in the circle of fifths


def test_the_same_code_gives_the_same_sound(songs: dict[int, SongFiles]) -> None:
    stems = render(SONGS[0])
    for name, path in songs[SONGS[0].number].stems.items():
        written = np.rint(stems[name].astype(np.float32) * np.float32(32767)) / 32768
        assert np.abs(written - loaded(path)).max() < 1e-9


def test_every_bar_of_a_score_is_full() -> None:
    for score in SONGS:
        for bar in score.melody:
            assert sum(int(token.split(":")[1]) for token in bar.split()) == 8
        for line in (score.strum, score.bass_line, score.kick, score.snare, score.hat):
            assert len(line) == 8
