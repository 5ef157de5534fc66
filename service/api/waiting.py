"""Waiting for the log: read your own write, long polls, and where a question stands in time.

`as_of` is a position, an instant, or `now-7d`; `valid_at` an instant (contracts, section 2).
`?min_position=` waits until that position is visible, so that whoever wrote can read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, TypedDict

from fastapi import Depends, Path, Query, Request

from ledger.storage.contract import Reader
from schemas.period import parse_instant
from schemas.refusals import Malformed
from service.api.context import Context, Door
from service.api.problems import DoorError

MIN_POSITION_S: Final = 5.0
"""How long an answer waits for a position that it was asked to have seen."""

WAIT_S_MAX: Final = 60
"""The longest long poll: proxies close what is silent for longer."""

_AGO: Final = re.compile(r"now(?:-(?P<count>[0-9]{1,6})(?P<unit>[smhdw]))?")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_POSITION: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=(?P<seconds>[0-9]{1,4})(?:$|[,;\s])")


class BothAxes(TypedDict):
    """The two arguments that every question takes."""

    as_of: int | datetime | None
    valid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Axes:
    """When a question is asked about: what was recorded, and what was in force."""

    as_of: int | datetime | None
    valid_at: datetime | None

    @property
    def both(self) -> BothAxes:
        """Both, as the arguments of a projection's question."""
        return {"as_of": self.as_of, "valid_at": self.valid_at}


async def seen(
    door: Door,
    min_position: Annotated[
        int | None, Query(ge=1, description="Wait until this position is visible.")
    ] = None,
) -> None:
    """Wait until the log is visible up to `min_position`; `behind` (503) if it does not come."""
    if min_position is None:
        return
    head = await door.bell.wait_beyond(min_position - 1, MIN_POSITION_S)
    if head < min_position:
        raise DoorError("behind", f"the log is visible up to {head}", more={"position": head})


def axes(
    door: Door,
    as_of: Annotated[
        str | None, Query(description="A position, an instant (RFC 3339), or now-7d.")
    ] = None,
    valid_at: Annotated[str | None, Query(description="An instant (RFC 3339), or now-7d.")] = None,
) -> Axes:
    """Read both axes of a question."""
    known, valid = point_of(as_of, door), None
    if valid_at is not None:
        valid = _moment(valid_at, door, "valid_at", "an instant such as 2026-11-22T08:00:00Z")
    return Axes(known, valid)


def point_of(text: str | None, door: Context, name: str = "as_of") -> int | datetime | None:
    """Read a point on the recorded axis: a position, an instant, now-7d; None is the newest."""
    if text is None:
        return None
    if _POSITION.fullmatch(text):
        return int(text)
    return _moment(text, door, name, "a position, an instant such as 2026-11-22T08:00:00Z,")


def _moment(text: str, door: Context, name: str, due: str) -> datetime:
    ago = _AGO.fullmatch(text)
    try:
        if ago is None:
            return parse_instant(text)
        back = timedelta(**{_UNITS[ago["unit"]]: int(ago["count"])}) if ago["unit"] else timedelta()
        return door.instance.clock() - back
    except (Malformed, OverflowError) as error:
        said = f"{due} or now-7d is due, not {text[:64]!r}"
        raise DoorError("request_invalid", said, pointer=f"/query/{name}") from error


def until_of(reader: Reader, when: Axes) -> int:
    """Return the position at which a question to the log itself stands; `behind` beyond it."""
    if when.as_of is None:
        return reader.bound
    position = when.as_of if isinstance(when.as_of, int) else reader.position_at(when.as_of)
    if position > reader.bound:
        raise DoorError(
            "behind", f"the log is visible up to {reader.bound}", more={"position": reader.bound}
        )
    return position


def preferred_wait_s(request: Request) -> int:
    """Return how long the caller would wait for an answer: `Prefer: wait=30` (RFC 7240, 4.3)."""
    if request.scope.get("linernotes.is_head"):
        return 0
    found = _WAIT.search(request.headers.get("prefer", ""))
    return min(int(found["seconds"]), WAIT_S_MAX) if found else 0


Seen = Depends(seen)
POSITION_MAX: Final = 2**53 - 1
"""The greatest position: what every JSON reader holds exactly."""

AtPosition = Annotated[int, Path(ge=1, le=POSITION_MAX, description="A position of the log.")]
After = Annotated[
    int, Query(ge=0, le=POSITION_MAX, description="The position after which to begin.")
]
When = Annotated[Axes, Depends(axes)]
