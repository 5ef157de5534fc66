"""The story, step by step. Every sentence is done before it is told."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ledger.rights.quotes import quote
from schemas import commitments
from schemas.commands.consents import RevokeConsent
from schemas.commands.generations import AuthorizeGeneration, VerifyGeneration
from schemas.commands.log import Policy
from schemas.commands.terms import PublishTariff
from schemas.ids import new_id
from schemas.model import Commitment
from schemas.refusals import EXPLAIN
from schemas.terms import Request
from schemas.territory import Territories
from service.beginning import begin
from service.demo import cast, songs
from service.demo.cast import Registered
from service.demo.narrator import Narrator
from service.founding import InstanceFacts
from service.instance import Instance, Speaker
from service.settings import Settings
from service.workers.embedded import wait_for_end

ORIGIN: Final = "demo.linernotes.example/2026"
"""The origin of the demo's ledger; only a ledger of this origin is ever replaced."""

OPERATOR: Final = "Demo Rights Society"

PRICES: Final = {
    "audition": "0.00",
    "preview": "0.02",
    "private": "0.10",
    "non_commercial": "0.30",
    "commercial": "2.00",
}
"""Prices in euros a generation, by tier."""

POLICY: Final = Policy(payout_threshold_minor=1)
"""The demo pays from one cent, so that one generation is enough for a payout."""

DURATION_MS: Final = 30_000
RENDER_TIMEOUT_S: Final = 300.0


class DemoError(Exception):
    """The demo cannot run, or a step did not do what the story says."""


@dataclass
class Story:
    """What the steps hand on to each other."""

    instance: Instance
    say: Narrator
    out: Path
    songs: dict[int, Registered] = field(default_factory=dict)
    creator: Speaker | None = None
    generation: str = ""
    output: Path | None = None
    events: dict[str, Any] = field(default_factory=dict)

    @property
    def maker(self) -> Speaker:
        """The creator."""
        assert self.creator is not None
        return self.creator


def fresh_home(out: Path) -> Settings:
    """Return the settings of the demo's ledger, after removing the one of a demo before."""
    settings = Settings.of(out / "ledger", {})
    if settings.home.exists():
        if settings.instance.exists():
            origin = InstanceFacts.load(settings.instance).origin
            if origin != ORIGIN:
                raise DemoError(f"{settings.home} holds the ledger {origin}; it is not replaced")
        shutil.rmtree(settings.home)
    settings.register.unlink(missing_ok=True)
    return settings


def run_demo(out: Path, audio: Path | None = None, *, narrator: Narrator | None = None) -> None:
    """Run the main job into `out`. Raises `DemoError`, or what a broken audio file raises."""
    say = narrator or Narrator()
    out.mkdir(parents=True, exist_ok=True)
    settings = fresh_home(out)
    four, left_out = songs.gather(audio, out / "songs")
    begin(settings, origin=ORIGIN, operator_name=OPERATOR, policy=POLICY, now=datetime.now(UTC))
    with Instance(settings, work=True) as instance:
        story = Story(instance, say, out)
        opening(story, left_out)
        rights(story, four)
        refusal(story)
        generation(story)


def opening(story: Story, left_out: list[str]) -> None:
    """The log opens."""
    story.say.chapter("A ledger opens")
    story.say.tell(f"{OPERATOR} opens the log {ORIGIN}: every step below is an entry in it.")
    if left_out:
        story.say.aside(f"The first four files by name are used; left out: {', '.join(left_out)}.")


def rights(story: Story, four: list[songs.Song]) -> None:
    """Parties, recordings, works, shares, consents, the tariff."""
    instance, say = story.instance, story.say
    say.chapter("Who owns what, and what they permit")
    for song in four:
        name = cast.HOLDERS[song.number]
        holder, answers = cast.enroll(instance, name, roles=("holder",))
        say.tell(f"{name} is registered and enrolls a key of its own.", *answers)
        one, answers = cast.register_song(instance, song, holder)
        stems = f" with {len(song.stems)} stems" if song.stems else ""
        say.tell(
            f"It registers song {song.number}, “{song.title}” ({song.artist}){stems}, and the work"
            " that it performs; the registrar confirms that no human sings on it.",
            *answers,
        )
        say.tell(
            "It claims both sides, and the registrar confirms.", *cast.confirm_shares(instance, one)
        )
        say.tell(f"It consents to {_permitted(song.number)}.", *cast.consent_to(one))
        say.tell(
            "The song enters the inference set of the model.",
            cast.enter_inference_set(instance, one),
        )
        story.songs[song.number] = one
    story.creator, answers = cast.enroll(instance, "Robin Vale", kind="person", roles=("creator",))
    say.tell("A creator joins; the name is private, a commitment in the log.", *answers)
    tariff = instance.operator().say(_tariff())
    say.tell(
        "The tariff is published: preview €0.02 to commercial €2.00; 70 % to the owners.", tariff
    )


def _permitted(number: int) -> str:
    uses = cast.USES[number]
    levels = " and ".join(f"{use} level" for use in uses) if uses else "no level of use at all"
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


def refusal(story: Story) -> None:
    """The paper's own example: song 17193 at parameter level."""
    story.say.chapter("A request that is refused")
    wanted = story.songs[17193]
    row = _row(wanted, use="parameter", role="melody", parameters=["melody"], weight="1")
    request = _request(story, [row], tier="preview")
    answer = story.maker.say(VerifyGeneration(verification=new_id("ver"), request=request))
    data = answer.entries[0].data
    if not answer.refused:
        raise DemoError("song 17193 at parameter level was cleared; the paper's table says no")
    code = data["reasons"][0]["code"]
    story.say.tell(
        f"The creator asks for the melody of song 17193. Refused: [bold]{code}[/bold]."
        f" {EXPLAIN[code]}",
        answer,
    )
    level = _request(story, [_row(wanted, use="song", role="timbre", weight="1")], tier="preview")
    permitted = _quote(story, level)
    if permitted.price is not None:
        story.say.aside(
            f"Permitted instead: the same song at song level, as a preview, for"
            f" €{permitted.price.fee.amount}. {_alternatives(data)}"
        )


def _alternatives(data: dict[str, Any]) -> str:
    rows = [
        f"{row['change'].replace('_', ' ')} {row['value'] or row['row']}"
        for row in data["alternatives"]
    ]
    return (
        f"Also: {', '.join(rows)}." if rows else "No single change of the request would clear it."
    )


def _row(one: Registered, *, use: str, role: str, weight: str, **more: Any) -> dict[str, Any]:
    return {"recording": one.recording, "use": use, "role": role, "weight": weight, **more}


def _request(story: Story, rows: list[dict[str, Any]], *, tier: str, **more: Any) -> Request:
    return Request.read(
        {
            "generation": new_id("gen"),
            "references": rows,
            "weights": "relative",
            "model": story.instance.facts.mosaic_model,
            "tier": tier,
            "purpose": "personal",
            "channel": "download",
            "territory": "DE",
            "seed": 7,
            "duration_ms": DURATION_MS,
            **more,
        }
    )


def _quote(story: Story, request: Request) -> Any:
    return story.instance.application.look(
        lambda view, at: quote(view, request, creator=story.maker.party, at=at)
    )


def generation(story: Story) -> None:
    """A quote, a verification that clears, the authorization, the rendering, the file read back."""
    story.say.chapter("A request that clears, and what is made of it")
    rows = _chosen(story)
    salt = commitments.new_salt()
    prompt = Commitment.read(commitments.commit("something warm for a late train home", salt))
    request = _request(story, rows, tier="private", prompt=prompt.data())
    price = _quote(story, request).price
    if price is None:
        raise DemoError("the quote of the demo's own request is refused")
    story.say.aside(
        f"A quote, which is a reading and no entry: €{price.fee.amount}, of which"
        f" €{price.pool.amount} go to the owners."
    )
    opening = commitments.Opening("/request/prompt", salt, "something warm for a late train home")
    verification = new_id("ver")
    cleared = story.maker.say(
        VerifyGeneration(verification=verification, request=request), openings=[opening]
    )
    story.say.tell("Verified: everyone who owns a part has said yes to exactly this use.", cleared)
    authorized = story.maker.say(AuthorizeGeneration(verification=verification))
    if authorized.refused:
        raise DemoError("the cleared request was not authorized")
    story.events = {entry.type: entry for entry in authorized.entries}
    story.generation = request.generation
    story.say.tell(
        "Authorized: the license instant. Fee and every owner's part are fixed here.", authorized
    )
    _wait(story)


def _chosen(story: Story) -> list[dict[str, Any]]:
    """Choose the references: the second at parameter level, from a stem where there is one."""
    first, second = story.songs[17194], story.songs[17189]
    guitar = "guitar" in second.song.stems
    taken = (
        _row(second, use="parameter", role="lead", parameters=["guitar"], stem="guitar", weight="2")
        if guitar
        else _row(second, use="parameter", role="melody", parameters=["melody"], weight="2")
    )
    return [
        _row(first, use="song", role="timbre", weight="5"),
        taken,
        _row(second, use="song", role="rhythm", weight="3"),
    ]


def _wait(story: Story) -> None:
    """Show how far the rendering is, until the log says how it ended."""
    instance = story.instance
    with story.say.progress("rendering") as progress:
        task = progress.task_ids[0]
        for _ in range(int(RENDER_TIMEOUT_S / 0.2)):
            if not instance.queue.is_alive:
                raise DemoError("the generation queue stopped; see the log above")
            status = instance.queue.status(story.generation)
            if status is not None:
                progress.update(task, completed=status.permille, description=status.stage)
            if wait_for_end(instance.feed, instance.store, story.generation, 0.2):
                progress.update(task, completed=1000, description="read back and completed")
                return
    raise DemoError("the rendering did not end in time")


def revocation(story: Story) -> None:
    """An owner changes its mind: nothing new from here, and what was licensed stays."""
    story.say.chapter("An owner revokes")
    one = story.songs[17194]
    answers = [
        one.holder.say(RevokeConsent(party=one.holder.party, consent=consent))
        for consent in one.consents
    ]
    story.say.tell(f"{one.holder_name} revokes its consents for song 17194.", *answers)
    request = _request(story, _chosen(story), tier="private")
    refused = story.maker.say(VerifyGeneration(verification=new_id("ver"), request=request))
    code = refused.entries[0].data["reasons"][0]["code"]
    if not refused.refused:
        raise DemoError("a revoked song was cleared")
    story.say.tell(
        f"The same request again is refused: [bold]{code}[/bold]. {EXPLAIN[code]}", refused
    )
