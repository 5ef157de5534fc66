"""One row is cleared: every controller of the master and of every linked work says yes or no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from ledger.rights.clearance_consents import (
    PERFORMANCE,
    Asset,
    Denies,
    Standing,
    ask_controller,
    ask_performer,
    standings,
)
from ledger.rights.clearance_facts import Facts
from ledger.rights.clearance_model import ask_model_of_row, fed_modules
from ledger.rights.clearance_performers import (
    asks_performers,
    check_moral_rights,
    is_suspended,
    singers,
)
from ledger.rights.clearance_places import Place, places_of
from ledger.rights.clearance_reasons import Reasons
from ledger.rights.clearance_request import RowAsked
from ledger.rights.clearance_sides import AssetAsked, Sides, controllers, is_whole, sides_of
from ledger.rights.memo import Moment, Weight
from ledger.rights.permits import WholeUse
from ledger.rights.states.recordings import RecordingState
from ledger.rights.view import View
from schemas.events.catalog import RecordingRegistered
from schemas.events.terms import ModelRegistered
from schemas.lists import Capacity, Side
from schemas.making import made
from schemas.money import Money
from schemas.terms import ConsentCited, Controller, Touched


class Part(NamedTuple):
    """What one controller holds of one asset: its exact part of what the row's recording earns."""

    side: Side
    asset: str
    party: str
    part: Fraction


class Floor(NamedTuple):
    """The floor of a cited consent, and the exact part of the row's weight that it clears."""

    consent: str
    floor: Money
    part: Fraction


class RowCleared(NamedTuple):
    """What clearing one row found: who was asked, which consents it rests on, what it earns whom.

    With a single reason in it, none of this is used but `touched`.
    """

    identity: RecordingRegistered
    copied: bool
    touched: Touched
    consents: tuple[ConsentCited, ...]
    parts: tuple[Part, ...]
    floors: tuple[Floor, ...]
    reasons: Reasons


def clear_row(view: View, asked: RowAsked, at: Moment, weight: Weight) -> RowCleared:
    """Ask everybody, and return what was found. `weight` is that of the whole recording."""
    facts = Facts(view, at)
    model, _ = facts.model(asked.wish.model)
    return RowClearing(facts, asked, weight, model).run()


@dataclass(slots=True)
class RowClearing:
    """The question of one row as it is put to whoever must be asked, and what they answered."""

    facts: Facts
    asked: RowAsked
    weight: Weight
    model: ModelRegistered
    reasons: Reasons = field(default_factory=Reasons)
    cited: set[tuple[str, int]] = field(default_factory=set)
    controllers: set[tuple[Side, str, str]] = field(default_factory=set)
    performers: tuple[str, ...] = ()
    parts: dict[tuple[Side, str, str], Fraction] = field(default_factory=dict)
    floors: list[Floor] = field(default_factory=list)
    _heard: dict[Any, tuple[Standing, ...]] = field(default_factory=dict)
    _is_one_place: bool = True

    def run(self) -> RowCleared:
        """Ask everybody, and return what was found."""
        recording = self.facts.recording(self.asked.recording)
        ask_model_of_row(self.model, self.asked, recording, self.reasons)
        sides = sides_of(self.facts, recording)
        places = places_of(self.facts, recording, sides, self.asked.wish.countries)
        self._is_one_place = len(places) == 1
        uses = [(place, self._use(place[0])) for place in places]
        if sides.gap is not None:
            self._refuse_side("publishing", sides.gap)
        for asset in sides.assets:
            for place, use in uses:
                self._ask_asset(asset, place, use)
        check_moral_rights(self.asked.wish.purpose, recording, sides, self.reasons)
        if asks_performers(self.asked, copied=self._copied):
            self._ask_performers(recording, uses)
        return self._found(recording, sides)

    @property
    def _copied(self) -> bool:
        return self.asked.role in self.model.capabilities.copying_roles

    def _use(self, country: str) -> WholeUse:
        asked, wish = self.asked, self.asked.wish
        return WholeUse(
            use=asked.use,
            parameters=asked.parameters,
            copied=self._copied,
            model=wish.model,
            modules=fed_modules(self.model),
            tier=wish.tier,
            purpose=wish.purpose,
            channel=wish.channel,
            country=country,
            weight=self.weight,
            at=self.facts.at,
        )

    def _ask_asset(self, asked: AssetAsked, place: Place, use: WholeUse) -> None:
        held = controllers(asked, place[0], self.facts)
        if not is_whole(held):
            self._refuse_side(asked.side, "shares", place)
        for party, share in held.items():
            key = (asked.side, asked.asset.asset, party)
            self.controllers.add(key)
            answer = ask_controller(self._spoken(party, asked.asset, asked.capacities), use)
            if isinstance(answer, Denies):
                self._refuse(answer, asked.side, party, place)
                continue
            self.cited.add((answer.consent, answer.position))
            part = asked.part if share == 1 else asked.part * share
            if len(place) < len(self.asked.wish.countries):
                part *= Fraction(len(place), len(self.asked.wish.countries))
            self.parts[key] = self.parts[key] + part if key in self.parts else part
            if answer.floor is not None and part > 0:
                self.floors.append(Floor(answer.consent, answer.floor, part))

    def _ask_performers(
        self, recording: RecordingState, uses: Iterable[tuple[Place, WholeUse]]
    ) -> None:
        heard = singers(recording, self.asked.stem)
        if heard is None:
            self.reasons.add("performer_consent_missing", side="master", clause="vocals")
            return
        self.performers = tuple(dict.fromkeys(heard))
        for performer in heard:
            suspended = is_suspended(self.facts, performer)
            for place, use in uses:
                spoken = self._spoken(performer, recording, PERFORMANCE)
                answer = ask_performer(spoken, use, suspended=suspended)
                if isinstance(answer, Denies):
                    self._refuse(answer, "master", performer, place)
                else:
                    self.cited.add((answer.consent, answer.position))

    def _spoken(
        self, party: str, asset: Asset, capacities: frozenset[Capacity]
    ) -> Iterable[Standing]:
        """Return what a party said about an asset.

        In a single place lazily: who permits without a floor ends the question there.
        """
        if self._is_one_place:
            return standings(self.facts, party, asset, capacities)
        key = (party, asset.asset, capacities)
        if key not in self._heard:
            self._heard[key] = tuple(standings(self.facts, party, asset, capacities))
        return self._heard[key]

    def _refuse(self, answer: Denies, side: str, party: str, place: Place) -> None:
        self.reasons.add_clauses(
            answer.clauses, side=side, party=party, consent=answer.consent, countries=place
        )

    def _refuse_side(self, side: str, clause: str, place: Place = ()) -> None:
        self.reasons.add("side_not_cleared", side=side, clause=clause, values=place)

    def _found(self, recording: RecordingState, sides: Sides) -> RowCleared:
        assert recording.identity is not None, "nobody asks about what nobody registered"
        touched = made(
            Touched,
            recording=self.asked.recording,
            works=tuple([work.asset for work in sides.works]),
            controllers=tuple(
                [
                    made(Controller, side=side, asset=asset, party=party)
                    for side, asset, party in sorted(self.controllers)
                ]
            ),
            performers=self.performers,
        )
        return RowCleared(
            identity=recording.identity,
            copied=self._copied,
            touched=touched,
            consents=tuple(
                [
                    made(ConsentCited, consent=consent, position=position)
                    for consent, position in sorted(self.cited)
                ]
            ),
            parts=tuple(Part(*key, part) for key, part in self.parts.items()),
            floors=tuple(self.floors),
            reasons=self.reasons,
        )
