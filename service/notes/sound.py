"""The sound of an output's page: the file's own bytes, so that what plays is what was checked."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from generation.audio import AudioInfo, probe
from schemas.manifest import ASSERTION_LABEL, RENDERED_MAX

SOUND_BYTES_MAX: Final = 48 * 1024 * 1024
"""Bytes of sound in a page: four and a half minutes of CD sound. Beyond, its reader is asked for
the file. A compressed copy would play, but nothing in the log says how it should sound."""

_OPENING: Final = '<script type="application/octet-stream" id="sound">'
_CLOSING: Final = "</script>\n"

EMPTY: Final = _OPENING + _CLOSING
"""The element of a page without its sound."""

MEDIA_TYPES: Final = {
    "WAV": "audio/wav",
    "WAVEX": "audio/wav",
    "FLAC": "audio/flac",
    "MP3": "audio/mpeg",
    "OGG": "audio/ogg",
}
"""Media types that browsers play, by libsndfile's names of containers."""


@dataclass(frozen=True, slots=True)
class Sound:
    """An audio file and what its header says."""

    path: Path
    info: AudioInfo

    @property
    def facts(self) -> dict[str, Any]:
        """What the page's script needs: hints, which it does not believe where they matter."""
        return {
            "label": ASSERTION_LABEL,
            "media_type": MEDIA_TYPES.get(self.info.format, "application/octet-stream"),
            "rate_hz": self.info.rate_hz,
        }


def sound_of(path: Path) -> Sound:
    """Return the sound of a file; raises `AudioError` where it is none."""
    return Sound(path, probe(path))


def sound_element(path: Path | None) -> str:
    """Return the element that holds the file's bytes; empty without a file, or with one too long.

    The page then asks its reader for the file, and checks it in the same way.
    """
    if path is None or path.stat().st_size > SOUND_BYTES_MAX:
        return EMPTY
    return _OPENING + base64.b64encode(path.read_bytes()).decode() + _CLOSING


def fill_sound(page: str, path: Path) -> str:
    """Return a page that was made without its sound with the sound of a file in it."""
    before, empty, after = page.partition(EMPTY)
    return before + sound_element(path) + after if empty else page


def intervals_beside(folder: Path) -> list[dict[str, Any]] | None:
    """Return the intervals that a worker rendered, where they were too many for the file itself.

    The file carries their number and hash, so that the page can check them. None where the file
    carries them all, or where the worker's folder is not here.
    """
    path = folder / "units.json"
    if not path.is_file():
        return None
    rows = json.loads(path.read_bytes())
    return None if len(rows) <= RENDERED_MAX else [_interval(row) for row in rows]


def _interval(row: dict[str, Any]) -> dict[str, Any]:
    spans = {
        name: {
            "from_frame": row[f"{name}_from_frame"],
            "until_frame": row[f"{name}_until_frame"],
        }
        for name in ("output", "source")
    }
    return {"row": row["row"], **spans}
