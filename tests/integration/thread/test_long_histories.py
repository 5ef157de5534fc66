"""A recording that everybody asks for has a long history: nobody folds it anew for each job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ledger.folding import FoldCache
from ledger.storage.contract import Reader
from schemas.commands.consents import GrantConsent
from schemas.ids import new_id
from schemas.terms import Consent
from service.workers.dispatch import compose
from tests.kit import words
from tests.kit.instance import Piece, Place, make


class Counted:
    """A reader that counts the entries that were read of each tag."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.read = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def events(self, tag: str, **how: Any) -> Any:
        """Yield them, and count."""
        for stored in self._reader.events(tag, **how):
            self.read += 1
            yield stored


def grant(place: Place, instance: Any, piece: Piece) -> None:
    said = words.consent(new_id("cns"), piece.holder, {"recordings": [piece.recording]})
    instance.speaker(piece.holder).say(GrantConsent(consent=Consent.read(said)))


def test_a_job_reads_of_its_recordings_what_is_new_alone(tmp_path: Path) -> None:
    place, cache, read = make(tmp_path / "place"), FoldCache(), []
    with place.open() as instance:
        for _ in range(3):
            generation = place.authorize(instance)
            with instance.store.snapshot() as reader:
                counted = Counted(reader)
                compose(
                    counted,
                    authorization(reader, generation),
                    ledger=instance.facts.origin,
                    key=instance.keys.process,
                    policy=instance.policy.current(),
                    cache=cache,
                )
                read.append(counted.read)
            for piece in place.pieces:
                grant(place, instance, piece)
    first, *later = read
    assert all(one < first / 2 for one in later), f"the whole history once, then news [{read}]"


def authorization(reader: Reader, generation: str) -> int:
    """Return where a generation was authorized."""
    found = reader.events(f"job:{generation}")
    return next(one.position for one in found if one.type == "GenerationAuthorized")
