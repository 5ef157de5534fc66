"""A ledger in which the story of the examples has been told up to one finished generation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.examples import acts, story
from service.examples.stage import stage
from service.examples.story import Cast


@contextmanager
def played(folder: Path) -> Iterator[Cast]:
    """Tell the first half of the story, and give who is in it."""
    with stage(folder) as opened:
        cast = Cast(opened, opened.officer())
        story.arrive(cast)
        for number in range(len(story.TITLES)):
            story.register(cast, number)
            story.consent(cast, number)
        story.publish(cast)
        acts.create(cast)
        yield cast
