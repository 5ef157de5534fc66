"""The contract between the ledger and whatever makes sound.

A backend only renders: it says what it can do (`Capabilities`), refuses what it cannot honor
(`CannotHonor`), and returns audio with one `Unit` of evidence per unit of sound. It verifies no
rights and records nothing. Weights arrive as exact fractions that the log has already committed to;
what a rendering realized is evidence beside them, never a payout basis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

CONSTRUCTED: Final = "constructed"
"""Samples of the output derive from this source interval, provably."""
CONDITIONED: Final = "conditioned"
"""Features of this source interval steered the output; no sample of it is heard."""

CANNOT_HONOR: Final = (
    "model_unknown",  # the worker has no backend for it
    "use_not_offered",
    "role_not_offered",
    "parameter_not_offered",
    "parameters_missing",  # parameter level without a parameter
    "parameters_unexpected",  # song level with one
    "stem_missing",  # an instrument was asked for, and no stem of it is given
    "duration_out_of_range",
    "too_many_references",
    "no_references",
    "rows_not_unique",
    "weights_not_normalized",
    "segment_empty",
    "output_out_of_range",
)
"""Every code that a `CannotHonor` of ours can carry; the ledger says `model_cannot_honor`."""


@dataclass(frozen=True)
class Reference:
    """One row of a request: what is taken from which recording, and what it does in the output.

    `row` is its index in the authorized request. `audio` is the local file: the mix, or the stem's
    own file where `stem` is named. `output` is the half-open interval in ms outside which this row
    must not act; `None` leaves it to the backend.
    """

    row: int
    recording: str
    use: str
    parameters: tuple[str, ...]
    role: str
    weight: Fraction
    source_from_ms: int
    source_until_ms: int | None
    output: tuple[int, int] | None
    stem: str | None
    audio: Path


@dataclass(frozen=True)
class RenderRequest:
    """One generation to render: its id, its references, length, seed, and the model's id."""

    generation: str
    references: tuple[Reference, ...]
    duration_ms: int
    seed: int
    model: str


@dataclass(frozen=True)
class Unit:
    """One row of evidence: whose sound (or features) act when, and from where in the source.

    Intervals are half-open. Output frames are at the rendering's rate, source frames at the
    recording's own rate. `certainty` is `CONSTRUCTED` or `CONDITIONED`.
    """

    row: int
    recording: str
    role: str
    output_from_frame: int
    output_until_frame: int
    source_from_frame: int
    source_until_frame: int
    transposition_semitones: int
    certainty: str


@dataclass(frozen=True, eq=False)
class Rendering:
    """The sound, its evidence, and the share of all unit time that each row took.

    `audio` is float32 of shape (frames, channels). `realized` has an entry for every row of the
    request and sums to one: a row's unit frames divided by the unit frames of all rows.
    """

    audio: npt.NDArray[np.float32]
    sample_rate: int
    units: tuple[Unit, ...]
    realized: dict[int, Fraction]
    backend: str
    version: str


@dataclass(frozen=True)
class Capabilities:
    """What a backend declares when it is registered as a model version.

    `weights_sha256` names the exact thing that renders: trained weights, or the code where there
    are none. `copying_roles` copy sound into the output and so need `reproduction`.
    `stem_parameters` can be honored only from a stem of that name. `modules` are the parts of the
    model that references are fed to. `digital_source_type` is IPTC's term that is true of the
    output. `training` declares the training set; "none" means that nothing was trained.
    """

    model: str
    version: str
    weights_sha256: str
    roles: tuple[str, ...]
    copying_roles: tuple[str, ...]
    uses: tuple[str, ...]
    parameters: tuple[str, ...]
    stem_parameters: tuple[str, ...]
    references_max: int
    exact_weights: bool
    deterministic: bool
    license: str
    commercial_allowed: bool
    training: str
    modules: tuple[str, ...]
    digital_source_type: str
    duration_ms_min: int
    duration_ms_max: int


class CannotHonor(Exception):  # noqa: N818 - it is an answer to the request, not a fault
    """The backend cannot do what the request asks; `code` is one of `CANNOT_HONOR`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message


class RenderingCanceled(Exception):  # noqa: N818 - asked for, so not an error
    """The rendering was canceled on request; nothing was produced."""


Progress = Callable[[float, str], None]
"""Told the fraction done (0 to 1) and a few words on what is being done."""
Canceled = Callable[[], bool]
"""Asked between steps; true ends the rendering with `RenderingCanceled`."""


class Backend(Protocol):
    """What renders. One instance may be used for many requests, one after the other."""

    def capabilities(self) -> Capabilities:
        """Say what this backend can do; constant for one version."""
        ...

    def validate(self, request: RenderRequest) -> None:
        """Raise `CannotHonor` for whatever cannot be done exactly as asked; drop nothing."""
        ...

    def generate(self, request: RenderRequest, progress: Progress, canceled: Canceled) -> Rendering:
        """Render; raise `CannotHonor`, `AudioError` or `RenderingCanceled`, else all is there."""
        ...


def realized_shares(units: tuple[Unit, ...], rows: tuple[int, ...]) -> dict[int, Fraction]:
    """Divide each row's unit frames by those of all rows; rows without units get zero."""
    frames = dict.fromkeys(rows, 0)
    for unit in units:
        frames[unit.row] += unit.output_until_frame - unit.output_from_frame
    total = sum(frames.values())
    return {row: Fraction(count, total) if total else Fraction(0) for row, count in frames.items()}
