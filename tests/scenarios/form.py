"""The form of a scenario file: strict, so that what is not understood is refused, never skipped.

YAML is read with `BaseLoader`: every value is text, so `NO` stays Norway and `012` stays `012`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

Row = dict[str, str]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reference(_Form):
    """One reference of a request, in the words of the file."""

    song: str
    weight: str = "1"
    level: str = "song"
    parameters: tuple[str, ...] = ()
    role: str = "timbre"
    stem: str | None = None
    by: str = "person"


class Asking(_Form):
    """What is asked. A scenario gives the common part, each row what differs."""

    references: tuple[Reference, ...] = ()
    weights: str = "relative"
    model: str = "mosaic"
    tier: str = "commercial"
    purpose: str = "personal"
    channel: str = "download"
    where: str = "DE"
    on: str = "2026-03-01 12:00 UTC"


Answer = Literal[
    "cleared", "refused", "authorized", "completed", "canceled", "failed", "malformed", "done"
]


class Ask(_Form):
    """One test: what happens, what is answered, why, and for how much.

    `because` lists every reason in order, parties by name; `instead` every alternative. Either may
    be left out of a row whose answer has none; a row of a table names the code alone. `pays` says
    what each party earns, nobody else earning anything. `flagged` are the consents that were
    revoked between authorization and completion.
    """

    that: str
    asks: dict[str, Any] = Field(default_factory=dict)
    does: tuple[str, ...] = ("C verifies",)
    answer: Answer
    because: tuple[Row | str, ...] = ()
    instead: tuple[str, ...] | None = ()
    fee: str | None = None
    pool: str | None = None
    pays: Row = Field(default_factory=dict)
    weights: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()


class Allot(_Form):
    """One test of the allotment alone: so many units over these weights.

    `in_some_order`: who gets the odd unit is the hash's choice, and not the list's.
    """

    that: str
    units: int
    weights: tuple[str, ...]
    gives: tuple[int, ...]
    in_some_order: Literal["yes", "no"] = "no"


class Scenario(_Form):
    """A file. `columns` is the short form: each row of `table` is one `ask`, by its cells."""

    title: str
    source: str
    fixture: Literal["F", "the four songs"]
    given: tuple[str | dict[str, dict[str, Any]], ...] = ()
    asks: dict[str, Any] = Field(default_factory=dict)
    ask: tuple[Ask, ...] = ()
    allot: tuple[Allot, ...] = ()
    columns: tuple[Literal["song", "level", "tier", "answer", "because"], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Scenario:
        if not (self.ask or self.allot or self.table):
            raise ValueError("a scenario asks something")
        if any(
            not len(self.columns) - 1 <= len(cells) <= len(self.columns) for cells in self.table
        ):
            raise ValueError("each row of the table has a cell in each column, but for a reason")
        return self

    def rows(self) -> tuple[Ask, ...]:
        """Return the rows to test, those of the table included."""
        return (
            *self.ask,
            *(_of_cells(dict(zip(self.columns, c, strict=False))) for c in self.table),
        )


def load(path: Path) -> Scenario:
    """Read a scenario file; raise if it says anything that is not understood."""
    with path.open(encoding="utf-8") as file:
        return Scenario.model_validate(yaml.load(file, Loader=yaml.BaseLoader))  # noqa: S506  # BaseLoader makes nothing but text


def _of_cells(cells: Row) -> Ask:
    level, tier = cells["level"], cells["tier"]
    reference: dict[str, Any] = {"song": cells["song"], "level": level, "role": "lead"}
    if level == "parameter":
        reference["parameters"] = ["melody"]
    because = (cells["because"],) if "because" in cells else ()
    return Ask.model_validate(
        {
            "that": f"song {cells['song']} at {level} level for {tier} use is {cells['answer']}",
            "asks": {"references": [reference], "tier": tier},
            "answer": cells["answer"],
            "because": because,
            "instead": None,
        }
    )
