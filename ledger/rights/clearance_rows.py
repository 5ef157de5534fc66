"""One row is cleared: every controller of the master and of every linked work says yes or no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from ledger.rights.allotment import Leaf
from ledger.rights.clearance_consents import (
    PERFORMANCE,
    Answer,
    Denies,
    Permits,
    ask_controller,
    ask_performer,
    standings,
)
from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_model import fed_modules
from ledger.rights.clearance_performers import (
    asks_performers,
    check_moral_rights,
    is_suspended,
    singers,
)
from ledger.rights.clearance_places import Place, places_of
from ledger.rights.clearance_reasons import Reasons
from ledger.rights.clearance_request import Ask, Row
from ledger.rights.clearance_sides import AssetAsked, Sides, controllers, is_whole, sides_of
from ledger.rights.permits import WholeUse
from ledger.rights.pricing import FloorHeld
from ledger.rights.states.recordings import RecordingState
from schemas.events.terms import ModelRegistered
from schemas.terms import Controller


@dataclass(slots=True)
class RowCleared:
    """What clearing one row found: who was asked, which consents it rests on, what it earns whom.

    Reasons go into the common book; with a single one in it, none of this is used but `touched`.
    """

    row: Row
    copied: bool
    works: tuple[str, ...]
    cited: set[tuple[str, int]] = field(default_factory=set)
    controllers: set[Controller] = field(default_factory=set)
    performers: set[str] = field(default_factory=set)
    leaves: list[Leaf] = field(default_factory=list)
    floors: list[FloorHeld] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RowClearing:
    """The question of one row, ready to be put to whoever must be asked."""

    facts: Facts
    ask: Ask
    row: Row
    model: ModelRegistered
    reasons: Reasons

    def run(self) -> RowCleared:
        """Ask everybody, and return what was found; what refuses goes into `reasons`."""
        recording = self.facts.recording(self.row.reference.recording)
        sides, places = self._division(recording)
        found = RowCleared(self.row, self._copied, sides.works)
        if sides.gap is not None:
            self._refuse_side("publishing", sides.gap, self.ask.countries)
        for asked in sides.assets:
            for place in places:
                self._ask_asset(asked, place, found)
        check_moral_rights(self.facts, self.ask, self.row, sides, self.reasons)
        if asks_performers(self.row, copied=self._copied):
            self._ask_performers(recording, places, found)
        return found

    @property
    def _copied(self) -> bool:
        return self.row.reference.role in self.model.capabilities.copying_roles

    def _division(self, recording: RecordingState) -> tuple[Sides, tuple[Place, ...]]:
        """Return the sides and places of a recording; alternatives ask for them again."""
        key = ("division", recording.asset, self.ask.countries)
        found: tuple[Sides, tuple[Place, ...]] | None = self.facts.answers.get(key)
        if found is None:
            sides = sides_of(self.facts, recording)
            places = places_of(self.facts, recording, sides, self.ask.countries)
            found = self.facts.answers[key] = (sides, places)
        return found

    def _ask_asset(self, asked: AssetAsked, place: Place, found: RowCleared) -> None:
        held = controllers(asked, place[0], self.facts)
        if not is_whole(held):
            self._refuse_side(asked.side, "shares", place)
        name = asked.asset.asset
        for party, share in held.items():
            found.controllers.add(Controller(side=asked.side, asset=name, party=party))
            answer = self._answer_of(party, asked, place[0])
            if isinstance(answer, Denies):
                self._refuse(answer, asked.side, party, place)
                continue
            found.cited.add((answer.consent, answer.position))
            part = self.row.weight * asked.part * share
            if len(place) < len(self.ask.countries):
                part *= Fraction(len(place), len(self.ask.countries))
            recording = self.row.reference.recording
            found.leaves.append(Leaf(recording, asked.side, name, party, part))
            found.floors += _floors(recording, answer, part)

    def _ask_performers(
        self, recording: RecordingState, places: tuple[Place, ...], found: RowCleared
    ) -> None:
        heard = singers(recording, self.row.reference.stem)
        if heard is None:
            self.reasons.add(
                "performer_consent_missing",
                reference=self.row.number,
                side="master",
                clause="vocals",
            )
            return
        for performer in heard:
            found.performers.add(performer)
            for place in places:
                answer = ask_performer(
                    standings(self.facts, performer, recording, PERFORMANCE),
                    self._use(place[0]),
                    suspended=is_suspended(self.facts, performer),
                )
                if isinstance(answer, Denies):
                    self._refuse(answer, "master", performer, place)
                else:
                    found.cited.add((answer.consent, answer.position))

    def _answer_of(self, party: str, asked: AssetAsked, country: str) -> Answer:
        use = self._use(country)
        key = (party, asked.asset.asset, use)
        answer: Answer | None = self.facts.answers.get(key)
        if answer is None:
            found = standings(self.facts, party, asked.asset, asked.capacities)
            answer = self.facts.answers[key] = ask_controller(found, use)
        return answer

    def _use(self, country: str) -> WholeUse:
        request, reference = self.ask.request, self.row.reference
        return WholeUse(
            use=reference.use,
            parameters=reference.parameters,
            copied=self._copied,
            model=request.model,
            modules=fed_modules(self.model),
            tier=request.tier,
            purpose=request.purpose,
            channel=request.channel,
            country=country,
            weight=self.row.of_recording,
            at=self.facts.at,
        )

    def _refuse(self, answer: Denies, side: str, party: str, place: Place) -> None:
        self.reasons.add_clauses(
            answer.clauses,
            reference=self.row.number,
            side=side,
            party=party,
            consent=answer.consent,
            countries=place,
        )

    def _refuse_side(self, side: str, clause: str, place: Place) -> None:
        self.reasons.add(
            "side_not_cleared",
            reference=self.row.number,
            side=side,
            clause=clause,
            values=place if clause == "shares" else (),
        )


def _floors(recording: str, answer: Permits, part: Fraction) -> Iterator[FloorHeld]:
    if answer.floor is not None and part > 0:
        yield FloorHeld(recording, answer.consent, answer.floor, part)
