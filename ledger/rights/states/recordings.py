"""A recording's scope (`rights:rec_`): everything that decides whether it may be referred to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ledger.rights.states import assets
from ledger.rights.states.base import changed, folding, put
from ledger.rights.view import Recorded, Scope
from schemas.events.catalog import (
    RecordingEnteredInferenceSet,
    RecordingLeftInferenceSet,
    RecordingLinkedToWork,
    RecordingRegistered,
    StemRegistered,
    VocalsDeclared,
)
from schemas.fractions import lowest_fraction
from schemas.lists import Parameter
from schemas.terms import AudioIdentity


@dataclass(frozen=True, slots=True)
class LinkHeld:
    """A confirmed link to a work, with its fraction of the publishing side where links have one."""

    link: str
    work: str
    fraction: Fraction | None
    position: int


@dataclass(frozen=True, slots=True)
class RecordingState(assets.Asset):
    """One recording; `identity` is None where nobody registered it.

    `vocals` is None until a registrar confirmed who sings. `models` are the model versions for
    which it is in the inference set.
    """

    identity: RecordingRegistered | None = None
    stems: Mapping[Parameter, AudioIdentity] = field(default_factory=dict)
    links: Mapping[str, LinkHeld] = field(default_factory=dict)
    vocals: VocalsDeclared | None = None
    models: frozenset[str] = frozenset()

    def performs(self, party: str) -> bool:
        """Tell whether a party is a confirmed performer: by a credit, or as a declared singer."""
        singers = self.vocals.performers if self.vocals else ()
        return self.credited(party) or any(row.party == party for row in singers)


def _registered(
    state: RecordingState, _recorded: Recorded, event: RecordingRegistered
) -> RecordingState:
    return changed(state, identity=event)


def _stemmed(state: RecordingState, _recorded: Recorded, event: StemRegistered) -> RecordingState:
    return changed(state, stems=put(state.stems, event.stem, event.audio))


def _linked(
    state: RecordingState, recorded: Recorded, event: RecordingLinkedToWork
) -> RecordingState:
    fraction = lowest_fraction(event.fraction) if event.fraction is not None else None
    held = LinkHeld(event.link, event.work, fraction, recorded.position)
    return changed(state, links=put(state.links, event.work, held))


def _sung(state: RecordingState, _recorded: Recorded, event: VocalsDeclared) -> RecordingState:
    return changed(state, vocals=event)


def _entered(
    state: RecordingState, _recorded: Recorded, event: RecordingEnteredInferenceSet
) -> RecordingState:
    return changed(state, models=state.models | {event.model})


def _left(
    state: RecordingState, _recorded: Recorded, event: RecordingLeftInferenceSet
) -> RecordingState:
    return changed(state, models=state.models - {event.model})


RECORDING: Scope[RecordingState] = Scope(
    "rights",
    RecordingState,
    folding(
        {
            **assets.STEPS,
            RecordingRegistered: _registered,
            StemRegistered: _stemmed,
            RecordingLinkedToWork: _linked,
            VocalsDeclared: _sung,
            RecordingEnteredInferenceSet: _entered,
            RecordingLeftInferenceSet: _left,
        }
    ),
)
"""A recording, by its id. `links` are by work id."""
