"""Chapters three to five: a refusal; a request that clears and what is made of it; the file."""

from __future__ import annotations

import shutil
from typing import Any, Final

from rich.markup import escape

from schemas import canonical
from schemas.commands.generations import AuthorizeGeneration, VerifyGeneration
from schemas.envelope.statement import read_statement
from schemas.events.generations import GenerationCompleted, GenerationFailed
from schemas.ids import new_id
from schemas.refusals import EXPLAIN
from service.demo.scene import DemoError, Story, row
from service.speaking import Private
from service.workers.embedded import wait_for_end

PROMPT: Final = "something warm for a late train home"
RENDER_TIMEOUT_S: Final = 300.0
LOOK_EVERY_S: Final = 0.2
"""The demo's prompt, how long its rendering may take, and how often it is looked at."""


def refusal(story: Story) -> None:
    """Ask for what the paper's own example forbids: song 17193 at parameter level."""
    story.say.chapter("A request that is refused")
    wanted = story.songs[17193]
    rows = [row(wanted, use="parameter", role="melody", parameters=["melody"], weight="1")]
    request = story.request(rows, tier="preview")
    answer = story.maker.say(VerifyGeneration(verification=new_id("ver"), request=request))
    if not answer.refused:
        raise DemoError("song 17193 at parameter level was cleared; the paper's table says no")
    data = answer.entries[0].data
    code = data["reasons"][0]["code"]
    story.say.tell(
        f"The creator asks for the melody of song 17193. Refused: [bold]{code}[/bold]."
        f" {escape(EXPLAIN[code])} The owner sees this demand, and not who made it.",
        answer,
    )
    _instead(story, data)


def _instead(story: Story, data: dict[str, Any]) -> None:
    """Say what would be permitted."""
    wanted = story.songs[17193]
    level = story.request([row(wanted, use="song", role="timbre", weight="1")], tier="preview")
    price = story.quote(level).price
    if price is None:
        raise DemoError("the preview of song 17193 is refused; the paper's table permits it")
    offered = [f"{one['change']} {one['value'] or one['row']}" for one in data["alternatives"]]
    more = f" The ledger also offers: {', '.join(offered)}." if offered else ""
    story.say.aside(
        f"What would be permitted: the same song at song level, as a preview, for"
        f" €{price.fee.amount}.{more}"
    )


def generation(story: Story) -> None:
    """Quote, verify, authorize, render, and read the file back."""
    story.say.chapter("A request that clears, and what is made of it")
    private = Private()
    prompt = private.commit("/request/prompt", PROMPT)
    request = story.request(story.rows(), tier="private", prompt=prompt.data())
    price = story.quote(request).price
    if price is None:
        raise DemoError("the demo's own request is refused")
    story.say.aside(
        f"A quote is a reading and no entry: €{price.fee.amount}, of which €{price.pool.amount} go"
        " to the owners."
    )
    verification = new_id("ver")
    cleared = story.maker.say(
        VerifyGeneration(verification=verification, request=request), openings=private.openings
    )
    story.say.tell("Verified: everyone who owns a part has said yes to exactly this use.", cleared)
    story.authorized = story.maker.say(AuthorizeGeneration(verification=verification))
    if story.authorized.refused:
        raise DemoError("the cleared request was not authorized")
    story.generation = request.generation
    story.say.tell(
        "Authorized: the license instant. The fee and every owner's part are fixed here, before a"
        " sound exists.",
        story.authorized,
    )
    _wait(story)
    _read_back(story)


def _wait(story: Story) -> None:
    """Show how far the rendering is, until the log says how it ended."""
    instance = story.instance
    with story.say.progress("rendering") as progress:
        task = progress.task_ids[0]
        for _ in range(int(RENDER_TIMEOUT_S / LOOK_EVERY_S)):
            if not instance.queue.is_alive:
                raise DemoError("the generation queue stopped; see the log above")
            status = instance.queue.status(story.generation)
            if status is not None:
                progress.update(task, completed=status.permille, description=status.stage)
            if wait_for_end(instance.feed, instance.store, story.generation, LOOK_EVERY_S):
                progress.update(task, completed=1000, description="rendered and read back")
                return
    raise DemoError("the rendering did not end in time")


def _read_back(story: Story) -> None:
    """Tell what the ledger read in the file with its own eyes, and keep the file."""
    events = story.instance.feed.events_of(
        f"job:{story.generation}", until=story.instance.feed.visible_head()
    )
    failed = next((one.event for one in events if isinstance(one.event, GenerationFailed)), None)
    if failed is not None:
        raise DemoError(f"the generation failed: {failed.code}, {_by_title(story, _why(failed))}")
    done = next(one for one in events if isinstance(one.event, GenerationCompleted))
    assert isinstance(done.event, GenerationCompleted)
    story.say.tell(
        "The worker says it is finished; its word is not enough. The ledger reads the file back:"
        " references authorized = references in the manifest = references paid.",
        positions=[one.position for one in events if one.position >= done.position],
    )
    story.output = story.out / "output.wav"
    shutil.copyfile(story.instance.artifacts.path(done.event.artifact_sha256), story.output)
    story.say.aside(f"The audio, with its manifest inside: {story.output}")


def _why(failed: GenerationFailed) -> str:
    """Return why there is no file: what differs, or what the worker said of the songs."""
    if failed.finished is None or failed.differences:
        return "; ".join(failed.differences) or "without a word"
    return str(read_statement(canonical.unb64u(failed.finished)).data.get("reason"))


def _by_title(story: Story, text: str) -> str:
    """Call songs by their titles: the worker knows audio by its hash alone."""
    for one in story.songs.values():
        text = text.replace(one.file_sha256, f"“{one.song.title}”")
    return text
