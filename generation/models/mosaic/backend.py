"""Mosaic: corpus-based concatenative synthesis. New music from cut pieces of chosen recordings.

One request goes through five stages: load and measure each reference, lay the output's clock, place
what conditions, place and weave what is copied, master. Each stage may be canceled.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from generation.models.mosaic import (
    allotment,
    declared,
    grid,
    guide,
    mastering,
    material,
    pitch,
    placing,
    plan,
    tuning,
    weaving,
)
from generation.models.mosaic.allotment import NOBODY
from generation.models.mosaic.grid import Grid
from generation.models.mosaic.material import Material
from generation.models.mosaic.placing import Layer
from generation.models.mosaic.plan import Wanted
from generation.models.mosaic.roles import (
    BEAT_ROLES,
    CONDITIONING_ROLES,
    FOLLOWS,
    GAINS,
    PITCHED_ROLES,
)
from generation.models.mosaic.segment import Segments
from generation.models.mosaic.spectra import RATE_HZ, Floats, Singles
from generation.synthesizer import (
    Canceled,
    Capabilities,
    Progress,
    Rendering,
    RenderingCanceled,
    RenderRequest,
    Unit,
    realized_shares,
)

LOADED: Final = 0.5
"""The part of the work that is done when all references are loaded."""


class Mosaic:
    """The embedded backend: no weights, no network, the same bytes for the same request."""

    def capabilities(self) -> Capabilities:
        """Say what mosaic can do; constant for one version."""
        return declared.capabilities()

    def validate(self, request: RenderRequest) -> None:
        """Raise `CannotHonor` for whatever mosaic cannot do exactly as asked."""
        declared.validate(request)

    def generate(self, request: RenderRequest, progress: Progress, canceled: Canceled) -> Rendering:
        """Render; raise `CannotHonor`, `AudioError` or `RenderingCanceled`, else all is there."""
        declared.validate(request)
        work = _Work(request, progress, canceled)
        materials = work.load()
        sound, units = work.compose(materials)
        work.tell(1.0, "done")
        rows = tuple(one.row for one in request.references)
        ordered = tuple(sorted(units, key=lambda u: (u.output_from_frame, u.row, u.role)))
        return Rendering(
            audio=sound,
            sample_rate=RATE_HZ,
            units=ordered,
            realized=realized_shares(ordered, rows),
            backend=declared.MODEL,
            version=declared.VERSION,
        )


class _Work:
    """One request on its way."""

    def __init__(self, request: RenderRequest, progress: Progress, canceled: Canceled) -> None:
        self._request = request
        self._progress = progress
        self._canceled = canceled
        self._random = np.random.default_rng(request.seed % 2**64)

    def tell(self, done: float, words: str) -> None:
        """Report progress; raise `RenderingCanceled` if that was asked for."""
        if self._canceled():
            raise RenderingCanceled
        self._progress(done, words)

    def load(self) -> list[Material]:
        """Decode and measure all references, in the order of rows."""
        references = sorted(self._request.references, key=lambda one: one.row)
        beats_apart = any(one.role in BEAT_ROLES for one in references)
        segments = Segments(len(references), self._request.duration_ms)
        materials = []
        for index, one in enumerate(references):
            self.tell(LOADED * index / len(references), f"listening to {one.recording}")
            taken = segments.take(one)
            materials.append(material.prepare(one, taken, beats_apart=beats_apart))
        return materials

    def compose(self, materials: list[Material]) -> tuple[Singles, list[Unit]]:
        """Place and weave all layers; returns the finished sound and its evidence."""
        self.tell(LOADED, "laying the beat")
        clock = grid.lay(materials, self._request.duration_ms)
        due = allotment.quotas([one.reference for one in materials], clock)
        tonic, minor = plan.home_key(materials)
        chords = plan.progression(tonic, minor=minor, grid=clock, random=self._random)
        steering = {
            role: placing.running(
                role, *_rows(materials, due, role), grid=clock, random=self._random
            )
            for role in CONDITIONING_ROLES
            if any(one.reference.role == role for one in materials)
        }
        units = [unit for one in steering.values() for unit in weaving.conditioning_units(one)]
        mix = np.zeros((clock.frames, 2), dtype=np.float32)
        ringing = np.zeros(clock.steps, dtype=bool)
        roles = [one.reference.role for one in materials]
        for index, role in enumerate((*PITCHED_ROLES, *BEAT_ROLES)):
            if role not in roles:
                continue
            self.tell(LOADED + 0.07 * index, f"weaving {role}")
            rows, quota = _rows(materials, due, role)
            if role in BEAT_ROLES:
                layer = placing.running(role, rows, quota, grid=clock, random=self._random)
                sound, made = weaving.weave(layer, clock)
            else:
                wanted = _wanted(role, steering, chords)
                layer = placing.matched(
                    role, rows, quota, grid=clock, wanted=wanted, random=self._random
                )
                sound, made = weaving.weave(layer, clock)
                sound = tuning.tune(sound, wanted, clock)
                ringing |= layer.holder != NOBODY
            mix += np.float32(GAINS[role]) * sound
            units += made
        self.tell(0.95, "mastering")
        mix += _guided(steering, ringing, clock)
        return mastering.master(mix), units


def _rows(
    materials: list[Material], due: dict[int, Fraction], role: str
) -> tuple[list[Material], list[Fraction]]:
    """Return the references of one role and what they are due."""
    rows = [one for one in materials if one.reference.role == role]
    return rows, [due[one.reference.row] for one in rows]


def _wanted(role: str, steering: dict[str, Layer], chords: Floats) -> Wanted:
    """Overlay what a role follows on the plain progression."""
    chroma = chords.copy()
    strength = np.full(chroma.shape[0], plan.PLAN_STRENGTH)
    for name in reversed(FOLLOWS[role]):
        if name in steering:
            for placed in steering[name].placements:
                source = placed.material.segment
                asked = source.tune_chroma if name == "melody" else source.chroma
                chroma[placed.step] = asked[placed.source_step]
                strength[placed.step] = plan.FOLLOW_STRENGTH
    return Wanted(pitch.unit(chroma), strength)


def _guided(steering: dict[str, Layer], ringing: np.ndarray, clock: Grid) -> Singles:
    """Sing the steps that a melody or harmony holds and no copied sound carries."""
    out = np.zeros((clock.frames, 2), dtype=np.float32)
    for name, layer in steering.items():
        voices = 1 if name == "melody" else 3
        notes = np.full((voices, clock.steps), guide.REST, dtype=np.int64)
        for placed in layer.placements:
            if ringing[placed.step]:
                continue
            if name == "melody":
                notes[0, placed.step] = int(placed.material.segment.tune[placed.source_step])
            else:
                strongest = np.argsort(-placed.material.segment.chroma[placed.source_step])[:voices]
                notes[:, placed.step] = np.sort(55 + (strongest - 55) % 12)
        for voice in notes:
            out += guide.sing(voice, clock) / np.float32(voices)
    return out
