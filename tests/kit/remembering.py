"""The mosaic with a memory: what takes time is rendered once, so that other things can be measured.

What it returns is the mosaic's own sound and evidence. It is embedded, signed and stored for each
generation like any other.
"""

from __future__ import annotations

import time
from dataclasses import replace

from generation.models.mosaic import Mosaic
from generation.synthesizer import (
    Canceled,
    Progress,
    Rendering,
    RenderingCanceled,
    RenderRequest,
)


class Remembering(Mosaic):
    """The mosaic, which makes the same sound for the same request: made once, and remembered."""

    def __init__(self) -> None:
        self._made: dict[RenderRequest, Rendering] = {}

    def generate(self, request: RenderRequest, progress: Progress, canceled: Canceled) -> Rendering:
        """Render, or return what was rendered for another generation that asked for the same."""
        asked = replace(request, generation="")
        if asked not in self._made:
            self._made[asked] = super().generate(request, progress, canceled)
        return self._made[asked]


class Waiting(Remembering):
    """Takes a given time for each job, and the machine for none of it but the first."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def generate(self, request: RenderRequest, progress: Progress, canceled: Canceled) -> Rendering:
        """Wait, then render or remember."""
        until = time.monotonic() + self._seconds
        while (left := until - time.monotonic()) > 0:
            if canceled():
                raise RenderingCanceled
            time.sleep(min(left, 0.02))
        return super().generate(request, progress, canceled)
