"""Chapters one and two: the log opens; who owns what, and what they permit."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.markup import escape

from schemas.commands.terms import PublishTariff
from schemas.ids import new_id
from schemas.territory import Territories
from service.demo import cast
from service.demo.scene import Story
from service.demo.songs import SUFFIXES, Song
from service.demo.witness import RunningWitness, ask_witness

PRICES: Final = {
    "audition": "0.00",
    "preview": "0.02",
    "private": "0.10",
    "non_commercial": "0.30",
    "commercial": "2.00",
}
"""Prices in euros a generation, by tier."""


def opening(story: Story, left_out: list[str], *, silent: Path | None) -> None:
    """Say that the log opened; `silent` is a folder of the reader's in which there is no music."""
    facts = story.instance.facts
    story.say.chapter("A ledger opens")
    first = story.instance.feed.visible_head()
    story.say.tell(
        f"{facts.operator_name} opens the log {facts.origin}, enrolls a generation worker and"
        " registers its model. Every step below is an entry in this log.",
        positions=range(1, first + 1),
    )
    if left_out:
        names = escape(", ".join(left_out))
        story.say.aside(f"The first four files by name are used; left out: {names}.")
    if silent is not None:
        kinds = ", ".join(SUFFIXES)
        story.say.aside(
            f"There is no audio in {escape(str(silent))} ({kinds}): all four songs are synthesized."
        )


def witness(story: Story, witness: RunningWitness) -> None:
    """Ask a witness from now on: a process of its own, with its own key."""
    asked = ask_witness(story.instance, witness)
    story.say.tell(
        f"From here on the log asks a witness, {witness.vkey.partition('+')[0]}: a process of its"
        " own with its own key, as any organization can run one. What it has signed, the log"
        " cannot take back.",
        asked,
    )


def rights(story: Story, four: list[Song]) -> None:
    """Register parties, recordings, works, shares, consents and the tariff."""
    say = story.say
    say.chapter("Who owns what, and what they permit")
    for song in four:
        _song(story, song)
    story.creator, answers = cast.enroll(
        story.instance, "Robin Vale", kind="person", roles=("creator",)
    )
    say.tell("A creator joins; a person's name is private, a commitment in the log.", *answers)
    tariff = story.instance.operator().say(_tariff())
    say.tell(
        "The tariff is published: from €0.02 for a preview to €2.00 for commercial use; 70 % of it"
        " to the owners.",
        tariff,
    )


def _song(story: Story, song: Song) -> None:
    instance, say = story.instance, story.say
    name = cast.HOLDERS[song.number]
    holder, answers = cast.enroll(instance, name, roles=("holder",))
    say.tell(f"[bold]{name}[/bold] is registered and enrolls a key of its own.", *answers)
    one, answers = cast.register_song(instance, song, holder)
    stems = f" with {len(song.stems)} stems" if song.stems else ""
    called = escape(f"“{song.title}” ({song.artist})")
    # Of a reader's music we know nothing: the demo asks no singer, and says what it assumes.
    vocals = "its vocals count as synthetic here" if song.own else "its vocals are synthetic"
    say.tell(
        f"It registers song {song.number}, {called}{stems}, and the work that it performs; the"
        f" registrar confirms that {vocals}.",
        *answers,
    )
    say.tell("It claims both sides; the registrar confirms.", *cast.confirm_shares(instance, one))
    say.tell(f"It consents to {_permitted(song.number)}.", *cast.consent_to(one))
    say.tell("The song enters the model's inference set.", cast.enter_inference_set(instance, one))
    story.songs[song.number] = one


def _permitted(number: int) -> str:
    uses = cast.USES[number]
    levels = f"{', '.join(uses)} level" if uses else "no level of use at all"
    tiers = (("preview",) if number in cast.EXPLICIT else ()) + cast.TIERS[number]
    return f"{levels}; outputs for {', '.join(tiers).replace('_', '-')}"


def _tariff() -> PublishTariff:
    world = Territories.world().model_dump(mode="json")
    rows = [
        {
            "tier": tier,
            "channels": "all",
            "territories": world,
            "price": {"amount": amount, "currency": "EUR"},
        }
        for tier, amount in PRICES.items()
    ]
    return PublishTariff.read(
        {"tariff": new_id("tar"), "name": "Demo tariff", "rows": rows, "pool_rate": "70%"}
    )
