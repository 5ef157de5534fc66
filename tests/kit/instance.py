"""A real instance in a folder, founded once and then copied for each test, its register too.

Two short songs with an owner of both sides each, one creator, a tariff. The first song is asked for
its timbre (its sound is copied), the second for its melody (it only conditions).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import soundfile

from schemas.commands.base import Command
from schemas.commands.generations import AuthorizeGeneration
from schemas.commands.log import Policy
from schemas.commands.terms import PublishTariff
from schemas.ids import new_id
from schemas.terms import Request
from service.beginning import begin
from service.demo import cast
from service.demo.songs import Song
from service.instance import Instance, Speaker
from service.settings import Settings
from service.speaking import Said, say
from tests.kit.words import tariff

ORIGIN: Final = "ledger.example/2026"
POLICY: Final = Policy(payout_threshold_minor=1)
DURATION_MS: Final = 2_000
"""The shortest that the mosaic makes."""

NUMBERS: Final = (17194, 17189)
"""Which of the demo's songs these two stand for: what their owners permit (service.demo.cast)."""

RATE_HZ: Final = 44_100
_BEAT_S: Final = 0.25


@dataclass(frozen=True)
class Piece:
    """A song as the ledger knows it: ids of its owner, recording, work and two consents."""

    holder: str
    recording: str
    work: str
    master_consent: str
    publishing_consent: str


@dataclass(frozen=True)
class Place:
    """A folder with an instance, its register, and who and what is in its log.

    `env` are the settings of a production engine: without them the log is a file in the folder.
    """

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Where the instance lies; the register is beside its data folder, not inside."""
        register = {"LINERNOTES_REGISTER": str(self.folder / "register"), **self.env}
        return Settings.of(self.folder / "home", register)

    @property
    def pieces(self) -> tuple[Piece, Piece]:
        """The two songs."""
        first, second = (Piece(**row) for row in self._facts["pieces"])
        return first, second

    @property
    def creator(self) -> str:
        """The party that asks for generations."""
        return str(self._facts["creator"])

    @property
    def _facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "cast.json").read_text())
        return found

    def copy(self, folder: Path) -> Place:
        """Copy everything: the same log, in the same state, for one test to change."""
        shutil.copytree(self.folder, folder)
        return Place(folder)

    def open(self, **how: Any) -> Instance:
        """Open the instance."""
        return Instance(self.settings, **how)

    def request(self, instance: Instance, **changes: Any) -> Request:
        """Return a request for two seconds out of both songs, half each."""
        return self.request_of(instance.facts.mosaic_model, **changes)

    def request_of(self, model: str, **changes: Any) -> Request:
        """Return the same of a model, for whoever has no instance open."""
        first, second = self.pieces
        rows = [
            {"recording": first.recording, "use": "song", "role": "timbre", "weight": "1"},
            {
                "recording": second.recording,
                "use": "parameter",
                "role": "melody",
                "parameters": ["melody"],
                "weight": "1",
            },
        ]
        return Request.read(
            {
                "generation": new_id("gen"),
                "references": rows,
                "weights": "relative",
                "model": model,
                "tier": "private",
                "purpose": "personal",
                "channel": "download",
                "territory": "DE",
                "seed": 7,
                "duration_ms": DURATION_MS,
                **changes,
            }
        )

    def authorize(self, instance: Instance, **changes: Any) -> str:
        """Have a generation authorized; return its id."""
        request = self.request(instance, **changes)
        command = AuthorizeGeneration(verification=new_id("ver"), request=request)
        answer = instance.speaker(self.creator).say(command)
        assert not answer.refused, answer.entries[0].data
        return request.generation


def signed(speaker: Speaker, command: Command, **more: Any) -> Said:
    """Return the statement that a speaker would hand in, to hand it in somewhere else or twice."""
    return say(
        command,
        actor=speaker.party,
        key=speaker.key,
        ledger=speaker.application.origin,
        now=speaker.clock(),
        **more,
    )


def make(
    folder: Path, policy: Policy = POLICY, *, env: Mapping[str, str] = MappingProxyType({})
) -> Place:
    """Found an instance in a folder, or end its founding, and bring the cast into its log."""
    place = Place(folder, env)
    folder.mkdir(parents=True, exist_ok=True)
    begin(place.settings, origin=ORIGIN, operator_name="Operator", policy=policy)
    with place.open() as instance:
        pieces = [_piece(instance, folder, number) for number in NUMBERS]
        creator, _ = cast.enroll(instance, "Robin Vale", kind="person", roles=("creator",))
        instance.operator().say(PublishTariff.read(tariff(new_id("tar"), "v1")))
    facts = {"creator": creator.party, "pieces": [asdict(piece) for piece in pieces]}
    (folder / "cast.json").write_text(json.dumps(facts))
    return place


def _piece(instance: Instance, folder: Path, number: int) -> Piece:
    mix = write_tune(folder / f"{number}.wav", seed=number)
    song = Song(number, f"Song {number}", "Somebody", mix, {}, own=True)
    holder, _ = cast.enroll(instance, cast.HOLDERS[number], roles=("holder",))
    one, _ = cast.register_song(instance, song, holder)
    cast.confirm_shares(instance, one)
    cast.consent_to(one)
    cast.enter_inference_set(instance, one)
    return Piece(holder.party, one.recording, one.work, *one.consents)


def write_tune(path: Path, *, seed: int, seconds: float = 2.5, **how: Any) -> Path:
    """Write plucked notes over a beat, the same for the same seed; the ending names the format."""
    random = np.random.default_rng(seed)
    steps = random.choice([0, 3, 5, 7, 10, 12], size=int(seconds / _BEAT_S))
    one = np.arange(int(_BEAT_S * RATE_HZ)) / RATE_HZ
    notes = [
        np.sin(2 * np.pi * 220 * 2 ** (step / 12) * one) * np.exp(-8 * one)
        + 0.3 * (number % 2 == 0) * random.standard_normal(one.size) * np.exp(-60 * one)
        for number, step in enumerate(steps)
    ]
    sound = 0.4 * np.concatenate(notes)
    soundfile.write(path, np.stack([sound, sound], axis=1), RATE_HZ, **how)
    return path
