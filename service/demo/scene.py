"""What the chapters of the story hand on to each other, and the words that they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ledger.answer import Answer
from ledger.rights.quotes import Quote, quote
from schemas.ids import new_id
from schemas.terms import Request
from service.demo.cast import Registered
from service.demo.narrator import Narrator
from service.instance import Instance, Speaker

DURATION_MS: Final = 30_000
"""Length of what is made."""


class DemoError(Exception):
    """The demo cannot run, or a step did not do what the story says."""


@dataclass
class Story:
    """Where the story is told, and what has happened so far."""

    instance: Instance
    say: Narrator
    out: Path
    songs: dict[int, Registered] = field(default_factory=dict)
    creator: Speaker | None = None
    generation: str = ""
    authorized: Answer | None = None
    output: Path | None = None
    statement: str = ""
    audit_line: str = ""

    @property
    def license_position(self) -> int:
        """The position of the authorization."""
        assert self.authorized is not None, "the license instant comes before the questions"
        return self.authorized.positions[0]

    @property
    def maker(self) -> Speaker:
        """The creator."""
        assert self.creator is not None, "the creator joins in the first chapters"
        return self.creator

    def quote(self, request: Request) -> Quote:
        """Ask what a request would cost, and whether it clears."""
        found: Quote = self.instance.application.look(
            lambda view, at: quote(view, request, creator=self.maker.party, at=at)
        )
        return found

    def request(self, rows: list[dict[str, Any]], *, tier: str, **more: Any) -> Request:
        """Return a request of the creator: thirty seconds, for download in Germany."""
        return Request.read(
            {
                "generation": new_id("gen"),
                "references": rows,
                "weights": "relative",
                "model": self.instance.facts.mosaic_model,
                "tier": tier,
                "purpose": "personal",
                "channel": "download",
                "territory": "DE",
                "seed": 7,
                "duration_ms": DURATION_MS,
                **more,
            }
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the references of the story: song level, and a guitar where there are stems."""
        first, second = self.songs[17194], self.songs[17189]
        if "guitar" in second.song.stems:
            more: dict[str, Any] = {"role": "lead", "parameters": ["guitar"], "stem": "guitar"}
        else:
            more = {"role": "melody", "parameters": ["melody"]}
        return [
            row(first, use="song", role="timbre", weight="5"),
            row(second, use="song", role="rhythm", weight="3"),
            row(second, use="parameter", weight="2", **more),
        ]


def row(one: Registered, *, use: str, role: str, weight: str, **more: Any) -> dict[str, Any]:
    """Return one reference of a request."""
    return {"recording": one.recording, "use": use, "role": role, "weight": weight, **more}
