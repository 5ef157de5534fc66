"""Every row of every scenario file is one test, named as its sentence; reasons and money count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.rights.allotment import Leaf, allot
from schemas.fractions import parse_fraction
from schemas.money import Money
from schemas.refusals import Reason
from schemas.terms import Alternative
from tests.kit.world import World
from tests.scenarios.fixtures import register, world_of
from tests.scenarios.form import Allot, Ask, Asking, Scenario, load
from tests.scenarios.play import Outcome, Play

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
SCENARIOS = [register(load(path)) for path in FILES]


def asked() -> Iterator[Any]:
    for path, scenario in zip(FILES, SCENARIOS, strict=True):
        for row in scenario.rows():
            yield pytest.param(scenario, row, id=f"{path.stem}: {row.that}")


def allotted() -> Iterator[Any]:
    for path, scenario in zip(FILES, SCENARIOS, strict=True):
        for row in scenario.allot:
            yield pytest.param(row, id=f"{path.stem}: {row.that}")


@pytest.mark.parametrize(("scenario", "row"), list(asked()))
def test_scenario(scenario: Scenario, row: Ask) -> None:
    world = world_of(scenario)
    asking = Asking.model_validate(scenario.asks | row.asks)
    found = Play(world, asking).run(row.does)
    told = Told(world, asking)
    assert (found.answer, told.because(found, row)) == (row.answer, list(row.because))
    if found.answer == "refused" and row.instead is not None:
        assert [told.alternative(each) for each in found.alternatives] == list(row.instead)
    if found.quote is not None:
        told.check_quote(found)
    told.check_money(found, row)
    told.check_rest(found, row)


@pytest.mark.parametrize("row", list(allotted()))
def test_allotment(row: Allot) -> None:
    leaves = [
        Leaf(f"S{number}", "master", f"S{number}", f"P{number}", parse_fraction(weight))
        for number, weight in enumerate(row.weights)
    ]
    for authorization in ("cmd_1", "cmd_2", "cmd_3"):
        found = [each.micro for each in allot(row.units, leaves, authorization=authorization)]
        if row.in_some_order == "yes":
            assert sorted(found) == sorted(row.gives)
        else:
            assert found == list(row.gives)


class Told:
    """What came out, in the words of the files."""

    def __init__(self, world: World, asking: Asking) -> None:
        self.world = world
        self.asking = asking
        named = {*world.keys, "Operator", "Ledger"}
        self.parties = {world.id("pty", name): name for name in named}

    def because(self, found: Outcome, row: Ask) -> list[str | dict[str, str]]:
        """Return the reasons; where a row names codes alone, the first code alone."""
        if found.code is not None:
            return [found.code]
        failed = found.find("GenerationFailed")
        if failed is not None:
            return [failed.code]
        canceled = found.find("GenerationCanceled")
        if canceled is not None:
            return [canceled.because]
        if all(isinstance(each, str) for each in row.because) and row.because:
            return [found.reasons[0].code] if found.reasons else []
        return [{each.code: self.reason(each)} for each in self.by_name(found.reasons)]

    def by_name(self, reasons: tuple[Reason, ...]) -> list[Reason]:
        """Return reasons in their order, but parties by name: their ids say nothing to a reader."""
        assert list(reasons) == sorted(reasons, key=lambda each: each.sort_key)
        return sorted(
            reasons,
            key=lambda each: (*each.sort_key[:3], self.parties.get(each.party or "", "")),
        )

    def reason(self, reason: Reason) -> str:
        parts = []
        if reason.reference is not None:
            parts.append(self.row(reason.reference))
        parts += [part for part in (reason.side, self.parties.get(reason.party or "")) if part]
        detail = f" ({reason.message})" if reason.message else ""
        return ", ".join([*parts, reason.clause + detail])

    def row(self, number: int) -> str:
        songs = [row.song for row in self.asking.references]
        return songs[number] if songs.count(songs[number]) == 1 else f"row {number + 1}"

    def alternative(self, found: Alternative) -> str:
        if found.change == "drop_parameter":
            assert found.row is not None
            return f"without the {found.value} of {self.row(found.row)}"
        if found.change == "drop_reference":
            assert found.row is not None
            return f"without {self.row(found.row)}"
        return f"only in {found.value}" if found.change == "territory" else f"as {found.value}"

    def check_quote(self, found: Outcome) -> None:
        """A quote says what the verification says, or it would be of no use."""
        quoted, cleared = found.quote, found.find("VerificationCleared")
        assert quoted is not None
        assert (quoted.reasons, quoted.alternatives) == (found.reasons, found.alternatives)
        assert (quoted.price is not None) == (cleared is not None)
        if quoted.price is not None:
            assert (quoted.price.fee, quoted.price.pool) == (cleared.fee, cleared.pool)
            assert quoted.references == cleared.references

    def check_money(self, found: Outcome, row: Ask) -> None:
        agreed = found.find("RoyaltyAccrued") or found.find("FeeAgreed")
        price = agreed or (found.quote.price if found.quote else None)
        if price is None:
            assert (row.fee, row.pool, row.pays) == (None, None, {}), "nothing is owed"
            return
        if row.fee is not None:
            assert price.fee == Money(amount=row.fee, currency="EUR")
        if row.pool is not None:
            assert price.pool == Money(amount=row.pool, currency="EUR")
        if row.pays:
            legs = price.legs if agreed else [each.leg for each in price.legs]
            assert agreed or price.open_units == 0
            assert self.earned(legs) == row.pays
        total = price.pool.micro() + price.commission.micro()
        assert total == price.fee.micro()

    def earned(self, legs: Any) -> dict[str, str]:
        earned: dict[str, int] = {}
        for leg in legs:
            name = self.parties[leg.party]
            earned[name] = earned.get(name, 0) + leg.amount.micro()
        return {name: Money.accrued(micro, "EUR").amount for name, micro in earned.items()}

    def check_rest(self, found: Outcome, row: Ask) -> None:
        if row.events:
            assert [event.TOPIC for event in found.events] == list(row.events)
        if row.weights:
            event = found.find("VerificationCleared") or found.find("GenerationAuthorized")
            assert [each.weight for each in event.references] == list(row.weights)
        completed = found.find("GenerationCompleted")
        flagged = list(completed.authorized_before_revocation) if completed else []
        assert flagged == [self.world.id("cns", name) for name in row.flagged]
        for name in row.seen_by:
            party = next(key for key, value in self.parties.items() if value == name)
            for event in found.events:
                assert f"about:{party}" in event.tags()
