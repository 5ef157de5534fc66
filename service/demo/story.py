"""The main job, told step by step. Every sentence is done before it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from schemas.commands.log import Policy
from service.beginning import begin
from service.demo import asking, cheating, making, owning, paying, songs
from service.demo.clearing import ORIGIN, fresh_home
from service.demo.narrator import Narrator
from service.demo.scene import Story
from service.demo.witness import witness_process
from service.instance import Instance

OPERATOR: Final = "Demo Rights Society"
"""Who runs the demo's ledger."""

POLICY: Final = Policy(payout_threshold_minor=1)
"""The demo pays from one cent, so that one generation is enough for a payout."""


def run_demo(out: Path, audio: Path | None = None, *, narrator: Narrator | None = None) -> None:
    """Run the main job into `out`. Raises `DemoError`, or what a broken audio file raises."""
    say = narrator or Narrator()
    out.mkdir(parents=True, exist_ok=True)
    settings = fresh_home(out)
    four, left_out = songs.gather(audio, out / "songs")
    begin(settings, origin=ORIGIN, operator_name=OPERATOR, policy=POLICY)
    with Instance(settings, work=True) as instance:
        story = Story(instance, say, out)
        facts = instance.facts
        none_is_own = not any(song.own for song in four)
        owning.opening(story, left_out, silent=audio if none_is_own else None)
        with witness_process(out / "witness", facts.origin, facts.checkpoint_vkey) as witness:
            owning.witness(story, witness)
            tell(story, four)
    asking.what_next(story)


def tell(story: Story, four: list[songs.Song]) -> None:
    """Tell the chapters in their order."""
    owning.rights(story, four)
    making.refusal(story)
    making.generation(story)
    paying.royalties(story)
    paying.revocation(story)
    paying.payout(story)
    asking.holder(story)
    asking.completeness(story)
    asking.auditor(story)
    asking.streaming_service(story)
    asking.keep(story)
    cheating.four_cheats(story)
    asking.audit_all(story)
