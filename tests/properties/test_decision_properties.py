"""What a decision read is all that it depends on, and a state is nothing but its events.

A story of random commands is told to a world. Whatever else happened since: where no scope that a
decision asked for has moved, the same command at the same instant is decided alike. That is why
"what was read" may guard the append (contracts, section 4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rights.decide import decide
from ledger.rights.decision import Accepted, Asked
from ledger.rights.scopes import scope_for
from ledger.rights.view import View
from schemas.commands.base import Command
from schemas.commands.catalog import ConfirmCredit, CreditContributor, EnterInferenceSet
from schemas.commands.consents import AffirmConsent, ChangeConsent, GrantConsent, RevokeConsent
from schemas.commands.parties import RevokeKey
from schemas.commands.shares import ClaimShare, ConfirmShare, WithdrawShare
from schemas.commands.terms import PublishTariff, WithdrawTariff
from schemas.events.base import Event
from schemas.lists import TIERS
from schemas.refusals import Malformed
from tests.kit.log import Key, Log
from tests.kit.words import WORLD, tariff
from tests.kit.world import World

PARTIES = ["L", "P", "V"]
ASSETS = ["S1", "S2", "W1"]
NUMBERS = st.integers(0, 2)


@dataclass
class Told:
    """One command of the story, what was answered, and what had been read for it."""

    asked: Asked
    answer: tuple[Event, ...] | str
    read: dict[str, int]


def commands() -> st.SearchStrategy[dict[str, Any]]:
    party, asset = st.sampled_from(PARTIES), st.sampled_from(ASSETS)
    kinds = ["grant", "change", "revoke", "affirm", "claim", "confirm", "withdraw"]
    kinds += ["credit", "confirm credit", "enter", "publish", "unpublish", "steal"]
    return st.fixed_dictionaries(
        {
            "kind": st.sampled_from(kinds),
            "party": party,
            "asset": asset,
            "number": NUMBERS,
            "by": st.sampled_from([*PARTIES, "registrar", "platform"]),
            "tiers": st.lists(st.sampled_from(TIERS), unique=True),
            "days": st.integers(0, 3),
        }
    )


def consent_command(world: World, step: dict[str, Any]) -> Command:
    name = world.id("cns", str(step["number"]))
    if step["kind"] == "affirm":
        return AffirmConsent(consent=name)
    if step["kind"] == "revoke":
        targets = [{"consent": name}, {"asset": world.asset(step["asset"])}, {"everything": True}]
        return RevokeConsent.read(
            {"party": world.id("pty", step["party"]), **targets[step["number"]]}
        )
    words = world.words(str(step["number"]), step["party"], [step["asset"]], tiers=step["tiers"])
    return (GrantConsent if step["kind"] == "grant" else ChangeConsent).read({"consent": words})


def share_command(world: World, step: dict[str, Any]) -> Command:
    share = world.id("shr", str(step["number"]))
    if step["kind"] == "confirm":
        return ConfirmShare(share=share)
    if step["kind"] == "withdraw":
        return WithdrawShare(share=share, reason="over")
    return ClaimShare.read(
        {
            "share": share,
            "asset": world.asset(step["asset"]),
            "party": world.id("pty", step["party"]),
            "fraction": "1/2",
            "territories": WORLD,
        }
    )


def command(world: World, step: dict[str, Any]) -> Command:
    kind, number = step["kind"], str(step["number"])
    others: dict[str, Callable[[], Command]] = {
        "credit": lambda: CreditContributor(
            credit=world.id("crd", number),
            asset=world.asset(step["asset"]),
            party=world.id("pty", step["party"]),
            role="singer",
        ),
        "confirm credit": lambda: ConfirmCredit(credit=world.id("crd", number)),
        "enter": lambda: EnterInferenceSet(
            recording=world.asset("S1"), model=world.id("mod", "mosaic")
        ),
        "publish": lambda: PublishTariff.read(tariff(world.id("tar", number), number)),
        "unpublish": lambda: WithdrawTariff(tariff=world.id("tar", number), reason="over"),
        "steal": lambda: RevokeKey(
            key=world[step["party"]].key, reason="stolen", compromised_since="2026-01-02T00:00:00Z"
        ),
    }
    if kind in others:
        return others[kind]()
    is_share = kind in {"claim", "confirm", "withdraw"}
    return share_command(world, step) if is_share else consent_command(world, step)


def answer(log: Log, asked: Asked) -> tuple[tuple[Event, ...] | str, dict[str, int]]:
    view = View(log)
    try:
        decision = decide(view, asked)
    except Malformed as error:
        return error.code, view.asked
    assert isinstance(decision, Accepted)
    return decision.events, view.asked


def tell(world: World, steps: list[dict[str, Any]]) -> list[Told]:
    story = []
    for number, step in enumerate(steps):
        world.log.at(world.log.now + timedelta(days=step["days"]))
        by: Key = world[step["by"]]
        asked = Asked(
            command=command(world, step),
            command_id=world.id("cmd", f"told {number}"),
            actor=by.party,
            key=by.key,
            at=world.log.now,
        )
        found, read = answer(world.log, asked)
        story.append(Told(asked, found, read))
        for event in found if isinstance(found, tuple) else ():
            world.log.append(event, by.party)
    return story


def begun() -> World:
    world = World.opened().party(*PARTIES).recording("S1", "S2").work("W1")
    world.share("S1", "L", "1")
    world.share("W1", "P", "1")
    world.link("S1", "W1").model("mosaic")
    return world


STORIES = st.lists(commands(), max_size=14)


@given(STORIES)
@settings(max_examples=60)
def test_a_decision_depends_on_what_it_read_and_on_nothing_else(
    steps: list[dict[str, Any]],
) -> None:
    world = begun()
    for told in tell(world, steps):
        moved = [
            tag
            for tag, position in told.read.items()
            if world.log.state(*scope_for(tag))[1] > position
        ]
        if not moved:
            assert answer(world.log, told.asked)[0] == told.answer


@given(STORIES, st.integers(0, 60))
@settings(max_examples=60)
def test_a_state_is_nothing_but_its_events(steps: list[dict[str, Any]], cut: int) -> None:
    world = begun()
    tell(world, steps)
    for tag, rows in world.log.by_tag.items():
        if tag.startswith("about:"):
            continue
        scope, key = scope_for(tag)
        middle = scope.fold(key, rows[:cut])
        for row in rows[cut:]:
            middle = scope.evolve(middle, row)
        assert middle == scope.fold(key, rows) == world.log.ask(scope, key)
