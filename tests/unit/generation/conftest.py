"""The four demo songs, rendered once, and requests on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.models.mosaic import Mosaic
from generation.songs import SongFiles, write_songs
from generation.synthesizer import Reference, Rendering, RenderRequest

RowMaker = Callable[..., Reference]
Render = Callable[..., Rendering]


@pytest.fixture(scope="session")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, SongFiles]:
    return {song.number: song for song in write_songs(tmp_path_factory.mktemp("songs"))}


@pytest.fixture(scope="session")
def row(songs: dict[int, SongFiles]) -> RowMaker:
    """Make a reference: `row(0, 17189, "timbre", "1/2", stem="guitar")`."""

    def make(index: int, number: int, role: str, weight: str, **more: Any) -> Reference:
        stem = more.get("stem")
        song = songs[number]
        defaults: dict[str, Any] = {
            "use": "song",
            "parameters": (),
            "source_from_ms": 0,
            "source_until_ms": None,
            "output": None,
            "stem": None,
            "audio": song.stems[stem] if stem else song.mix,
        }
        return Reference(
            row=index,
            recording=str(number),
            role=role,
            weight=Fraction(weight),
            **{**defaults, **more},
        )

    return make


def request_of(
    rows: Sequence[Reference], *, duration_ms: int = 30_000, seed: int = 7
) -> RenderRequest:
    return RenderRequest("gen_test", tuple(rows), duration_ms, seed, "mod_mosaic")


@pytest.fixture(scope="session")
def render() -> Render:
    """Render references to the end: `render(rows, duration_ms=…, seed=…)`."""

    def run(rows: Sequence[Reference], **more: int) -> Rendering:
        return Mosaic().generate(request_of(rows, **more), lambda *_: None, lambda: False)

    return run


@pytest.fixture(scope="session")
def sound_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write samples to a file: `sound_file("name.wav", samples, rate, format=…)`."""
    import soundfile  # noqa: PLC0415 - the world outside, which the package never sees

    folder = tmp_path_factory.mktemp("sound")

    def write(name: str, samples: np.ndarray, rate: int, **more: Any) -> Path:
        soundfile.write(folder / name, samples, rate, **more)
        return folder / name

    return write
