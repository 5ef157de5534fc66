"""Telling the story from its beginning to its end, and where its examples are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from service.examples import acts, rest, story
from service.examples.stage import stage

FOLDER: Final = Path(__file__).parents[1] / "api" / "examples"
"""Where the examples are kept, one file an operation."""


def tell(folder: Path) -> Mapping[str, list[dict[str, Any]]]:
    """Tell the story in a folder of its own; return the examples by operation."""
    with stage(folder) as opened:
        cast = story.Cast(opened, opened.officer())
        story.arrive(cast)
        for number in range(len(story.TITLES)):
            story.register(cast, number)
            story.consent(cast, number)
        story.publish(cast)
        for act in (
            acts.create,
            acts.cancel,
            acts.inspect,
            acts.earn,
            acts.pay,
            acts.change,
            acts.look,
            acts.browse,
            acts.stumble,
            rest.keys,
            rest.mandates,
            rest.credits_and_stems,
            rest.assets,
            rest.terms,
            rest.holds,
            rest.forget,
            rest.doors,
            rest.log_keys,
        ):
            act(cast)
        return dict(opened.recorder.kept)


def texts(kept: Mapping[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Return the text of each example file by its name; of two with one case the first is kept."""
    found = {}
    for operation, rows in sorted(kept.items()):
        first = {row["name"]: row for row in reversed(rows)}
        ordered = [row for row in rows if first[row["name"]] is row]
        found[f"{operation}.json"] = json.dumps(ordered, indent=1, ensure_ascii=False) + "\n"
    return found
